from collections.abc import Mapping

from google.protobuf.any_pb2 import Any as AnyMessage
from publicprotection.exchange.v1.inbox_service_pb2 import ListDeliveriesRequest
from publicprotection.exchange.v1.outbox_service_pb2 import ListExchangesRequest
from publicprotection.exchange.v1.preview_service_pb2 import PreviewExchangeRequest

from deploy.story.clients import AgencyClient
from deploy.story.model import Story
from tests.support.world import build, sending


async def test_a_preview_answers_and_sends_nothing(clients: Mapping[str, AgencyClient], story: Story) -> None:
    sender, recipient = clients["kent-probation"], clients["dwp-kent"]
    header, document = build(sending(story, "restrictions"))
    packed = AnyMessage()
    packed.Pack(document)
    sent = await sender.outbox.ListExchanges(ListExchangesRequest(page_size=500))
    received = await recipient.inbox.ListDeliveries(ListDeliveriesRequest(page_size=500))

    answer = await sender.previews.PreviewExchange(
        PreviewExchangeRequest(header=header, document=packed), timeout=20
    )

    whole, part = answer.decisions
    assert not whole.withheld
    assert {each.category for each in part.withheld} >= {"SUBJECT_OFFENCE", "SUBJECT_RISK"}
    assert {each.rule.rule for each in part.withheld} == {"MAPPA-21.28"}
    assert await sender.outbox.ListExchanges(ListExchangesRequest(page_size=500)) == sent
    assert await recipient.inbox.ListDeliveries(ListDeliveriesRequest(page_size=500)) == received
