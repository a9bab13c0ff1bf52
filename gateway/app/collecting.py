"""Taking an exchange into the register, and on record: what its sender stated of it (DPA 2018 s.62(1)(a))."""

from dataclasses import replace

from gateway.app.arrivals import Exchange
from gateway.app.records import RecordType, commit_text, record
from gateway.app.register.keeping import tells_of_victims
from gateway.app.rows import ExchangeRow
from gateway.app.subjects import Found
from gateway.app.summaries import describe_exchange, describe_facts
from gateway.app.tools import Work
from gateway.core.documents import descriptor_of
from gateway.core.recorded import recorded_leaves


async def collect(work: Work, exchange: Exchange, found: Found) -> ExchangeRow:
    """Registers an exchange and records that it was taken.

    Args:
        work: the unit of work.
        exchange: as sealed.
        found: whom it names, registered.

    Returns:
        Its row in the register.
    """
    unplaced = await _exchange_row(work, exchange, found)
    registered = replace(unplaced, position=await work.unit.register.add(unplaced))
    mentions = found.mentions(exchange.exchange_id)
    await record(
        work,
        RecordType.COLLECTION,
        exchange=exchange.exchange_id,
        recipients=[f"{each.organisation}/{each.desk}" for each in exchange.header.recipients],
        sealed_at=exchange.opened.issued_at.isoformat(),
        facts_known=describe_facts(exchange, ()),
        mentioned=[(row.about or "OTHER", row.subject_id) for row in mentions if not row.is_case],
        about=[row.subject_id for row in mentions],
        **describe_exchange(work.tools, exchange, registered),
    )
    return registered


async def named_in(work: Work, exchange_id: str) -> tuple[str, ...]:
    """Made-up ids of whom an exchange names: under them its later records are listed too."""
    return tuple({row.subject_id: None for row in await work.unit.subjects.mentioned(exchange_id)})


async def _exchange_row(work: Work, exchange: Exchange, found: Found) -> ExchangeRow:
    header, scope = exchange.header, exchange.exchange_id
    author = {"name": header.author.name, "role": header.author.role}
    return ExchangeRow(
        exchange_id=scope,
        sender=exchange.sender,
        document_type=exchange.document_type,
        purpose=header.purpose,
        urgency=header.urgency,
        decided_at=work.at,
        subject_id=found.subject_id,
        in_reply_to=await _known_reply(work, header.in_reply_to),
        author_commitment=await commit_text(work, scope, scope, "author", author),
        necessity_commitment=await commit_text(work, scope, scope, "necessity", header.necessity),
        grounds_commitment=await _commit_grounds(work, exchange),
        thread_id=await _thread_of(work, header.in_reply_to, scope),
        marking=header.marking,
        bases=tuple(map(str, header.lawful_bases)),
        victim=tells_of_victims(exchange.document_type, exchange.leaves),
    )


async def _commit_grounds(work: Work, exchange: Exchange) -> str | None:
    """What of the document belongs to the record of the decision (MAPPA 10.8)."""
    grounds = recorded_leaves(descriptor_of(exchange.document), exchange.leaves)
    if not grounds:
        return None
    return await commit_text(work, exchange.exchange_id, exchange.exchange_id, "grounds", grounds)


async def _thread_of(work: Work, in_reply_to: str, own: str) -> str:
    """The thread of the exchange answered, if it is in the register; asked for whether it is or not."""
    earlier = await work.unit.register.find(in_reply_to or own)
    return own if earlier is None else earlier.thread_id


async def _known_reply(work: Work, in_reply_to: str) -> str | None:
    """The exchange answered; a text that names none is the caller's own and is not kept."""
    if not in_reply_to or await work.unit.submissions.find(in_reply_to) is None:
        return None
    return in_reply_to
