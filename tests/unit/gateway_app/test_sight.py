"""Who sees what at the gateway: the area, the own organisation, or metadata alone."""

import json
from dataclasses import replace
from typing import Any

import pytest
from publicprotection.exchange.v1.directory_service_pb2 import Organisation
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_SELF_MONITORING,
    GetRecordRequest,
    ListRecordsRequest,
    LogRecord,
)
from publicprotection.oversight.v1.register_service_pb2 import ListExchangesRequest
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.app.log_view import LogView, RecordUnknownError
from gateway.app.oversight import RegisterView
from gateway.app.sight import NOTHING, sight_of
from services.kit.access.actor import Actor, Role, Scope, System
from services.kit.directory import GATEWAY
from tests.support.acting import officer
from tests.support.gateway import Gateway, Sealed
from tests.support.identity import as_person

ELSEWHERE = "essex"
ASKED: dict[str, Any] = {"purpose": LOG_PURPOSE_SELF_MONITORING, "acting": Acting(reason="Monthly check")}


def auditor() -> Actor:
    person = as_person(GATEWAY, Role.AUDITOR)
    return Actor(System(GATEWAY, "audit"), Role.AUDITOR, person, Scope.METADATA)


@pytest.fixture
async def sealed(gateway: Gateway) -> Sealed:
    taken = gateway.step("contribution")
    await gateway.take(taken.arrival)
    while await gateway.sequencer.sequence_batch():
        pass
    return taken


async def register(gateway: Gateway, actor: Actor, sealed: Sealed) -> Any:
    """The exchange as listed and as found, which are the same; None if it is not seen."""
    view = RegisterView(gateway.store, gateway.tools)
    listed = (await view.page(actor, ListExchangesRequest())).exchanges
    found = await view.find(actor, sealed.exchange_id)
    assert list(listed) == ([] if found is None else [found.exchange])
    return None if found is None else found.exchange


async def records(gateway: Gateway, actor: Actor, **asked: Any) -> list[LogRecord]:
    view = LogView(gateway.store, gateway.tools)
    return await view.page(actor, ListRecordsRequest(**ASKED, **asked))


async def test_a_coordinator_sees_the_exchanges_of_the_area(gateway: Gateway, sealed: Sealed) -> None:
    found = await register(gateway, officer(), sealed)
    assert found.decisions
    assert found.subject
    assert sealed.exchange_id in {
        json.loads(each.entry).get("exchange") for each in await records(gateway, officer())
    }


@pytest.mark.parametrize("area", [ELSEWHERE, ""])
async def test_a_coordinator_of_another_area_or_of_none_sees_none_of_them(
    gateway: Gateway, sealed: Sealed, area: str
) -> None:
    other = officer(area=area)
    assert await register(gateway, other, sealed) is None
    seen = [json.loads(each.entry) for each in await records(gateway, other)]
    assert not [entry for entry in seen if entry.get("exchange") == sealed.exchange_id]
    (collection,) = await records(gateway, officer(), types=["COLLECTION"])
    with pytest.raises(RecordUnknownError):
        await LogView(gateway.store, gateway.tools).get(
            other, GetRecordRequest(**ASKED, index=collection.index, with_texts=True)
        )


async def test_pages_are_full_although_much_is_outside(gateway: Gateway, sealed: Sealed) -> None:
    """Whoever pages does not stop at a page that holds nothing of the area."""
    assert sealed.exchange_id
    every = await records(gateway, officer())
    one_by_one: list[LogRecord] = []
    while page := await records(
        gateway, officer(), page_size=1, types=["COLLECTION", "DISCLOSURE", "REFUSAL", "HOLD"],
        **({"after_index": one_by_one[-1].index} if one_by_one else {}),
    ):  # fmt: skip
        one_by_one += page
    kinds = {"COLLECTION", "DISCLOSURE", "REFUSAL", "HOLD"}
    assert [each.index for each in one_by_one] == [
        each.index for each in every if json.loads(each.entry)["type"] in kinds
    ]


async def test_an_officer_sees_what_the_own_organisation_sent(gateway: Gateway, sealed: Sealed) -> None:
    found = await register(gateway, officer(sealed.organisation), sealed)
    assert found.decisions
    assert not found.subject
    assert all(
        each.excerpt and not each.entry for each in await records(gateway, officer(sealed.organisation))
    )


async def test_an_officer_of_a_recipient_is_not_told_what_was_decided_for_others(
    gateway: Gateway, sealed: Sealed
) -> None:
    whole = await register(gateway, officer(), sealed)
    recipients = {each.organisation for each in whole.deliveries} - {sealed.organisation}
    assert recipients
    for recipient in recipients:
        found = await register(gateway, officer(recipient, Scope.ORGANISATION), sealed)
        assert not found.decisions
        assert {each.organisation for each in found.deliveries} == {recipient}


async def test_an_officer_elsewhere_sees_nothing(gateway: Gateway, sealed: Sealed) -> None:
    assert await register(gateway, officer(gateway.parties.of_kind("ADULT_SERVICES")), sealed) is None


async def test_an_auditor_sees_ids_times_and_codes_and_nobody(gateway: Gateway, sealed: Sealed) -> None:
    found = await register(gateway, auditor(), sealed)
    assert not found.subject
    for decision in found.decisions:
        assert decision.outcome
        assert not list(decision.released) + list(decision.withheld) + list(decision.held)
    (collection,) = await records(gateway, auditor(), types=["COLLECTION"])
    assert json.loads(collection.entry)["exchange"] == sealed.exchange_id
    opened = await LogView(gateway.store, gateway.tools).get(
        auditor(), GetRecordRequest(**ASKED, index=collection.index, with_texts=True)
    )
    assert not opened.texts


@pytest.mark.parametrize("scope", [Scope.NONE, Scope.DESK])
async def test_another_scope_shows_nothing(gateway: Gateway, sealed: Sealed, scope: Scope) -> None:
    actor = replace(officer(), scope=scope)
    assert sight_of(actor, gateway.tools.directory) == NOTHING
    assert await register(gateway, actor, sealed) is None
    assert await records(gateway, actor) == []


def test_an_area_is_that_of_the_directory(gateway: Gateway) -> None:
    moved = Organisation()
    moved.CopyFrom(gateway.tools.directory.organisations["kent-police"])
    moved.area = ELSEWHERE
    directory = replace(
        gateway.tools.directory,
        organisations={**gateway.tools.directory.organisations, "kent-police": moved},
    )
    assert sight_of(officer(area=ELSEWHERE), directory).organisations == frozenset({"kent-police"})
    assert "kent-police" not in (sight_of(officer(), directory).organisations or ())
