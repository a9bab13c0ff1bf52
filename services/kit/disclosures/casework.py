"""Recording, deciding, amending a decision, and noting who was told. Who acts is the person of the call."""

from collections.abc import Mapping
from datetime import UTC
from functools import partial
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.exchange.v1 import disclosure_pb2
from publicprotection.exchange.v1 import disclosure_service_pb2 as pb2
from publicprotection.exchange.v1.header_pb2 import Author

from services.kit.disclosures.casebook import Casebook
from services.kit.disclosures.checking import find_missing, find_untold
from services.kit.disclosures.decisions import Decision, Kind, bars_deciding, bars_telling
from services.kit.disclosures.errors import (
    DecisionIncompleteError,
    DecisionRefusedError,
    NotDeciderError,
    TellingRefusedError,
)
from services.kit.disclosures.rules import Rules
from services.kit.evidence.canonical import canonical
from services.kit.exchange.outbox import Outbox
from services.kit.rpc.errors import Violation
from services.kit.subject_access.model import Who


class Casework:
    """Steps of a decision. The same call again gives the same decision, and does nothing.

    Args:
        book: where decisions are kept.
        outbox: puts them on the gateway's record.
        rules: what a decision must say, and who decides.
    """

    def __init__(self, book: Casebook, outbox: Outbox, rules: Rules) -> None:
        self._book = book
        self._outbox = outbox
        self._rules = rules

    async def record(self, request: pb2.RecordDecisionRequest, who: Who, desk: str) -> Decision:
        """Records a decision: it stands at once where whoever records it may decide it, and waits otherwise.

        Raises:
            DecisionIncompleteError: it does not say all that it must.
            RequestReusedError: the request id stands for something else.
            And what `Outbox.submit_to_gateway` raises.
        """
        digest = self._digest(request)
        if (known := await self._book.known(request.request_id, digest)) is not None:
            return known
        considered = self._considered(request.consideration)
        opened = {
            "call": request.request_id,
            "subject_reference": request.subject_reference,
            "subject": _json(request.subject),
            "desk": desk,
            "consideration": considered,
        }
        first = self._book.event(Kind.RECORDED, who, **opened)
        proposed = Decision.fold(self._book.participant.new_id(), [first])
        return await self._settle(None, proposed, who, request.request_id, digest)

    async def confirm(self, before: Decision, request: pb2.ConfirmDecisionRequest, who: Who) -> Decision:
        """Decides what waits.

        Raises:
            DecisionRefusedError: nothing waits.
            NotDeciderError: somebody else decides it.
            RequestReusedError, and what `Outbox.submit_to_gateway` raises.
        """
        digest = self._digest(request)
        if (known := await self._book.known(request.request_id, digest)) is not None:
            return known
        _refuse(None if before.proposed is not None else "NOTHING_PROPOSED")
        if (obstacle := bars_deciding(before, who, self._rules)) is not None:
            raise NotDeciderError({"obstacle": obstacle})
        return await self._decide(before, before, who, request.request_id, digest)

    async def amend(self, before: Decision, request: pb2.AmendDecisionRequest, who: Who) -> Decision:
        """Puts another version in the place of what stands or waits; errors as `record`."""
        digest = self._digest(request)
        if (known := await self._book.known(request.request_id, digest)) is not None:
            return known
        detail = {
            "call": request.request_id,
            "consideration": self._considered(request.consideration),
            "reason": request.reason,
        }
        amended = before.after(self._book.event(Kind.AMENDED, who, **detail))
        return await self._settle(before, amended, who, request.request_id, digest)

    async def note_told(self, before: Decision, request: pb2.NoteToldRequest, who: Who) -> Decision:
        """Notes that a third party was told.

        Raises:
            DecisionRefusedError: it was not decided to tell anybody.
            TellingRefusedError: it was not told as it was decided.
            RequestReusedError, and what `Outbox.submit_to_gateway` raises.
        """
        digest = self._digest(request)
        if (known := await self._book.known(request.request_id, digest)) is not None:
            return known
        _refuse(bars_telling(before))
        self._check_telling(request.telling, before.decided or {})
        detail = {"call": request.request_id, "telling": _json(request.telling)}
        after = before.after(self._book.event(Kind.TOLD, who, request.request_id, **detail))
        said = disclosure_pb2.DisclosureTold(
            decided_in=await self._book.exchange_of(before.sent), telling=request.telling
        )
        return await self._send(said, before, after, who, digest)

    async def read_for(self, before: Decision, who: Who) -> Decision:
        """Notes that somebody read a decision, before it is shown."""
        return await self._book.note(before.decision_id, self._book.event(Kind.READ, who))

    async def _settle(
        self, before: Decision | None, proposed: Decision, who: Who, request_id: str, digest: str
    ) -> Decision:
        """Decides what was just written, where its author may."""
        if bars_deciding(proposed, who, self._rules) is None:
            return await self._decide(before, proposed, who, request_id, digest)
        await self._book.write(before, proposed, digest)
        return proposed

    async def _decide(
        self, before: Decision | None, proposed: Decision, who: Who, request_id: str, digest: str
    ) -> Decision:
        after = proposed.after(self._book.event(Kind.DECIDED, who, request_id, call=request_id))
        said = disclosure_pb2.DisclosureDecision(
            decision_id=after.decision_id,
            version=after.version,
            subject=ParseDict(after.opened["subject"], PersonIdentity()),
            consideration=ParseDict(dict(proposed.proposed or {}), disclosure_pb2.DisclosureConsideration()),
        )
        if proposed.sent:
            said.amends = await self._book.exchange_of(proposed.sent)
            said.amended_because = proposed.because
        return await self._send(said, before, after, who, digest)

    async def _send(
        self, said: Message, before: Decision | None, after: Decision, who: Who, digest: str
    ) -> Decision:
        """Puts it on the gateway's record; decision and exchange are committed together, or neither."""
        await self._outbox.submit_to_gateway(
            said,
            request_id=after.events[-1].request_id,
            author=Author(name=who.name, role=who.job),
            also=partial(self._book.add, before, after, digest),
            desk=after.opened["desk"],
        )
        return after

    def _considered(self, written: disclosure_pb2.DisclosureConsideration) -> dict[str, Any]:
        stated = _json(written)
        missing = find_missing(stated, self._rules, self._book.today)
        if missing:
            raise DecisionIncompleteError(missing)
        return stated

    def _check_telling(self, telling: disclosure_pb2.DisclosureTelling, decided: Mapping[str, Any]) -> None:
        faults = find_untold(_json(telling), decided, self._rules)
        if telling.told_at.ToDatetime(UTC) > self._book.now:
            faults.append(Violation("telling.told_at", "TOLD_IN_FUTURE: give a time that has passed."))
        if faults:
            raise TellingRefusedError(faults)

    def _digest(self, request: Message) -> str:
        return self._book.records.store.vault.digest(canonical(_json(request)))


def _refuse(obstacle: str | None) -> None:
    if obstacle is not None:
        raise DecisionRefusedError({"obstacle": obstacle})


def _json(message: Message) -> dict[str, Any]:
    written: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return written
