"""Facts put on record outside an exchange's own header, and what they change.

Facts arrive only sealed. Who may assert which is decided by the core; what somebody asserted who may not is
kept from the decision there, and named in the record here (design section 3).
"""

import re
from collections.abc import Iterable
from typing import Final

from google.protobuf.json_format import MessageToDict
from publicprotection.exchange.v1 import answering_pb2, gateway_documents_pb2, outcome_pb2

from gateway.app.arrivals import Exchange, Rejection
from gateway.app.clocks.tracking import note_facts
from gateway.app.collecting import named_in
from gateway.app.envelopes import report
from gateway.app.fact_persons import find_unfit
from gateway.app.records import RecordType, commit_text, record
from gateway.app.redecide import redecide
from gateway.app.rows import FactRow, SubmissionRow
from gateway.app.tools import Work
from gateway.core.facts import FactScope, assertable_by, fact_scope, read_assertion
from gateway.core.model import Answer, KnownFact

UNKNOWN: Final = Rejection(
    "EXCHANGE_UNKNOWN", "There is no such exchange that this organisation takes part in."
)
# Parts of a document by field names and labels: nothing that a person could have written.
_PART: Final = re.compile(r"document(\.[a-z][a-z0-9_]{0,62}(\[[0-9a-f]{20}\])?){1,16}")


async def check_assertion(work: Work, exchange: Exchange) -> Rejection | None:
    """Whether the sender takes part in the exchange that it asserts facts about."""
    about = _document(exchange).exchange_id
    submission = await work.unit.submissions.find(about)
    if submission is None or await work.unit.register.find(about) is None:
        return UNKNOWN
    return None if exchange.sender in await _participants(work, submission) else UNKNOWN


async def take_assertion(work: Work, exchange: Exchange) -> None:
    """Puts the facts on record, decides again for those who wait, and tells asserter and sender."""
    about = _document(exchange).exchange_id
    facts = list(read_assertion(_document(exchange).facts, exchange.sender, work.at))
    kept = await assertable(work, about, exchange.sender, _answerer(exchange), facts)
    await keep_facts(work, about, exchange.exchange_id, kept)
    leaf = await _record(work, exchange, facts, kept)
    done = await redecide(work, about, leaf)
    await note_facts(work, about, {fact.name for fact in kept if fact.answer is Answer.YES})
    await report(work, exchange.sender, _recorded(exchange, leaf))
    target = await work.unit.register.find(about)
    if done and target is not None:
        outcome = outcome_pb2.Outcome(
            exchange_id=about,
            kind=outcome_pb2.OUTCOME_KIND_DECIDED,
            decisions=[each.decision for each in done],
            statements=[each.statement for each in done if each.statement is not None],
            record_hash=leaf,
            document_type=target.document_type,
        )
        await report(work, target.sender, outcome)


async def assertable(
    work: Work,
    about: str,
    organisation: str,
    answerer: answering_pb2.Answerer | None,
    facts: Iterable[KnownFact],
) -> list[KnownFact]:
    """Without what this person may not put on record, by the prerequisites that the facts meet."""
    stated = list(facts)
    unfit = await find_unfit(work, about, organisation, answerer, {fact.name for fact in stated})
    return [fact for fact in stated if fact.name not in unfit]


async def keep_facts(work: Work, about: str, asserted_in: str, facts: Iterable[KnownFact]) -> None:
    """Puts facts on record, except those about a party that is neither part of a document nor known."""
    rows = [
        FactRow(
            exchange_id=about,
            name=fact.name,
            party=fact.party,
            answer=fact.answer.value,
            organisation=fact.organisation,
            holds_from=fact.from_,
            holds_until=fact.until,
            recipient=fact.recipient,
            asserted_in=asserted_in,
            recorded_at=work.at,
        )
        for fact in facts
        if _is_nameable(work, fact.party)
    ]
    await work.unit.facts.add(rows)


def _is_nameable(work: Work, party: str | None) -> bool:
    if party is None or _PART.fullmatch(party):
        return True
    return work.tools.directory.organisation(party) is not None


async def _participants(work: Work, submission: SubmissionRow) -> set[str]:
    deliveries = await work.unit.deliveries.of_exchanges([submission.exchange_id])
    holds = await work.unit.holds.of_exchange(submission.exchange_id)
    return {
        submission.sender,
        *(delivery.organisation for delivery in deliveries),
        *(hold.organisation for hold in holds),
    }


async def _record(
    work: Work, exchange: Exchange, facts: Iterable[KnownFact], kept: Iterable[KnownFact]
) -> str:
    known = work.tools.directory.organisation(exchange.sender)
    kind = known.kind if known is not None else 0
    names = {fact.name for fact in facts}
    ignored = {
        name for name in names if fact_scope(name) is not FactScope.ITEM and kind not in assertable_by(name)
    } | (names - {fact.name for fact in kept})
    scope = exchange.exchange_id
    author = {
        "name": exchange.header.author.name,
        "role": exchange.header.author.role,
        "answerer": MessageToDict(_document(exchange).answerer, preserving_proto_field_name=True),
    }
    return await record(
        work,
        RecordType.FACTS_RECORDED,
        exchange=_document(exchange).exchange_id,
        asserted_in=scope,
        sender=exchange.sender,
        facts=sorted(names - ignored),
        facts_ignored=sorted(ignored),
        about=await named_in(work, _document(exchange).exchange_id),
        seal_hash=exchange.opened.seal_hash,
        author_commitment=await commit_text(work, scope, scope, "author", author),
    )


def _recorded(exchange: Exchange, leaf: str) -> outcome_pb2.Outcome:
    return outcome_pb2.Outcome(
        exchange_id=exchange.exchange_id,
        kind=outcome_pb2.OUTCOME_KIND_FACTS_RECORDED,
        record_hash=leaf,
        document_type=exchange.document_type,
    )


def _answerer(exchange: Exchange) -> answering_pb2.Answerer | None:
    document = _document(exchange)
    return document.answerer if document.HasField("answerer") else None


def _document(exchange: Exchange) -> gateway_documents_pb2.FactAssertion:
    if not isinstance(exchange.document, gateway_documents_pb2.FactAssertion):
        raise TypeError("not an assertion of facts")
    return exchange.document
