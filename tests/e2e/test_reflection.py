import pytest
from grpc_reflection.v1alpha import reflection_pb2

from deploy.local.world import World
from services.kit.rpc.client import open_channel

METHOD = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
OWN = "publicprotection.prison.v1.PrisonService"
SHARED = {
    f"publicprotection.exchange.v1.{name}Service"
    for name in (
        "Inbox",
        "Outbox",
        "Hold",
        "Fact",
        "Thread",
        "Preview",
        "Directory",
        "Reading",
        "Witness",
        "Clock",
        "SubjectAccess",
        "Recall",
        "MinutesRequest",
        "DisclosureDecision",
    )
}
STANDARD = {"grpc.health.v1.Health", "grpc.reflection.v1alpha.ServerReflection"}


async def ask(world: World, request: reflection_pb2.ServerReflectionRequest) -> object:
    endpoint = world.endpoint("marlfield-prison")
    async with open_channel(endpoint.address, endpoint.tls, tokens=endpoint.tokens) as channel:
        call = channel.stream_stream(
            METHOD,
            request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
            response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
        )(timeout=10)
        await call.write(request)
        await call.done_writing()
        return await call.read()


async def test_the_prison_lists_its_own_verbs_and_what_all_share(world: World) -> None:
    answer = await ask(world, reflection_pb2.ServerReflectionRequest(list_services="*"))

    listed = {service.name for service in answer.list_services_response.service}  # type: ignore[attr-defined]
    assert listed == {OWN} | SHARED | STANDARD


@pytest.mark.parametrize(("role", "name"), [("police", "PoliceService"), ("probation", "ProbationService")])
async def test_the_prison_does_not_show_another_agencys_verbs(world: World, role: str, name: str) -> None:
    symbol = f"publicprotection.{role}.v1.{name}"
    answer = await ask(world, reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol))

    assert answer.HasField("error_response")  # type: ignore[attr-defined]
