"""A decision in the contract's form."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from google.protobuf.json_format import ParseDict
from publicprotection.common.v1.person_pb2 import PersonIdentity
from publicprotection.exchange.v1 import disclosure_pb2
from publicprotection.exchange.v1 import disclosure_service_pb2 as pb2

from services.kit.disclosures.decisions import Decision
from services.kit.exchange.participant import stamp
from services.kit.subject_access.model import Event
from services.kit.subject_access.wire import write_day


def summarise(decision: Decision, today: date) -> pb2.DecisionSummary:
    """How it stands."""
    shown = pb2.DecisionSummary(
        decision_id=decision.decision_id,
        subject_reference=decision.opened["subject_reference"],
        state=state_value(decision),
        version=decision.version,
        due_for_review=decision.is_due(today),
        told=decision.told,
    )
    if decision.decided is not None:
        shown.outcome = disclosure_pb2.DisclosureOutcome.Value(decision.decided["outcome"])
    if decision.review_by is not None:
        shown.review_by.CopyFrom(write_day(decision.review_by))
    return shown


def state_value(decision: Decision) -> pb2.DecisionState.ValueType:
    """Its state in the contract's numbers."""
    return pb2.DecisionState.Value(f"DECISION_STATE_{decision.state}")


def show(decision: Decision, today: date, exchanges: Mapping[str, str]) -> pb2.GetDecisionResponse:
    """All of it; `exchanges`: by request id, by which it went on the gateway's record."""
    shown = pb2.GetDecisionResponse(
        summary=summarise(decision, today),
        subject=ParseDict(decision.opened["subject"], PersonIdentity()),
        events=[_event(each, exchanges) for each in decision.events],
    )
    if decision.decided is not None:
        shown.decided.CopyFrom(_consideration(decision.decided))
    if decision.proposed is not None:
        shown.proposed.CopyFrom(_consideration(decision.proposed))
    return shown


def _event(event: Event, exchanges: Mapping[str, str]) -> pb2.DecisionEvent:
    detail = event.detail
    shown = pb2.DecisionEvent(
        kind=event.kind,
        at=stamp(event.at),
        reason=detail.get("reason", ""),
        exchange_id=exchanges.get(event.request_id, ""),
    )
    if event.who is not None:
        shown.name, shown.job = event.who.name, event.who.job
    if "consideration" in detail:
        shown.consideration.CopyFrom(_consideration(detail["consideration"]))
    if "telling" in detail:
        ParseDict(detail["telling"], shown.telling)
    return shown


def _consideration(stored: Mapping[str, Any]) -> disclosure_pb2.DisclosureConsideration:
    return ParseDict(dict(stored), disclosure_pb2.DisclosureConsideration())
