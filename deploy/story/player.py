"""Plays the story: each party through its own service, one step after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any, Final

from publicprotection.exchange.v1.header_pb2 import Author
from publicprotection.exchange.v1.hold_service_pb2 import DeclineHoldRequest, GrantHoldRequest, Hold
from publicprotection.exchange.v1.inbox_service_pb2 import AcknowledgeDeliveryRequest, AcknowledgementKind
from publicprotection.exchange.v1.outcome_pb2 import (
    OUTCOME_KIND_DECIDED,
    OUTCOME_KIND_HOLD_DECLINED,
    OUTCOME_KIND_HOLD_GRANTED,
)

from deploy.story.clients import DEADLINE_S, AgencyClient
from deploy.story.comparison import compare_acknowledgement, compare_answer, compare_send
from deploy.story.documents import build_document, build_header, split_address
from deploy.story.model import Acknowledge, Answer, Person, Send, Step, Story
from deploy.story.played import PlayedAcknowledgement, PlayedAnswer, PlayedSend, PlayedStep
from deploy.story.subject_access import AccessPlayer, compare_pack
from deploy.story.watching import Watcher, last_decisions


class Player:
    """Plays the steps of one story.

    Args:
        clients: By organisation.
        run: Distinguishes this playing from any other, in request ids.
        today: Day from which relative dates are counted.
        patience_s: How long to wait for any one thing.
    """

    def __init__(
        self, clients: Mapping[str, AgencyClient], *, run: str, today: date, patience_s: float = 30
    ) -> None:
        self._clients: Final = clients
        self._run: Final = run
        self._today: Final = today
        self._watcher: Final = Watcher(clients, patience_s)
        self._access: Final = AccessPlayer(clients, today, patience_s)
        self._sent: Final[dict[str, PlayedSend]] = {}
        self._senders: Final[dict[str, str]] = {}

    async def play(self, story: Story) -> AsyncIterator[PlayedStep]:
        """Play each step and yield what came of it.

        Raises:
            StepTimeoutError: A step waited in vain.
            grpc.aio.AioRpcError: A service refused a call that the story makes.
        """
        for step in story.steps:
            yield await self.play_step(step)

    async def play_step(self, step: Step) -> PlayedStep:
        """Play one step, whose references must have been played before; errors as `play`."""
        if step.send is not None:
            sent = await self._send(step, step.send)
            return PlayedStep(step, sent=sent, mismatches=tuple(compare_send(step, sent)))
        if step.answer is not None:
            answered = await self._answer(step, step.answer)
            return PlayedStep(step, answered=answered, mismatches=tuple(compare_answer(step, answered)))
        if step.subject_access is not None:
            access = await self._access.play(step.subject_access, f"story-{self._run}-{step.id}")
            mismatches = tuple(compare_pack(step.subject_access.expect, access))
            return PlayedStep(step, access=access, mismatches=mismatches)
        said = [item for each in step.acknowledge for item in await self._acknowledge(each)]
        odd = tuple(text for item in said for text in compare_acknowledgement(item))
        return PlayedStep(step, acknowledged=tuple(said), mismatches=odd)

    async def _send(self, step: Step, send: Send) -> PlayedSend:
        sender = split_address(send.sender)[0]
        replies_to = self._sent[send.replies_to].exchange_id if send.replies_to else None
        request_id = f"story-{self._run}-{step.id}"
        header = build_header(send, self._today, request_id=request_id, in_reply_to=replies_to)
        document = build_document(send, self._today)
        acceptance = await self._clients[sender].send(header, document)
        exchange = await self._watcher.settled(sender, acceptance.exchange_id, OUTCOME_KIND_DECIDED)
        decisions = last_decisions(exchange.outcomes)
        arrivals = await self._watcher.arrivals(decisions)
        sent = PlayedSend(acceptance.exchange_id, header, document, decisions, arrivals, exchange)
        self._sent[step.id], self._senders[step.id] = sent, sender
        return sent

    async def _answer(self, step: Step, answer: Answer) -> PlayedAnswer:
        asked = self._sent[answer.step]
        sender, before = self._senders[answer.step], len(asked.exchange.outcomes)
        holds = await self._watcher.holds(answer.organisation, asked.exchange_id)
        for number, hold in enumerate(holds):
            await self._answer_one(answer, hold, f"story-{self._run}-{step.id}-{number}")
        kind = OUTCOME_KIND_HOLD_GRANTED if answer.grant else OUTCOME_KIND_HOLD_DECLINED
        exchange = await self._watcher.settled(
            sender, asked.exchange_id, kind, after=before, count=len(holds)
        )
        outcomes = tuple(exchange.outcomes[before:])
        decisions = last_decisions(outcomes)
        arrivals = await self._watcher.arrivals(decisions)
        return PlayedAnswer(asked, tuple(holds), outcomes, decisions, arrivals, exchange)

    async def _answer_one(self, answer: Answer, hold: Hold, request_id: str) -> None:
        """Answer as the story says; declining takes no evidence."""
        stated: dict[str, Any] = {
            "hold_id": hold.held.hold_id,
            "request_id": request_id,
            "author": _author(answer.author),
            "reason": answer.reason,
        }
        service = self._clients[answer.organisation].holds
        if answer.grant:
            request = GrantHoldRequest(**stated, evidence_reference=answer.evidence_reference)
            await service.GrantHold(request, timeout=DEADLINE_S)
        else:
            await service.DeclineHold(DeclineHoldRequest(**stated), timeout=DEADLINE_S)

    async def _acknowledge(self, said: Acknowledge) -> list[PlayedAcknowledgement]:
        """Acknowledge each delivery of the exchange: the release and its supplements."""
        organisation, desk = split_address(said.recipient)
        exchange_id = self._sent[said.step].exchange_id
        deliveries = await self._watcher.deliveries(organisation, desk=desk, exchange_id=exchange_id)
        return [await self._acknowledge_one(said, item.delivery_id) for item in deliveries]

    async def _acknowledge_one(self, said: Acknowledge, delivery_id: str) -> PlayedAcknowledgement:
        request = AcknowledgeDeliveryRequest(
            delivery_id=delivery_id,
            kind=AcknowledgementKind.Value(f"ACKNOWLEDGEMENT_KIND_{said.kind}"),
            author=_author(said.author),
        )
        inbox = self._clients[split_address(said.recipient)[0]].inbox
        response = await inbox.AcknowledgeDelivery(request, timeout=DEADLINE_S)
        sender, exchange_id = self._senders[said.step], self._sent[said.step].exchange_id
        outcome = await self._watcher.acknowledged(sender, exchange_id, delivery_id)
        return PlayedAcknowledgement(said, delivery_id, response.acknowledged, outcome)


def _author(person: Person) -> Author:
    return Author(**person.model_dump(exclude_none=True))
