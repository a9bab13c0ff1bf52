"""Who answers a hold: held against what is in force, the exchange's author, and who turned other keys.

People are compared by keyed digests of their id and their name: the gateway keeps neither (design section 2).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from publicprotection.exchange.v1 import answering_pb2, gateway_documents_pb2

from gateway.app.arrivals import Exchange
from gateway.app.digests import digest_person, digest_person_name, same_name
from gateway.app.records import read_text
from gateway.app.rows import HoldKeyRow, HoldRow, HoldState
from gateway.app.tools import Work
from gateway.core.prerequisites import requirement_of
from services.kit.evidence.answering import AnswerFault, Answering, Turned, find_fault, missing_keys


@dataclass(frozen=True, slots=True)
class Turning:
    """An answer that may be taken.

    Attributes:
        key: the key that it turns.
        requirement: of the hold, by the rulebook in force.
        turned: keys to this hold that were turned before.
    """

    key: int
    requirement: answering_pb2.AnswerRequirement
    turned: Sequence[HoldKeyRow]

    @property
    def is_last(self) -> bool:
        """Whether no key is left after this one."""
        return not missing_keys(self.requirement, {self.key, *(row.key for row in self.turned)})


async def examine(work: Work, exchange: Exchange, hold: HoldRow) -> AnswerFault | Turning | None:
    """Whether the person who answers may, on the evidence stated.

    Args:
        work: the unit of work.
        exchange: the answer.
        hold: open.

    Returns:
        Why not; or which key the answer turns; None where the rules in force ask this organisation no more.
    """
    requirement = requirement_now(work, hold)
    if requirement is None:
        return None
    document = _document(exchange)
    answerer = document.answerer if document.HasField("answerer") else None
    all_turned = await work.unit.holds.turned([hold.exchange_id])
    own = [row for row in all_turned if row.hold_id == hold.hold_id]
    apart = await _granted(work, hold, requirement.apart_from, all_turned)
    answering = Answering(
        answerer,
        exchange.sender,
        await is_author(work, exchange.sender, hold.exchange_id, answerer),
        [_turned(work, row, answerer, row.key) for row in own]
        + [_turned(work, row, answerer, None) for row in apart],
    )
    declines = document.verdict == gateway_documents_pb2.HOLD_VERDICT_DECLINE
    found = find_fault(requirement, answering, None if declines else document.evidence)
    return found if isinstance(found, AnswerFault) else Turning(found, requirement, own)


def requirement_now(work: Work, hold: HoldRow) -> answering_pb2.AnswerRequirement | None:
    """What an answer must be by the rulebook in force; None where it asks this organisation no more."""
    prerequisite = work.tools.prerequisites.get(hold.prerequisite)
    return None if prerequisite is None else requirement_of(prerequisite, hold.asked_as)


def key_row(work: Work, exchange: Exchange, hold: HoldRow, turning: Turning) -> HoldKeyRow:
    """That a key was turned, as it is kept."""
    answerer = _document(exchange).answerer
    return HoldKeyRow(
        hold_id=hold.hold_id,
        exchange_id=hold.exchange_id,
        prerequisite=hold.prerequisite,
        key=turning.key,
        organisation=exchange.sender,
        person=digest_person(work.tools.key_store, answerer.subject),
        name=digest_person_name(work.tools.key_store, answerer.name),
        job=answerer.job,
        answered_in=exchange.exchange_id,
        at=work.at,
    )


async def _granted(
    work: Work, hold: HoldRow, prerequisites: Sequence[str], turned: Sequence[HoldKeyRow]
) -> list[HoldKeyRow]:
    """Keys turned to the granted holds that this one is to be apart from."""
    if not prerequisites:
        return []
    granted = {
        each.hold_id
        for each in await work.unit.holds.of_exchange(hold.exchange_id)
        if each.state is HoldState.GRANTED and each.prerequisite in prerequisites
    }
    return [row for row in turned if row.hold_id in granted]


def _turned(work: Work, row: HoldKeyRow, answerer: answering_pb2.Answerer | None, key: int | None) -> Turned:
    store = work.tools.key_store
    same = answerer is not None and (
        row.person == digest_person(store, answerer.subject)
        or row.name == digest_person_name(store, answerer.name)
    )
    return Turned(key, row.organisation, same)


async def is_author(
    work: Work, organisation: str, about: str, answerer: answering_pb2.Answerer | None
) -> bool | None:
    """Whether a person of an organisation is the author of an exchange; None where the author was erased."""
    registered = await work.unit.register.find(about)
    if answerer is None or registered is None or registered.sender != organisation:
        return False
    row = await work.unit.texts.find(about, "author")
    keys = await work.secrets.find_keys([row.key_scope] if row else [])
    if row is None or row.key_scope not in keys:
        return None
    author = json.loads(read_text(row, keys[row.key_scope]))
    return same_name(author["name"]) == same_name(answerer.name)


def _document(exchange: Exchange) -> gateway_documents_pb2.HoldAnswer:
    if not isinstance(exchange.document, gateway_documents_pb2.HoldAnswer):
        raise TypeError("not an answer to a hold")
    return exchange.document
