"""What a party learns by looking at its own service, and waiting until it is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final, TypeVar

from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.decision_pb2 import DECISION_OUTCOME_RELEASED, Decision
from publicprotection.exchange.v1.hold_service_pb2 import Hold, ListHoldsRequest
from publicprotection.exchange.v1.inbox_service_pb2 import (
    DeliverySummary,
    GetDeliveryRequest,
    ListDeliveriesRequest,
)
from publicprotection.exchange.v1.outbox_service_pb2 import GetExchangeRequest, GetExchangeResponse
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_ACKNOWLEDGED,
    OUTCOME_KIND_RECEIPTED,
    OUTCOME_KIND_REJECTED,
    Outcome,
    OutcomeKind,
)

from deploy.story.clients import DEADLINE_S, AgencyClient
from deploy.story.played import Arrival

_POLL_S: Final = 0.05
_REASON: Final = "To compare what went with what was to go, victims included."
_Found = TypeVar("_Found")


class StepTimeoutError(TimeoutError):
    """Something that a step waits for did not happen in time; the message says what."""


class Watcher:
    """Looks at the agencies' services, each through its own client.

    Args:
        clients: By organisation.
        patience_s: How long to wait for any one thing.
    """

    def __init__(self, clients: Mapping[str, AgencyClient], patience_s: float = 30) -> None:
        self._clients: Final = clients
        self._patience_s: Final = patience_s

    async def settled(
        self, sender: str, exchange_id: str, kind: OutcomeKind.ValueType, *, after: int = 0, count: int = 1
    ) -> GetExchangeResponse:
        """Wait until the sender has its outcomes (or a rejection) and a receipt of each delivery.

        Args:
            sender: Whose exchange it is.
            exchange_id: The exchange.
            kind: What to wait for.
            after: How many outcomes to pass over, because they were there before.
            count: How many to wait for.

        Raises:
            StepTimeoutError: It took too long.
        """

        async def look() -> GetExchangeResponse | None:
            exchange = await self.exchange(sender, exchange_id)
            spoken = [outcome for outcome in exchange.outcomes[after:] if outcome.kind == kind]
            rejected = any(outcome.kind == OUTCOME_KIND_REJECTED for outcome in exchange.outcomes)
            return exchange if rejected or (len(spoken) >= count and _receipted(exchange)) else None

        return await self.until(look, f"{sender} to learn what became of {exchange_id}")

    async def acknowledged(self, sender: str, exchange_id: str, delivery_id: str) -> Outcome:
        """Wait until the sender has learnt of an acknowledgement; errors as `settled`."""

        async def look() -> Outcome | None:
            exchange = await self.exchange(sender, exchange_id)
            found = (
                outcome
                for outcome in exchange.outcomes
                if outcome.kind == OUTCOME_KIND_ACKNOWLEDGED and outcome.delivery_id == delivery_id
            )
            return next(found, None)

        return await self.until(look, f"{sender} to learn that {delivery_id} was acknowledged")

    async def holds(self, organisation: str, exchange_id: str) -> list[Hold]:
        """Wait until an organisation is asked to answer holds on an exchange; errors as `settled`."""

        async def look() -> list[Hold] | None:
            service = self._clients[organisation].holds
            listed = await service.ListHolds(ListHoldsRequest(), timeout=DEADLINE_S)
            return [hold for hold in listed.holds if hold.exchange_id == exchange_id] or None

        return await self.until(look, f"{organisation} to be asked about {exchange_id}")

    async def exchange(self, sender: str, exchange_id: str) -> GetExchangeResponse:
        """What the sender's own service knows of an exchange now."""
        request = GetExchangeRequest(exchange_id=exchange_id, victim_reason=_REASON)
        outbox = self._clients[sender].outbox
        response: GetExchangeResponse = await outbox.GetExchange(request, timeout=DEADLINE_S)
        return response

    async def arrivals(self, decisions: Mapping[str, Decision]) -> dict[str, Arrival]:
        """What each recipient has in its inbox of the deliveries that these decisions made."""
        made = {address: decision for address, decision in decisions.items() if decision.delivery_id}
        return {address: await self._arrival(decision) for address, decision in made.items()}

    async def deliveries(
        self, organisation: str, *, desk: str = "", exchange_id: str = ""
    ) -> list[DeliverySummary]:
        """The deliveries in an inbox now, oldest first; up to 500."""
        request = ListDeliveriesRequest(desk=desk, exchange_id=exchange_id, page_size=500)
        listed = await self._clients[organisation].inbox.ListDeliveries(request, timeout=DEADLINE_S)
        return list(listed.deliveries)

    async def until(self, look: Callable[[], Awaitable[_Found | None]], what: str) -> _Found:
        """Look again and again until there is something; StepTimeoutError after the patience given."""
        deadline = time.monotonic() + self._patience_s
        while time.monotonic() < deadline:
            found = await look()
            if found is not None:
                return found
            await asyncio.sleep(_POLL_S)
        raise StepTimeoutError(f"waited {self._patience_s:.0f} s for {what}")

    async def _arrival(self, decision: Decision) -> Arrival:
        inbox = self._clients[decision.recipient.organisation].inbox
        request = GetDeliveryRequest(delivery_id=decision.delivery_id, victim_reason=_REASON)
        return Arrival.of((await inbox.GetDelivery(request, timeout=DEADLINE_S)).delivery)


def address_of(desk: DeskReference) -> str:
    """`organisation/desk`."""
    return f"{desk.organisation}/{desk.desk}"


def last_decisions(outcomes: Iterable[Outcome]) -> dict[str, Decision]:
    """The last decision for each recipient, by `organisation/desk`."""
    return {
        address_of(decision.recipient): decision for outcome in outcomes for decision in outcome.decisions
    }


def _receipted(exchange: GetExchangeResponse) -> bool:
    """Whether each delivery that the sender was told of has a receipt."""
    decisions = [decision for outcome in exchange.outcomes for decision in outcome.decisions]
    delivered = {item.delivery_id for item in decisions if item.outcome == DECISION_OUTCOME_RELEASED}
    receipts = {item.delivery_id for item in exchange.outcomes if item.kind == OUTCOME_KIND_RECEIPTED}
    return delivered - {""} <= receipts
