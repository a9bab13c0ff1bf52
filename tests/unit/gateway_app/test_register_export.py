"""An export of the register is on record before its first exchange, and is refused where it cannot be."""

import json
from typing import Any

import pytest
from publicprotection.common.v1.organisation_pb2 import MARKING_OFFICIAL_SENSITIVE
from publicprotection.oversight.v1 import register_service_pb2 as pb2
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_SELF_MONITORING,
    ListLogQueriesRequest,
)
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.log_readers import ReaderView
from gateway.app.oversight import RegisterView, SubjectsNotShownError
from gateway.app.ports import StoreUnavailableError
from gateway.app.rows import RecordRow
from services.kit.access.actor import Actor, Role, Scope
from services.kit.directory import GATEWAY
from tests.support.acting import officer
from tests.support.gateway import Gateway, Sealed

pytestmark = pytest.mark.both_databases

NAME = "REGISTER_EXPORTED"


@pytest.fixture
async def sealed(gateway: Gateway) -> Sealed:
    """Released to the unit in part."""
    taken = gateway.step("contribution")
    assert await gateway.take(taken.arrival) == [None]
    return taken


async def export(gateway: Gateway, actor: Actor, **asked: Any) -> list[str]:
    request = pb2.ExportExchangesRequest(filter=pb2.RegisterFilter(**asked))
    pieces = RegisterView(gateway.store, gateway.tools).export(actor, request)
    return [each.exchange_id async for piece in pieces for each in piece.exchanges]


async def entries(gateway: Gateway) -> list[dict[str, Any]]:
    return [json.loads(row.entry or "") for row in await gateway.records(NAME)]


@pytest.mark.usefixtures("sealed")
async def test_an_export_says_who_took_what_and_names_nobody(gateway: Gateway) -> None:
    police = gateway.parties.of_kind("POLICE")
    asked = {
        "organisations": [police, "of-my-cousin"],
        "part": pb2.EXCHANGE_PART_SENDER,
        "document_types": ["AboutMyCousin"],
        "results": [pb2.EXCHANGE_RESULT_RELEASED_IN_PART],
        "rules": ["Cousin-1"],
        "markings": [MARKING_OFFICIAL_SENSITIVE],
        "thread": "cousin-0123456789",
        "victim_information": True,
    }
    assert await export(gateway, officer(), **asked) == []

    (entry,) = await entries(gateway)
    assert (entry["verb"], entry["purpose"], entry["queried"]) == ("CONSULTATION", "AREA_OVERSIGHT", "SOME")
    assert entry["organisation"] == officer().organisation
    assert entry["queried_exchange"] == "UNKNOWN"
    assert entry["filters"] == [
        ["ORGANISATION", police, "UNKNOWN"],
        ["PART", "SENDER"],
        ["DOCUMENT", "UNKNOWN"],
        ["RESULT", "RELEASED_IN_PART"],
        ["RULE", "UNKNOWN"],
        ["MARKING", "OFFICIAL_SENSITIVE"],
        ["ONLY", "VICTIM_INFORMATION"],
    ]
    written = json.dumps(entry).lower()
    assert "cousin" not in written
    assert officer().require_person().name.lower() not in written


async def test_a_rule_that_bore_on_a_decision_stands_as_it_is(gateway: Gateway, sealed: Sealed) -> None:
    view = RegisterView(gateway.store, gateway.tools)
    story = await view.find(officer(), sealed.exchange_id)
    assert story is not None
    rule = story.exchange.decisions[0].rules[0].rule

    assert await export(gateway, officer(), rules=[rule]) == [sealed.exchange_id]
    (entry,) = await entries(gateway)
    assert entry["filters"] == [["RULE", rule]]


async def test_a_person_stands_as_a_commitment(gateway: Gateway, sealed: Sealed) -> None:
    story = await RegisterView(gateway.store, gateway.tools).find(officer(), sealed.exchange_id)
    assert story is not None
    subject = story.exchange.subject

    assert await export(gateway, officer(), subject=subject) == [sealed.exchange_id]
    assert await export(gateway, officer(), subject="nobody-0123456789") == []
    known, unknown = await entries(gateway)
    assert known["subjects"]
    assert subject not in json.dumps(known)
    assert ("subjects" in unknown, unknown["filters"]) == (False, [["SUBJECT", "UNKNOWN"]])


async def test_a_period_and_the_whole_register(gateway: Gateway, sealed: Sealed) -> None:
    auditor = Actor(officer(GATEWAY).system, Role.AUDITOR, officer(GATEWAY).person, Scope.METADATA)
    request = pb2.ExportExchangesRequest()
    request.filter.since.FromJsonString("2026-01-01T00:00:00Z")
    view = RegisterView(gateway.store, gateway.tools)
    assert [piece async for piece in view.export(auditor, request)]
    assert await export(gateway, auditor) == [sealed.exchange_id]
    period, whole = await entries(gateway)
    assert (period["queried"], period["queried_from"]) == ("SOME", "2026-01-01T00:00:00+00:00")
    assert (whole["queried"], whole["purpose"], "filters" in whole) == ("ALL", "AUDIT", False)


async def test_it_is_durable_before_the_first_exchange(gateway: Gateway, sealed: Sealed) -> None:
    pieces = RegisterView(gateway.store, gateway.tools).export(officer(), pb2.ExportExchangesRequest())
    first = await anext(pieces)
    assert [each.exchange_id for each in first.exchanges] == [sealed.exchange_id]
    assert len(await gateway.records(NAME)) == 1
    await pieces.aclose()  # type: ignore[attr-defined]  # an asynchronous generator


async def test_nothing_is_given_that_cannot_be_put_on_record(
    gateway: Gateway, sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    unit_of_work = gateway.store.writing

    async def refuse(_self: Any, _row: RecordRow, _subjects: Any) -> None:
        raise StoreUnavailableError("full")

    async with unit_of_work() as unit:
        kind = type(unit.log)
    with monkeypatch.context() as full:
        full.setattr(kind, "append", refuse)
        with pytest.raises(StoreUnavailableError):
            await export(gateway, officer())
    assert await export(gateway, officer()) == [sealed.exchange_id]


@pytest.mark.usefixtures("sealed")
async def test_nothing_is_given_while_no_key_can_be_kept(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_self: Any) -> None:
        raise KeyStoreUnavailableError

    monkeypatch.setattr(type(gateway.tools.key_store.batch()), "save", refuse)
    with pytest.raises(KeyStoreUnavailableError):
        await export(gateway, officer())
    monkeypatch.undo()
    assert await gateway.records(NAME) == []


@pytest.mark.usefixtures("sealed")
async def test_an_export_that_is_refused_took_nothing(gateway: Gateway) -> None:
    police = officer(gateway.parties.of_kind("POLICE"))
    with pytest.raises(SubjectsNotShownError):
        await export(gateway, police, subject="nobody-0123456789")
    assert await gateway.records(NAME) == []


@pytest.mark.usefixtures("sealed")
async def test_whoever_looks_who_read_the_log_finds_who_took_files(gateway: Gateway) -> None:
    police = gateway.parties.of_kind("POLICE")
    await export(gateway, officer(police))
    while await gateway.sequencer.sequence_batch():
        pass
    asked = ListLogQueriesRequest(
        purpose=LOG_PURPOSE_SELF_MONITORING, acting=Acting(reason="Monthly check"), person="Ines Vale"
    )
    (found,) = await ReaderView(gateway.store, gateway.tools).list(officer(police), asked)
    assert (found.type, found.purpose, found.queried) == (NAME, "DATA_PROTECTION", "ALL")
    assert (found.asked_by.person, found.asked_by.reason) == (officer().require_person().name, "")
