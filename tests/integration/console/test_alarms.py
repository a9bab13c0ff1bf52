"""Alarms of the own service: shown, and settled by whoever may, with what was found on record."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from publicprotection.exchange.v1.outbox_service_pb2 import AlarmKind

from services.kit.bus import MemoryBus
from services.kit.rpc.health import Health
from services.kit.rpc.server import RpcServer, ServerOptions
from services.kit.settings import Limits, Listen
from services.kit.store.outcomes import StoredAlarm
from services.kit.witness.proving import Prover
from services.kit.witness.service import serve_witness
from services.kit.witness.settings import WitnessSettings
from services.kit.witness.witness import Witness
from tests.support.agency_server import issue
from tests.support.console import Browser, open_console, person_of
from tests.support.databases import FileDatabase
from tests.support.exchanging import Member, open_member
from tests.support.gateway import Parties, open_gateway
from tests.support.identity import agency_gate
from tests.support.served import serve_gateway_parts

POLICE = "kent-police"
FOUND = "The gateway's operator was telephoned; a new build was at fault."


@dataclass
class Scene:
    """A service with one alarm, and consoles of it."""

    member: Member
    authority: Any
    address: str

    def console(self, name: str) -> Any:
        return open_console(person_of(name), authority=self.authority, agency=self.address, names={})


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    async with (
        open_gateway(Parties(), tmp_path) as gateway,
        serve_gateway_parts(gateway, []) as served,
        MemoryBus(gateway.broker, POLICE) as bus,
        open_member(gateway.parties, POLICE, bus, tmp_path, FileDatabase) as member,  # type: ignore[arg-type]  # Parties makes participants as World does
    ):
        alarm = StoredAlarm("a-cause", AlarmKind.ALARM_KIND_LOG_FAULT, "LOG_FORK", datetime.now(UTC))
        await member.records.store.write(lambda connection: member.records.alarms.add(connection, alarm))
        witness = Witness(member.participant, member.records, _ask, WitnessSettings())
        prover = Prover(member.participant, member.records, witness, _ask)
        services = [serve_witness(member.participant, member.records, witness, prover)]
        kind = gateway.parties.directory.organisations[POLICE].kind
        gate = agency_gate(POLICE, kind, services)
        options = ServerOptions(Listen(), issue(served.authority, POLICE), Limits(), gate.gatekeeper)
        server = RpcServer(options, services, Health([each.name for each in services], needed={}))
        port = await server.start()
        try:
            yield Scene(member, served.authority, f"localhost:{port}")
        finally:
            await server.stop()


async def _ask(first: int, second: int) -> Sequence[bytes] | None:
    del first, second
    raise AssertionError("nobody asks the gateway here")


async def test_an_alarm_is_shown_and_settled_with_what_was_found(scene: Scene) -> None:
    async with scene.console("Idris Fallowfield") as browser:
        listed = await browser.get("/alarms/")
        assert "The disclosure log is not what it must be" in listed.text
        assert "Open" in listed.text
        await browser.get("/alarms/1")
        empty = await browser.post("/alarms/1", {"reason": ""})
        assert (empty.status_code, "Enter what was found and done" in empty.text) == (422, True)
        settled = await browser.post("/alarms/1", {"reason": FOUND})
        assert settled.status_code == 303
        page = await browser.get("/alarms/1")
    assert "telephoned; a new build was at fault" in page.text
    assert "Idris Fallowfield, Data protection officer" in page.text
    assert "Settle the alarm" not in page.text


async def test_an_alarm_is_settled_once(scene: Scene) -> None:
    async with scene.console("Idris Fallowfield") as first, scene.console("Hester Quenby") as second:
        await first.get("/alarms/1")
        await second.get("/alarms/1")
        await first.post("/alarms/1", {"reason": FOUND})
        late = await second.post("/alarms/1", {"reason": "Something else."})
    assert late.status_code == 409


async def test_who_may_not_is_told_so(scene: Scene) -> None:
    async with scene.console("Rufus Oakenshaw") as browser:
        assert (await browser.get("/alarms/")).status_code == 403


async def test_an_alarm_that_there_is_not_is_not_found(scene: Scene) -> None:
    async with scene.console("Idris Fallowfield") as browser:
        assert await _status(browser, "/alarms/7") == 404


async def _status(browser: Browser, path: str) -> int:
    return (await browser.get(path)).status_code
