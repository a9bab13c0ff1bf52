"""A ruling in the contract's words, with what became of it: for sender, grantor of a hold, and recipient.

What each may learn of a reason is the core's to say (gateway.core.explain); ids and times are added here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from publicprotection.exchange.v1 import decision_pb2

from gateway.core.explain import explain_to_recipient, explain_to_sender, reference
from gateway.core.model import Derived, HeldItem, Outcome, Ruling, Tell, WithheldItem
from services.kit.evidence import statement


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision says besides its ruling.

    Attributes:
        outcome: as the ruling's; but a hold that was declined turns HELD into REFUSED.
        held: items that wait, by hold id, with their escalation.
        declined: leaves that waited, and whose hold was declined: withheld now.
        released: paths that go with this decision's delivery.
        flags: codes; SUPPLEMENTARY may stand among them.
        delivery_id: empty where nothing goes.
    """

    outcome: Outcome
    held: Mapping[str, tuple[HeldItem, datetime]]
    declined: tuple[WithheldItem, ...]
    released: frozenset[str]
    flags: tuple[str, ...]
    decided_at: datetime
    delivery_id: str = ""


def sender_view(ruling: Ruling, standing: Standing) -> decision_pb2.Decision:
    """The decision as the sender may see it: paths without values, and why, by `tell_sender`."""
    view = explain_to_sender(_as_it_stands(ruling, standing))
    told = [
        (hold_id, escalates_at)
        for hold_id, (item, escalates_at) in standing.held.items()
        if item.tell_sender is not Tell.NOTHING
    ]
    for held, (hold_id, escalates_at) in zip(view.held, told, strict=True):
        held.hold_id = hold_id
        held.escalates_at.FromDatetime(escalates_at)
    del view.flags[:]
    view.flags.extend(decision_pb2.DecisionFlag.Value(f"DECISION_FLAG_{flag}") for flag in standing.flags)
    view.delivery_id = standing.delivery_id
    view.decided_at.FromDatetime(standing.decided_at)
    return view


def asked_view(hold_id: str, item: HeldItem, escalates_at: datetime, ruling: Ruling) -> decision_pb2.Decision:
    """The hold as whoever can answer it may see it: without paths, which are told to the sender alone."""
    view = decision_pb2.Decision(outcome=decision_pb2.DECISION_OUTCOME_HELD, rulebook=ruling.rulebook)
    view.recipient.organisation = ruling.recipient.organisation
    view.recipient.desk = ruling.recipient.desk
    held = view.held.add(
        hold_id=hold_id,
        categories=sorted(item.categories),
        prerequisite=item.prerequisite,
        rule=reference(item.rule),
        organisation=item.organisation,
        role=item.role,
        recipient=view.recipient,
        whole_exchange=item.whole_exchange,
    )
    held.escalates_at.FromDatetime(escalates_at)
    return view


def recipient_told(ruling: Ruling, standing: Standing) -> tuple[statement.WithheldTold, ...]:
    """What the recipient may learn of what is missing: each category once, never a number of anything."""
    view = explain_to_recipient(_as_it_stands(ruling, standing))
    entries = view.withheld if view is not None else ()
    told = {(entry.category, entry.rule.rule or None, entry.rule.reason or None) for entry in entries}
    explained = {category for category, rule, _ in told if rule is not None}
    kept = [entry for entry in told if entry[1] is not None or entry[0] not in explained]
    return tuple(
        statement.WithheldTold(category=category, rule=rule, reason=reason)
        for category, rule, reason in sorted(kept, key=lambda entry: tuple(part or "" for part in entry))
    )


def derived_values(items: Iterable[Derived]) -> tuple[statement.Derived, ...]:
    """Derived values as the statement carries them, by path."""
    return tuple(
        statement.Derived.model_validate({"path": item.path, "function": item.function, "value": item.value})
        for item in sorted(items, key=lambda item: item.path)
    )


def _as_it_stands(ruling: Ruling, standing: Standing) -> Ruling:
    """The ruling with what was declined moved to what is withheld, and only what goes now as released."""
    return replace(
        ruling,
        outcome=standing.outcome,
        released=standing.released,
        withheld=(*ruling.withheld, *standing.declined),
        held=tuple(item for item, _ in standing.held.values()),
    )
