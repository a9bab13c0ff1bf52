"""Whatever happens, in whatever order: what was counted as it happened is what the register holds."""

import asyncio
import tempfile
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from publicprotection.exchange.v1 import recall_pb2
from publicprotection.exchange.v1.gateway_documents_pb2 import (
    HOLD_VERDICT_DECLINE,
    HOLD_VERDICT_GRANT,
    HoldVerdict,
)
from publicprotection.exchange.v1.inbox_service_pb2 import ACKNOWLEDGEMENT_KIND_RECEIVED
from publicprotection.transport.v1.packet_pb2 import Delivery

from gateway.app.clocks.firing import Timekeeper
from gateway.app.figures.rebuilding import rebuild
from gateway.app.hold_expiry import HoldExpiry
from gateway.app.hold_filter import HoldFilter
from services.kit.clock import FixedClock
from tests.support.databases import FileDatabase
from tests.support.gateway import NOW, Gateway, Parties, open_gateway

PARTIES = Parties()
STEPS = ("release-notice", "restrictions", "contribution", "section-42")
ACTS = ("grant", "decline", "take", "refuse", "acknowledge", "recall", "wait")
TALLIES = "SELECT * FROM tally ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10"


class Actors:
    """What organisations do with what they got so far."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.sent: list[tuple[str, str]] = []
        self.got: list[tuple[str, Delivery]] = []

    async def act(self, act: str) -> None:
        if act in STEPS:
            sealed = self.gateway.step(act)
            await self.gateway.take(sealed.arrival)
            self.sent.append((sealed.organisation, sealed.exchange_id))
        elif act in {"grant", "decline"}:
            await self._answer(HOLD_VERDICT_GRANT if act == "grant" else HOLD_VERDICT_DECLINE)
        elif act == "recall":
            await self._recall()
        elif act == "wait":
            await self._wait()
        else:
            await self._receive(act)

    async def _answer(self, verdict: "HoldVerdict.ValueType") -> None:
        async with self.gateway.store.reading() as unit:
            open_ones = await unit.holds.queue(HoldFilter(frozenset(PARTIES.directory.organisations)), 1)
        for hold in open_ones:
            await self.gateway.take(self.gateway.answer(hold.organisation, hold.hold_id, verdict).arrival)

    async def _recall(self) -> None:
        if self.sent:
            organisation, exchange_id = self.sent.pop()
            document = recall_pb2.ExchangeRecall(
                recalled_exchange_id=exchange_id, kind=recall_pb2.RECALL_KIND_SENT_IN_ERROR, reason="Wrong."
            )
            await self.gateway.take(self.gateway.to_gateway(organisation, document).arrival)

    async def _wait(self) -> None:
        self.gateway.parties.clock.advance(timedelta(days=4))
        keeper = Timekeeper(self.gateway.store, self.gateway.tools, interval_s=1)
        await HoldExpiry(self.gateway.store, self.gateway.tools, interval_s=1).end_due()
        while await keeper.fire_due():
            pass

    async def _receive(self, act: str) -> None:
        for organisation in {each for each, _ in self.sent} | set(PARTIES.directory.organisations):
            _, releases = await self.gateway.received(organisation)
            self.got.extend((organisation, delivery) for delivery, _ in releases)
        for organisation, delivery in self.got[-2:]:
            if act == "acknowledge":
                kind = ACKNOWLEDGEMENT_KIND_RECEIVED
                await self.gateway.take(self.gateway.acknowledgement(organisation, delivery, kind))
            else:
                refused = {"refused": "RELEASE_MALFORMED"} if act == "refuse" else {}
                await self.gateway.take(self.gateway.receipt(organisation, delivery, **refused))


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(acts=st.lists(st.sampled_from(STEPS + ACTS), min_size=4, max_size=14))
def test_what_was_counted_is_what_the_register_holds(acts: list[str]) -> None:
    asyncio.run(_compare(["contribution", *acts]))


async def _compare(acts: list[str]) -> None:
    PARTIES.clock = FixedClock(NOW)
    with tempfile.TemporaryDirectory() as folder:
        async with open_gateway(PARTIES, Path(folder)) as gateway:
            actors = Actors(gateway)
            for act in acts:
                await actors.act(act)
            database = FileDatabase(Path(folder) / "gateway.db")
            counted = database.ask(TALLIES)
            await rebuild(gateway.store, PARTIES.directory, page=3)
            assert counted == database.ask(TALLIES)
            assert counted
