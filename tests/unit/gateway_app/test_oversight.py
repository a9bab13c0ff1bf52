"""What co-ordinators and data protection officers see."""

import json

from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK
from publicprotection.oversight.v1.disclosure_log_service_pb2 import (
    LOG_PURPOSE_VERIFY_LAWFULNESS,
    ListRecordsRequest,
)

from gateway.app.oversight import LogView, RegisterView
from services.kit.evidence.merkle import record_hash
from tests.support.gateway import Gateway


async def test_register_shows_decisions_deliveries_and_no_values(gateway: Gateway) -> None:
    sealed, later = gateway.step("contribution"), gateway.step("section-42")
    await gateway.take(sealed.arrival, later.arrival)
    unit_name, police = gateway.parties.of_kind("MAPPA_COORDINATION_UNIT"), gateway.parties.of_kind("POLICE")
    [asked], _ = await gateway.received(police)
    hold_id = asked.decisions[0].held[0].hold_id
    await gateway.take(gateway.answer(police, hold_id, HOLD_VERDICT_GRANT).arrival)
    _, [(first, _), _] = await gateway.received(unit_name)
    await gateway.take(gateway.receipt(unit_name, first))

    view = RegisterView(gateway.store)
    page = await view.page(0, 0)
    assert [each.exchange_id for each in page] == [sealed.exchange_id, later.exchange_id]
    assert await view.page(page[0].position, 1) == [page[1]]
    found = await view.find(sealed.exchange_id)
    assert found == page[0]
    assert found is not None
    assert found.purpose == PURPOSE_MANAGE_RISK
    assert len(found.decisions) == 2
    assert [each.supplementary_to for each in found.deliveries] == ["", first.delivery_id]
    assert found.deliveries[0].HasField("receipted_at")
    assert found.deliveries[0].HasField("published_at")
    assert not found.deliveries[1].HasField("receipted_at")
    assert "Pennyroyal" not in str(page)
    assert await view.find("no-such-exchange") is None


async def test_reading_the_log_is_itself_a_record_with_its_purpose(gateway: Gateway) -> None:
    sealed = gateway.step("contribution")
    await gateway.take(sealed.arrival, gateway.step("section-42").arrival)
    view = LogView(gateway.store, gateway.tools)
    request = ListRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, exchange_id=sealed.exchange_id)
    rows = await view.page("kent-mappa-unit", request)
    assert [row.type for row in rows] == ["DISCLOSURE", "SUBJECT_LINKED"]
    assert record_hash((rows[0].entry or "").encode()) == rows[0].record_hash
    [query] = await gateway.records("LOG_QUERY")
    entry = json.loads(query.entry or "")
    assert entry["purpose"] == "VERIFY_LAWFULNESS"
    assert entry["organisation"] == "kent-mappa-unit"
    assert entry["queried"] == sealed.exchange_id


async def test_what_a_caller_writes_into_a_query_does_not_reach_the_log(gateway: Gateway) -> None:
    view = LogView(gateway.store, gateway.tools)
    request = ListRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, exchange_id="Orla Pennyroyal")
    assert await view.page("kent-mappa-unit", request) == []
    [query] = await gateway.records("LOG_QUERY")
    assert "Pennyroyal" not in str(query.entry)
    assert json.loads(query.entry or "")["queried"] == "UNKNOWN"


async def test_positions_increase_and_pages_meet(gateway: Gateway) -> None:
    await gateway.take(*(gateway.step("section-42").arrival for _ in range(5)))
    view = LogView(gateway.store, gateway.tools)
    first = await view.page("x", ListRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, page_size=3))
    rest = await view.page(
        "x", ListRecordsRequest(purpose=LOG_PURPOSE_VERIFY_LAWFULNESS, after_position=first[-1].position)
    )
    positions = [row.position for row in (*first, *rest)]
    assert positions == sorted(set(positions)) == list(range(1, 8))
