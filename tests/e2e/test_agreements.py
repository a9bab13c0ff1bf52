"""Agreements of a running system: taken over once, stopped and resumed by people, kept over a restart."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceStub

from deploy.local.launcher import LocalSystem
from deploy.local.world import World
from services.kit.directory import GATEWAY
from services.kit.rpc.client import open_channel

if TYPE_CHECKING:
    from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceAsyncStub

PROBATION, DWP = "kent-probation", "dwp-kent"
OFFICER, SIGNATORY = "Lysander Quickthorn", "Bettina Marrowby"
TIMEOUT_S = 20


@asynccontextmanager
async def asking(world: World, name: str) -> AsyncIterator["AgreementServiceAsyncStub"]:
    endpoint = world.oversight(PROBATION, name)
    async with open_channel(endpoint.address, endpoint.tls, tokens=endpoint.tokens) as channel:
        yield AgreementServiceStub(channel)


async def listed(world: World) -> dict[str, pb2.AgreementVersion]:
    async with asking(world, OFFICER) as stub:
        found = await stub.ListAgreements(pb2.ListAgreementsRequest(), timeout=TIMEOUT_S)
    return {f"{each.agreement_id} {each.version}": each for each in found.agreements}


def stopped(version: pb2.AgreementVersion) -> list[str]:
    return [each.organisation for each in version.parties if each.suspended]


async def test_what_was_stopped_stays_so_when_the_gateway_is_killed(
    system: LocalSystem, world: World
) -> None:
    before = await listed(world)
    assert before
    assert {each.standing for each in before.values()} == {pb2.AGREEMENT_STANDING_IN_FORCE}
    async with asking(world, OFFICER) as stub:
        stop = pb2.SuspendPartyRequest(agreement_id="kent-dwp", party=DWP, reason="Lost a laptop")
        await stub.SuspendParty(stop, timeout=TIMEOUT_S)
    try:
        system.processes[GATEWAY].kill()
        system.processes[GATEWAY].start()
        await asyncio.to_thread(system.await_serving, GATEWAY)
        after = await listed(world)
        assert after.keys() == before.keys()
        assert stopped(after["kent-dwp 1"]) == [DWP]
    finally:
        async with asking(world, SIGNATORY) as stub:
            resume = pb2.ResumePartyRequest(agreement_id="kent-dwp", party=DWP, reason="Put right")
            await stub.ResumeParty(resume, timeout=TIMEOUT_S)
    assert stopped((await listed(world))["kent-dwp 1"]) == []
