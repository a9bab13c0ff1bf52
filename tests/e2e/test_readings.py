"""Whoever was given values by a running agency service is on record there."""

from publicprotection.exchange.v1.reading_service_pb2 import (
    READING_KIND_DELIVERY,
    ListReadingsRequest,
    Reading,
)
from publicprotection.exchange.v1.reading_service_pb2_grpc import ReadingServiceStub

from deploy.local.launcher import LocalSystem
from deploy.story.played import PlayedStory
from services.kit.rpc.client import open_channel

DEADLINE_S = 10


async def read(system: LocalSystem, organisation: str) -> list[Reading]:
    endpoint = system.world.endpoint(organisation, answerable(system, organisation))
    async with open_channel(endpoint.address, endpoint.tls, tokens=endpoint.tokens) as channel:
        request = ListReadingsRequest(page_size=500)
        return list((await ReadingServiceStub(channel).ListReadings(request, timeout=DEADLINE_S)).readings)


def answerable(system: LocalSystem, organisation: str) -> str:
    """Somebody who answers for how the organisation handles data: others do not see who read what."""
    roles = {"SUPERVISOR", "DATA_PROTECTION_OFFICER"}
    people = (item.person for item in system.world.identity.log_ins)
    return next(
        person.name for person in people if person.organisation == organisation and roles & {*person.roles}
    )


async def test_each_delivery_that_the_story_read_is_on_record(
    system: LocalSystem, played: PlayedStory
) -> None:
    arrived = [
        arrival.delivery.summary
        for step in played.steps
        for part in (step.sent, step.answered)
        if part is not None
        for arrival in part.arrivals.values()
    ]
    assert arrived
    for organisation in {each.recipient.organisation for each in arrived}:
        noted = await read(system, organisation)
        own = {each.delivery_id for each in arrived if each.recipient.organisation == organisation}
        assert own <= {each.delivery_id for each in noted if each.kind == READING_KIND_DELIVERY}
        assert {each.system for each in noted} <= {"client", organisation}
