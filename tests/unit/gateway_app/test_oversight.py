"""What co-ordinators see of exchanges."""

from publicprotection.exchange.v1.gateway_documents_pb2 import HOLD_VERDICT_GRANT
from publicprotection.exchange.v1.header_pb2 import PURPOSE_MANAGE_RISK
from publicprotection.oversight.v1.register_service_pb2 import ListExchangesRequest

from gateway.app.oversight import RegisterView
from tests.support.acting import officer
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

    view = RegisterView(gateway.store, gateway.tools)
    page = (await view.page(officer(), ListExchangesRequest())).exchanges
    assert [each.exchange_id for each in page] == [sealed.exchange_id, later.exchange_id]
    after = ListExchangesRequest(after_position=page[0].position, page_size=1)
    assert list((await view.page(officer(), after)).exchanges) == [page[1]]
    story = await view.find(officer(), sealed.exchange_id)
    assert story is not None
    found = story.exchange
    assert found == page[0]
    assert found.purpose == PURPOSE_MANAGE_RISK
    assert len(found.decisions) == 2
    assert [each.supplementary_to for each in found.deliveries] == ["", first.delivery_id]
    assert found.deliveries[0].HasField("receipted_at")
    assert found.deliveries[0].HasField("published_at")
    assert not found.deliveries[1].HasField("receipted_at")
    assert "Pennyroyal" not in str(page)
    assert await view.find(officer(), "no-such-exchange") is None
