"""The register as things happen: what an exchange is found by follows how it stands, for whoever asks."""

from datetime import timedelta
from typing import Any

import pytest
from publicprotection.common.v1.person_pb2 import IDENTIFIER_SYSTEM_PNC_ID, Identifier
from publicprotection.exchange.v1 import recall_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.header_pb2 import Header
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_RECEIVED
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.app.destroying import forget_exchanges
from gateway.app.oversight import CursorUnreadableError, NoPositionsError, RegisterView, SubjectsNotShownError
from gateway.app.register.saved import (
    MOST,
    FilterDesk,
    NameTellsError,
    TooManyFiltersError,
    UnknownFilterError,
)
from gateway.app.subject_acts import open_work
from services.kit.access.actor import Actor
from tests.support.acting import officer
from tests.support.gateway import Gateway, Sealed

pytestmark = pytest.mark.both_databases

RELEASED, IN_PART, HELD, REFUSED, RECALLED = (1, 2, 3, 4, 5)
ELSEWHERE = "essex"


def identify(number: str) -> Any:
    def change(_header: Header, document: Any) -> None:
        del document.subject.identifiers[:]
        document.subject.identifiers.append(Identifier(system=IDENTIFIER_SYSTEM_PNC_ID, value=number))

    return change


@pytest.fixture
async def sealed(gateway: Gateway) -> Sealed:
    """Released to the unit in part: the police are asked for the rest."""
    taken = gateway.step("contribution", change=identify("2009/0190441M"))
    assert await gateway.take(taken.arrival) == [None]
    return taken


async def found(gateway: Gateway, actor: Actor, **asked: Any) -> list[str]:
    request = pb2.ListExchangesRequest(filter=pb2.RegisterFilter(**asked), newest_first=True, in_short=True)
    page = await RegisterView(gateway.store, gateway.tools).page(actor, request)
    return [each.exchange_id for each in page.exchanges]


def probation(gateway: Gateway) -> Actor:
    return officer(gateway.parties.of_kind("PROBATION"))


async def test_a_hold_that_is_granted_moves_an_exchange_from_in_part_to_released(
    gateway: Gateway, sealed: Sealed
) -> None:
    own, police = [sealed.exchange_id], gateway.parties.of_kind("POLICE")
    assert await found(gateway, officer(), results=[IN_PART]) == own
    assert await found(gateway, probation(gateway), results=[IN_PART], rules=["MAPPA-22.20"]) == own
    assert await found(gateway, officer(), results=[RELEASED]) == []
    [asked], _ = await gateway.received(police)
    hold_id = asked.decisions[0].held[0].hold_id
    await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_GRANT).arrival)
    assert await found(gateway, officer(), results=[RELEASED]) == own
    assert await found(gateway, officer(), results=[IN_PART]) == []
    assert await found(gateway, officer(), rules=["MAPPA-22.20"]) == own, "it bore on the exchange"


async def test_what_everybody_acknowledged_is_not_found_as_waiting(gateway: Gateway, sealed: Sealed) -> None:
    unit = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT")
    _, [(delivery, _)] = await gateway.received(unit)
    for actor in (officer(), probation(gateway)):
        assert await found(gateway, actor, not_acknowledged=True) == [sealed.exchange_id]
    await gateway.take(gateway.receipt(unit, delivery))
    assert await found(gateway, officer(), not_acknowledged=True) == [sealed.exchange_id]
    await gateway.take(gateway.acknowledgement(unit, delivery, ACKNOWLEDGEMENT_KIND_RECEIVED))
    for actor in (officer(), probation(gateway)):
        assert await found(gateway, actor, not_acknowledged=True) == []


async def test_what_was_taken_back_is_found_as_recalled_and_as_held_no_more(
    gateway: Gateway, sealed: Sealed
) -> None:
    await gateway.received(gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"))
    document = recall_pb2.ExchangeRecall(
        recalled_exchange_id=sealed.exchange_id, kind=recall_pb2.RECALL_KIND_SENT_IN_ERROR, reason="Mistaken."
    )
    recalled = gateway.to_gateway(sealed.organisation, document)
    assert await gateway.take(recalled.arrival) == [None]
    assert await found(gateway, officer(), results=[RECALLED]) == [sealed.exchange_id]
    assert await found(gateway, officer(), results=[HELD]) == []
    story = await RegisterView(gateway.store, gateway.tools).find(officer(), sealed.exchange_id)
    assert story is not None
    assert story.recall.recall_id == recalled.exchange_id
    assert [told.organisation for told in story.recall.told] == ["kent-mappa-unit"]
    assert story.exchange.HasField("recalled_at")


async def test_what_is_forgotten_is_listed_nowhere(gateway: Gateway, sealed: Sealed) -> None:
    async with open_work(gateway.store, gateway.tools) as work:
        await forget_exchanges(work, [sealed.exchange_id])
    for actor in (officer(), probation(gateway)):
        assert await found(gateway, actor) == []
        assert await found(gateway, actor, document_types=["AgencyContribution"]) == []


async def test_a_recipient_for_whom_all_is_refused_or_held_finds_nothing(gateway: Gateway) -> None:
    refused = gateway.step("section-42")
    await gateway.take(refused.arrival)
    assert await found(gateway, officer(), results=[REFUSED]) == [refused.exchange_id]
    adults = officer(gateway.parties.of_kind("ADULT_SERVICES"))
    assert await found(gateway, adults) == []
    assert await RegisterView(gateway.store, gateway.tools).find(adults, refused.exchange_id) is None


async def test_a_subject_of_another_area_tells_nothing(gateway: Gateway, sealed: Sealed) -> None:
    async with gateway.store.reading() as unit:
        [case] = [row for row in await unit.subjects.mentioned(sealed.exchange_id) if row.is_case]
    view, other = RegisterView(gateway.store, gateway.tools), officer(area=ELSEWHERE)

    async def answer(subject: str) -> bytes:
        request = pb2.ListExchangesRequest(filter=pb2.RegisterFilter(subject=subject), newest_first=True)
        return (await view.page(other, request)).SerializeToString()

    assert await answer(case.subject_id) == await answer("0" * 32)
    assert await found(gateway, officer(), subject=case.subject_id) == [sealed.exchange_id]
    with pytest.raises(SubjectsNotShownError):
        await found(gateway, probation(gateway), subject=case.subject_id)


async def test_a_cursor_is_no_count_and_opens_for_nobody_else(gateway: Gateway, sealed: Sealed) -> None:
    await gateway.take(gateway.step("contribution").arrival)
    view = RegisterView(gateway.store, gateway.tools)
    first = await view.page(probation(gateway), pb2.ListExchangesRequest(newest_first=True, page_size=1))
    assert first.exchanges[0].position == 0, "what everybody does is not counted for an organisation"
    following = pb2.ListExchangesRequest(newest_first=True, page_size=1, cursor=first.older)
    assert [each.exchange_id for each in (await view.page(probation(gateway), following)).exchanges] == [
        sealed.exchange_id
    ]
    with pytest.raises(CursorUnreadableError):
        await view.page(officer(), following)
    with pytest.raises(NoPositionsError):
        await view.page(probation(gateway), pb2.ListExchangesRequest(after_position=1))


async def test_an_export_has_all_of_it_and_says_where_it_was_cut_off(
    gateway: Gateway, sealed: Sealed, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = gateway.step("contribution")
    await gateway.take(later.arrival)
    view = RegisterView(gateway.store, gateway.tools)

    async def export() -> tuple[list[str], bool]:
        pieces = [piece async for piece in view.export(officer(), pb2.ExportExchangesRequest())]
        return [each.exchange_id for piece in pieces for each in piece.exchanges], pieces[-1].cut_off

    assert await export() == ([later.exchange_id, sealed.exchange_id], False)
    monkeypatch.setattr("gateway.app.oversight._PIECE", 1)
    assert await export() == ([later.exchange_id, sealed.exchange_id], False)
    monkeypatch.setattr("gateway.app.oversight.EXPORTED", 1)
    assert await export() == ([later.exchange_id], True)


async def test_filters_are_kept_for_each_person_and_under_no_telling_name(gateway: Gateway) -> None:
    desk, other = FilterDesk(gateway.store, gateway.tools), probation(gateway)
    asked = pb2.RegisterFilter(results=[pb2.EXCHANGE_RESULT_HELD], rules=["MAPPA-22.20"])
    saved = await desk.save(officer(), pb2.SaveFilterRequest(name="  Held   for owners ", filter=asked))
    assert (saved.name, saved.filter) == ("Held for owners", asked)
    assert await desk.list(officer()) == [saved]
    assert await desk.list(other) == []
    with pytest.raises(UnknownFilterError):
        await desk.remove(other, saved.filter_id)
    for name in ("Ring 07700 900123", "a.b@example.org", "NHS 943 476 5919", "2009/0190441M", "\u0007"):
        with pytest.raises(NameTellsError):
            await desk.save(officer(), pb2.SaveFilterRequest(name=name, filter=asked))
    content = b"".join(each.read_bytes() for each in gateway.folder.rglob("*") if each.is_file())
    assert b"Held for owners" not in content
    for number in range(MOST - 1):
        await desk.save(officer(), pb2.SaveFilterRequest(name=f"Filter {number}", filter=asked))
    with pytest.raises(TooManyFiltersError):
        await desk.save(officer(), pb2.SaveFilterRequest(name="One more", filter=asked))
    await desk.remove(officer(), saved.filter_id)
    assert len(await desk.list(officer())) == MOST - 1


async def test_answers_belong_to_the_thread_of_what_they_answer(gateway: Gateway, sealed: Sealed) -> None:
    def answer(header: Header, _document: Any) -> None:
        header.in_reply_to = sealed.exchange_id

    later = gateway.step("restrictions", change=answer)
    gateway.parties.clock.advance(timedelta(minutes=1))
    await gateway.take(later.arrival)
    both = [later.exchange_id, sealed.exchange_id]
    assert await found(gateway, officer(), thread=sealed.exchange_id) == both
    assert await found(gateway, officer(), thread=later.exchange_id) == both
    story = await RegisterView(gateway.store, gateway.tools).find(officer(), sealed.exchange_id)
    assert story is not None
    assert [each.exchange_id for each in story.thread] == both[::-1]
    assert story.categories
    assert all("." in path and category for path, category in story.categories.items())
    police = officer(gateway.parties.of_kind("POLICE"))
    assert sealed.exchange_id not in await found(gateway, police, thread=later.exchange_id)
