"""Deciding again for those who wait: from the ciphertext kept, with the facts now on record."""

from collections.abc import Iterable
from dataclasses import replace

from gateway.app.agreed_now import decide_now
from gateway.app.arrivals import Exchange, Rejection, read_exchange
from gateway.app.clocks.tracking import note_decision
from gateway.app.collecting import named_in
from gateway.app.figures.noting import note_again
from gateway.app.past_decisions import keep_abstract
from gateway.app.register.keeping import relist
from gateway.app.release import Before, Done, carry_out
from gateway.app.resting import UnreadableError
from gateway.app.retention import drop_settled, reopen_seal
from gateway.app.rows import FactRow, HoldRow, HoldState, SubmissionRow
from gateway.app.subjects import Found, find_people, tell_people
from gateway.app.tools import Work
from gateway.core.model import Answer, Case, Desk, KnownFact, Ruling
from services.kit.evidence.opening import open_seal


class KeptExchangeError(Exception):
    """What was kept of a held exchange cannot be read any more."""


async def redecide(work: Work, exchange_id: str, cause: str, also: Iterable[Desk] = ()) -> list[Done]:
    """Decides an exchange again for every desk with an open hold.

    Args:
        work: the unit of work.
        exchange_id: an exchange in the register.
        cause: hash of the record of what made it necessary; covers what needs no record of its own.
        also: further desks, such as that of a hold just closed.

    Returns:
        What it came to for each desk concerned; nothing where no ciphertext is kept, and so nothing waits.

    Raises:
        KeptExchangeError: the ciphertext cannot be opened.
    """
    submission = await work.unit.submissions.find(exchange_id)
    registered = await work.unit.register.find(exchange_id)
    if submission is None or registered is None or submission.ciphertext is None:
        return []
    exchange = await _reopen(work, submission, submission.ciphertext)
    holds = await work.unit.holds.of_exchange(exchange_id)
    kept = await work.unit.deliveries.of_exchanges([exchange_id])
    deliveries = [each for each in kept if not each.is_withdrawn]  # nobody got what was withdrawn
    waiting = {_desk_of(hold) for hold in holds if hold.state is HoldState.OPEN} | set(also)
    found = await find_people(work, exchange)
    case = await _case(work, exchange, found)
    so_far = Before(tuple(deliveries), tuple(holds), cause, case.facts, await named_in(work, exchange_id))
    rulings = [ruling for ruling in await decide_now(work, case) if ruling.recipient in waiting]
    await keep_abstract(work, case, again=True)
    done = [
        await carry_out(work, exchange, registered, ruling, _before(ruling, so_far)) for ruling in rulings
    ]
    await tell_people(work, exchange, found, rulings)
    await note_decision(work, exchange, registered, case, rulings, done, again=True)
    await relist(work, exchange_id)
    note_again(work, registered, [each.decision for each in done])
    await drop_settled(work, exchange_id)
    return done


async def rule_again(work: Work, exchange_id: str) -> tuple[Ruling, ...]:
    """What would be decided now for each recipient of an exchange; nothing of it is carried out.

    Returns:
        The rulings; none where no ciphertext is kept.

    Raises:
        KeptExchangeError: the ciphertext cannot be opened.
    """
    submission = await work.unit.submissions.find(exchange_id)
    if submission is None or submission.ciphertext is None:
        return ()
    exchange = await _reopen(work, submission, submission.ciphertext)
    return await decide_now(work, await _case(work, exchange, await find_people(work, exchange)))


async def _reopen(work: Work, submission: SubmissionRow, ciphertext: bytes) -> Exchange:
    try:
        seal = await reopen_seal(work, submission.exchange_id, ciphertext)
    except UnreadableError:
        raise KeptExchangeError("UNREADABLE") from None
    # Verified as of its arrival: a key that has expired since was good when it was taken.
    keys = work.tools.directory.keys.verifying_at(submission.received_at)
    limit = work.tools.limits.submission_octets
    exchange = read_exchange(open_seal(seal, keys, max_bytes=limit), work.tools)
    if isinstance(exchange, Rejection):
        raise KeptExchangeError(exchange.reason)
    return exchange


async def _case(work: Work, exchange: Exchange, found: Found) -> Case:
    rows = await work.unit.facts.of_exchange(exchange.exchange_id)
    return Case(
        exchange_id=exchange.exchange_id,
        document_type=exchange.document_type,
        header=exchange.header,
        document=exchange.document,
        leaves=exchange.leaves,
        facts=tuple(_known(row) for row in rows),
        at=work.at,
        known_parties=found.known_parties,
    )


def _known(row: FactRow) -> KnownFact:
    return KnownFact(
        name=row.name,
        party=row.party,
        answer=Answer(row.answer),
        organisation=row.organisation,
        from_=row.holds_from,
        until=row.holds_until,
        recipient=row.recipient,
    )


def _before(ruling: Ruling, so_far: Before) -> Before:
    """Of all that happened so far, what concerns one recipient."""
    to = ruling.recipient
    return replace(
        so_far,
        deliveries=tuple(each for each in so_far.deliveries if Desk(each.organisation, each.desk) == to),
        holds=tuple(hold for hold in so_far.holds if _desk_of(hold) == to),
    )


def _desk_of(hold: HoldRow) -> Desk:
    return Desk(hold.recipient_organisation, hold.recipient_desk)
