"""Compares what happened with what the story says must happen; each difference is one plain sentence."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from google.protobuf import json_format
from google.protobuf.message import Message
from publicprotection.exchange.v1.decision_pb2 import Decision, DecisionFlag, DecisionOutcome
from publicprotection.exchange.v1.inbox_service_pb2 import AcknowledgementKind
from publicprotection.exchange.v1.outbox_service_pb2 import AlarmKind, GetExchangeResponse
from publicprotection.exchange.v1.outcome_pb2 import Rejection

from deploy.story.model import Expectation, Step
from deploy.story.played import Arrival, PlayedAcknowledgement, PlayedAnswer, PlayedSend
from deploy.story.watching import address_of

_OUTCOME: Final = "DECISION_OUTCOME_"
_FLAG: Final = "DECISION_FLAG_"
_ALARM: Final = "ALARM_KIND_"
_SPOKEN_OF: Final = frozenset({"SUPPLEMENTARY", "NO_AGREEMENT", "AGREEMENT_EXPIRED", "FACT_IGNORED"})


def compare_send(step: Step, played: PlayedSend) -> Iterator[str]:
    """What of a document's sending was not as stated; nothing if all was."""
    yield from _compare_exchange(played.exchange)
    for address, expected in step.expect.items():
        decision, arrival = played.decisions.get(address), played.arrivals.get(address)
        for text in _compare_recipient(expected, decision, arrival, played.document):
            yield f"{address}: {text}"
    for address in played.decisions.keys() - step.expect.keys():
        yield f"{address}: was decided upon although nobody sent to it"


def compare_answer(step: Step, played: PlayedAnswer) -> Iterator[str]:
    """What of an answered hold was not as stated; nothing if all was."""
    yield from _compare_exchange(played.exchange)
    for address, expected in step.expect.items():
        decision, arrival = played.decisions.get(address), played.arrivals.get(address)
        for text in _compare_recipient(expected, decision, arrival, played.asked.document):
            yield f"{address}: {text}"
        yield from _compare_seals(address, played)


def compare_acknowledgement(played: PlayedAcknowledgement) -> Iterator[str]:
    """What of an acknowledgement was not as stated; nothing if all was."""
    kind = AcknowledgementKind.Name(played.kind).removeprefix("ACKNOWLEDGEMENT_KIND_")
    if kind != played.said.kind:
        yield f"{played.said.recipient}: acknowledged {played.said.kind}, and {kind} is on record"
    if address_of(played.outcome.recipient) != played.said.recipient:
        yield f"{played.said.recipient}: the sender was told of {address_of(played.outcome.recipient)}"


def select(document: Message, shape: str) -> list[Any]:
    """The values, as ProtoJSON has them, at a field path without labels: `victims.person.name.family`."""
    found: list[Any] = [json_format.MessageToDict(document, preserving_proto_field_name=True)]
    for name in shape.split("."):
        below = [item[name] for item in found if isinstance(item, dict) and name in item]
        found = [part for item in below for part in (item if isinstance(item, list) else [item])]
    return found


def _compare_exchange(exchange: GetExchangeResponse) -> Iterator[str]:
    """A rejection, or an alarm of the sender's own service, is never as stated."""
    for outcome in exchange.outcomes:
        if outcome.rejection != Rejection():
            yield f"rejected: {outcome.rejection.reason}: {outcome.rejection.advice}"
    for alarm in exchange.alarms:
        kind = AlarmKind.Name(alarm.kind).removeprefix(_ALARM)
        yield f"the sender's service raised the alarm {kind} on {alarm.path or alarm.delivery_id}"


def _compare_recipient(
    expected: Expectation, decision: Decision | None, arrival: Arrival | None, sent: Message
) -> Iterator[str]:
    if decision is None:
        yield f"expected {expected.outcome}, but nothing was decided"
        return
    yield from _compare_decision(expected, decision)
    if expected.outcome != "RELEASED":
        if arrival is not None:
            yield "expected nothing to arrive, but something did"
    elif arrival is None:
        yield "expected a delivery, but nothing arrived"
    else:
        yield from _compare_document(expected, arrival.document, sent)


def _compare_decision(expected: Expectation, decision: Decision) -> Iterator[str]:
    outcome = DecisionOutcome.Name(decision.outcome).removeprefix(_OUTCOME)
    yield from _differ("outcome", {expected.outcome}, {outcome})
    yield from _differ("withheld", expected.withheld, {item.category for item in decision.withheld})
    yield from _differ("held", expected.held, {name for item in decision.held for name in item.categories})
    yield from _differ("instead", {expected.instead or ""}, {decision.instead.document_type})
    flags = {DecisionFlag.Name(flag).removeprefix(_FLAG) for flag in decision.flags}
    yield from _differ("flags", expected.flags & _SPOKEN_OF, flags & _SPOKEN_OF)
    fired = _fired(decision)
    for rule in sorted(expected.rules - fired):
        yield f"rule {rule} was to fire; these did: {', '.join(sorted(fired)) or 'none'}"


def _fired(decision: Decision) -> set[str]:
    rules = [*decision.rules, decision.reason]
    rules += [item.rule for item in decision.withheld] + [item.rule for item in decision.held]
    return {rule.rule for rule in rules} - {""}


def _compare_document(expected: Expectation, document: Message, sent: Message) -> Iterator[str]:
    if expected.whole and not _same(document, sent):
        yield "expected the whole document, as it was sent; what arrived differs"
    if expected.receives is not None:
        yield from _differ("fields received", expected.receives, {f.name for f, _ in document.ListFields()})
    for shape in sorted(expected.lacks):
        if not select(sent, shape):
            yield f"{shape} was not even sent, so that its absence says nothing"
        if select(document, shape):
            yield f"{shape} was to stay behind, and arrived"
    for shape, value in expected.shows.items():
        arrived = select(document, shape)
        if value not in arrived:
            yield f"{shape} was to arrive as {value!r}; there is {arrived!r}"


def _same(document: Message, sent: Message) -> bool:
    """Equal, the order of repeated parts aside: a seal keeps no order, which could betray what is missing."""
    return repr(_unordered(json_format.MessageToDict(document))) == repr(
        _unordered(json_format.MessageToDict(sent))
    )


def _unordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unordered(item) for name, item in value.items()}
    if isinstance(value, list):
        return sorted((_unordered(item) for item in value), key=repr)
    return value


def _compare_seals(address: str, played: PlayedAnswer) -> Iterator[str]:
    """A supplement comes under the seal of the first release: the same signed part, other disclosures."""
    first, then = played.asked.arrivals.get(address), played.arrivals.get(address)
    if first is None or then is None:
        return
    if _signed_part(first) != _signed_part(then):
        yield f"{address}: the supplement does not come under the seal of the first release"
    if then.delivery.summary.supplementary_to != first.delivery.summary.delivery_id:
        yield f"{address}: the supplement does not say what it supplements"


def _signed_part(arrival: Arrival) -> str:
    return arrival.delivery.seal.partition("~")[0]


def _differ(what: str, expected: Collection[str], found: Collection[str]) -> Iterator[str]:
    if set(expected) != set(found):
        yield f"{what}: expected {_list(expected)}; found {_list(found)}"


def _list(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "none"
