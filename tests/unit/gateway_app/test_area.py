"""A co-ordinator, or a unit's officer, finds and changes nothing about people and exchanges of another area.

The answer, and the calls of the store behind it, are those for what does not exist.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK
from publicprotection.oversight.v1 import retention_service_pb2 as pb2
from publicprotection.oversight.v1.disclosure_log_service_pb2 import LOG_PURPOSE_SELF_MONITORING
from publicprotection.oversight.v1.subject_service_pb2 import (
    CONFLICT_VERDICT_SAME_PERSON,
    FindSubjectsRequest,
    GetSubjectRequest,
    ListCandidatesRequest,
    ListConflictsRequest,
)

from gateway.adapters.database.evidence import TextTable
from gateway.adapters.database.exchanges import HoldTable, RegisterTable, SubmissionTable
from gateway.adapters.database.log import LogTable
from gateway.adapters.database.retention import ExpiryTable, LegalHoldTable
from gateway.adapters.database.subjects import SubjectTable
from gateway.adapters.keystore import KeyStoreFile
from gateway.app.due import DueView
from gateway.app.erasing import EraseDesk
from gateway.app.legal_holds import LegalHoldDesk, UnknownItemError
from gateway.app.subject_acts import Act, UnknownSubjectError
from services.kit.access.actor import Scope
from tests.support.acting import officer
from tests.support.gateway import Gateway
from tests.support.spying import Spy
from tests.unit.gateway_app.test_subject_service import (
    ACT,
    ASKING,
    CRN,
    OTHER_PNC,
    PNC,
    conflicts,
    desk,
    one,
    send,
    stating,
    view,
)

STRANGERS = {
    "another area": officer(area="essex"),
    "no area": officer(area=""),
    "metadata alone": replace(officer(), scope=Scope.METADATA),
    "no scope": replace(officer(), scope=Scope.NONE),
}
ABSENT = "0" * 26
TABLES = (
    ExpiryTable,
    HoldTable,
    KeyStoreFile,
    LegalHoldTable,
    LogTable,
    RegisterTable,
    SubjectTable,
    SubmissionTable,
    TextTable,
)


@dataclass(frozen=True)
class Known:
    """What there is in the area of the unit."""

    subject: str
    other: str
    entry: str
    conflict: str
    exchange: str
    on_subject: str
    on_exchange: str


Try = Callable[[Gateway, Act, Known], Awaitable[Any]]


@pytest.fixture
async def known(gateway: Gateway) -> Known:
    [sealed, *_] = await send(gateway, stating(PNC, CRN), stating(OTHER_PNC, CRN))
    [conflict] = await conflicts(gateway)
    subject, other = await one(gateway, PNC), await one(gateway, OTHER_PNC)
    entry = subject.entries[-1].entry
    holds = LegalHoldDesk(gateway.store, gateway.tools)
    on_subject = await holds.place(ACT, subject.subject, "")
    on_exchange = await holds.place(ACT, "", sealed.exchange_id)
    ids = (subject.subject, other.subject, entry, conflict.conflict_id, sealed.exchange_id)
    return Known(*ids, on_subject, on_exchange)


async def _candidates(gateway: Gateway, act: Act, known: Known) -> Any:
    request = ListCandidatesRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING, subject=known.subject)
    return await view(gateway).candidates(act.actor, request)


async def _get(gateway: Gateway, act: Act, known: Known) -> Any:
    request = GetSubjectRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING, subject=known.subject)
    return await view(gateway).show(act.actor, request)


async def _after(gateway: Gateway, act: Act, known: Known) -> Any:
    request = ListConflictsRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING, after_conflict=known.conflict)
    return await view(gateway).conflicts(act.actor, request)


def _holds(gateway: Gateway) -> LegalHoldDesk:
    return LegalHoldDesk(gateway.store, gateway.tools)


def _erase(gateway: Gateway) -> EraseDesk:
    return EraseDesk(gateway.store, gateway.tools)


TRIES: dict[str, Try] = {
    "get": _get,
    "list candidates": _candidates,
    "page after a conflict": _after,
    "confirm": lambda gateway, act, known: desk(gateway).confirm(act, known.subject, known.other),
    "reject": lambda gateway, act, known: desk(gateway).reject(act, known.subject, known.other),
    "resolve": lambda gateway, act, known: desk(gateway).resolve(
        act, known.conflict, CONFLICT_VERDICT_SAME_PERSON
    ),
    "unlink": lambda gateway, act, known: desk(gateway).unlink(act, known.subject, [known.entry]),
    "hold a subject": lambda gateway, act, known: _holds(gateway).place(act, known.subject, ""),
    "hold an exchange": lambda gateway, act, known: _holds(gateway).place(act, "", known.exchange),
    "lift from a subject": lambda gateway, act, known: _holds(gateway).lift(act, known.on_subject),
    "lift from an exchange": lambda gateway, act, known: _holds(gateway).lift(act, known.on_exchange),
    "erase a subject": lambda gateway, act, known: _erase(gateway).erase_subject(
        act, known.subject, recall=True
    ),
    "erase an exchange": lambda gateway, act, known: _erase(gateway).erase_exchange(
        act, known.exchange, recall=True
    ),
}
NOTHING = Known(*[ABSENT] * 7)


async def attempt(gateway: Gateway, spy: Spy, act: Act, known: Known, name: str) -> tuple[str, list[str]]:
    """The refusal, and what was called for it."""
    spy.take()
    with pytest.raises((UnknownSubjectError, UnknownItemError)) as refusal:
        await TRIES[name](gateway, act, known)
    return repr(refusal.value), spy.take()


async def test_what_is_of_another_area_is_as_what_is_not(
    gateway: Gateway, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch, TABLES, without=["KeyStoreFile.data_key"])
    for actor in STRANGERS.values():
        act = Act(actor, ASKING.reason)
        for name in TRIES:
            hidden = await attempt(gateway, spy, act, known, name)
            absent = await attempt(gateway, spy, act, NOTHING, name)
            assert hidden == absent, name
            assert {call for call in hidden[1] if call.endswith(".concerning")}, name


async def test_nobody_of_another_area_is_found(
    gateway: Gateway, known: Known, monkeypatch: pytest.MonkeyPatch
) -> None:
    spy = Spy(monkeypatch, TABLES, without=["KeyStoreFile.data_key"])

    async def find(actor: Any, number: str) -> tuple[Any, list[str]]:
        asked = FindSubjectsRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING)
        asked.identifiers.add(system=PNC[0], value=number)
        spy.take()
        return await view(gateway).find(actor, asked), spy.take()

    assert known.subject
    for actor in STRANGERS.values():
        hidden, absent = await find(actor, PNC[1]), await find(actor, "2011/0299999Z")
        assert hidden == absent
        assert hidden[0] == []
    [match], _ = await find(officer(), PNC[1])
    assert match.subject.subject == known.subject


@pytest.mark.parametrize("who", STRANGERS)
async def test_lists_hold_nothing_of_another_area(gateway: Gateway, known: Known, who: str) -> None:
    actor, acting = STRANGERS[who], {"purpose": LOG_PURPOSE_SELF_MONITORING, "acting": ASKING}
    waiting = ListConflictsRequest(purpose=PURPOSE_MANAGE_RISK, acting=ASKING)
    due = pb2.ListDueRequest(**acting)  # type: ignore[arg-type]
    due.until.FromDatetime(datetime(2060, 1, 1, tzinfo=UTC))
    held = pb2.ListLegalHoldsRequest(**acting)  # type: ignore[arg-type]
    assert await view(gateway).conflicts(actor, waiting) == []
    assert await _holds(gateway).list(actor, held) == []
    assert not [
        each for each in await DueView(gateway.store, gateway.tools).list(actor, due) if each.exchange_id
    ]
    seen = await _holds(gateway).list(officer(), held)
    assert [each.legal_hold_id for each in seen] == [known.on_subject, known.on_exchange]
    mine = await DueView(gateway.store, gateway.tools).list(officer(), due)
    assert known.exchange in {each.exchange_id for each in mine}
