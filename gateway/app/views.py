"""A ruling in the contract's words: for its sender, for whoever can answer a hold, and for its recipient."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import decision_pb2

from gateway.core.model import Derived, FiredRule, HeldItem, Ruling, Tell, WithheldItem
from services.kit.evidence import statement


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision says besides its ruling.

    Attributes:
        outcome: RELEASED, HELD or REFUSED; a hold that was declined turns HELD into REFUSED.
        held: items that wait, by hold id, with their escalation.
        declined: leaves that waited, and whose hold was declined: withheld now.
        flags: codes; SUPPLEMENTARY may stand among them.
        delivery_id: empty where nothing goes.
    """

    outcome: str
    held: Mapping[str, tuple[HeldItem, datetime]]
    declined: tuple[WithheldItem, ...]
    flags: tuple[str, ...]
    decided_at: datetime
    delivery_id: str = ""
    released: tuple[str, ...] = field(default=())


def sender_view(ruling: Ruling, standing: Standing) -> decision_pb2.Decision:
    """The decision as the sender may see it: paths without values, and why, by `tell_sender`."""
    view = decision_pb2.Decision(
        recipient=desk_reference(ruling),
        outcome=decision_pb2.DecisionOutcome.Value(f"DECISION_OUTCOME_{standing.outcome}"),
        released=standing.released,
        withheld=_withheld((*ruling.withheld, *standing.declined)),
        held=[
            _held(hold_id, item, escalates_at, ruling)
            for hold_id, (item, escalates_at) in standing.held.items()
        ],
        rules=[rule_reference(rule) for rule in ruling.rules],
        flags=[decision_pb2.DecisionFlag.Value(f"DECISION_FLAG_{flag}") for flag in standing.flags],
        rulebook=ruling.rulebook,
        delivery_id=standing.delivery_id,
    )
    view.decided_at.FromDatetime(standing.decided_at)
    _add_grounds(view, ruling)
    return view


def asked_view(hold_id: str, item: HeldItem, escalates_at: datetime, ruling: Ruling) -> decision_pb2.Decision:
    """The hold as whoever can answer it may see it: without paths, which are told to the sender alone."""
    held = _held(hold_id, item, escalates_at, ruling)
    held.ClearField("paths")
    return decision_pb2.Decision(
        recipient=desk_reference(ruling),
        outcome=decision_pb2.DECISION_OUTCOME_HELD,
        held=[held],
        rulebook=ruling.rulebook,
    )


def recipient_told(
    withheld: Iterable[WithheldItem], waiting: Iterable[HeldItem]
) -> tuple[statement.WithheldTold, ...]:
    """What the recipient may learn of what is missing: categories once each, never a number of leaves."""
    told = {
        (category, rule.rule if tell is Tell.REASON else None, rule.reason if tell is Tell.REASON else None)
        for category, rule, tell in _missing(withheld, waiting)
        if tell is not Tell.NOTHING
    }
    with_reason = {category for category, rule, _ in told if rule is not None}
    kept = [entry for entry in told if entry[1] is not None or entry[0] not in with_reason]
    ordered = sorted(kept, key=lambda entry: (entry[0], entry[1] or "", entry[2] or ""))
    return tuple(
        statement.WithheldTold(category=category, rule=rule, reason=reason)
        for category, rule, reason in ordered
    )


def derived_values(items: Iterable[Derived]) -> tuple[statement.Derived, ...]:
    """Derived values as the statement carries them, by path."""
    return tuple(
        statement.Derived.model_validate({"path": item.path, "function": item.function, "value": item.value})
        for item in sorted(items, key=lambda item: item.path)
    )


def rule_reference(rule: FiredRule) -> decision_pb2.RuleReference:
    """A rule that fired."""
    return decision_pb2.RuleReference(
        rule=rule.rule, paragraph=rule.paragraph, effect=rule.effect.value, reason=rule.reason
    )


def desk_reference(ruling: Ruling) -> organisation_pb2.DeskReference:
    """The recipient."""
    return organisation_pb2.DeskReference(
        organisation=ruling.recipient.organisation, desk=ruling.recipient.desk
    )


def _missing(
    withheld: Iterable[WithheldItem], waiting: Iterable[HeldItem]
) -> Iterator[tuple[str, FiredRule, Tell]]:
    for leaf in withheld:
        yield leaf.category, leaf.rule, leaf.tell_recipient
    for item in waiting:
        for category in item.categories:
            yield category, item.rule, item.tell_recipient


def _withheld(items: Iterable[WithheldItem]) -> list[decision_pb2.Withheld]:
    """One entry for each category and rule, so far as the sender may learn of it."""
    groups: dict[tuple[str, FiredRule, Tell], list[str]] = {}
    for item in items:
        if item.tell_sender is not Tell.NOTHING:
            groups.setdefault((item.category, item.rule, item.tell_sender), []).append(item.path)
    return [
        decision_pb2.Withheld(
            category=category,
            paths=sorted(paths),
            rule=rule_reference(rule) if tell is Tell.REASON else None,
        )
        for (category, rule, tell), paths in sorted(
            groups.items(), key=lambda group: (group[0][0], group[0][1].rule)
        )
    ]


def _held(hold_id: str, item: HeldItem, escalates_at: datetime, ruling: Ruling) -> decision_pb2.Held:
    view = decision_pb2.Held(
        hold_id=hold_id,
        categories=sorted(item.categories),
        paths=sorted(item.paths),
        prerequisite=item.prerequisite,
        rule=rule_reference(item.rule),
        organisation=item.organisation,
        role=item.role,
        recipient=desk_reference(ruling),
        whole_exchange=item.whole_exchange,
    )
    view.escalates_at.FromDatetime(escalates_at)
    return view


def _add_grounds(view: decision_pb2.Decision, ruling: Ruling) -> None:
    if ruling.instead is not None:
        view.instead.document_type = ruling.instead.document_type
        view.instead.workflow = ruling.instead.workflow
        view.instead.explanation = ruling.instead.explanation
    if ruling.agreement is not None:
        view.agreement.agreement = ruling.agreement.agreement
        view.agreement.version = ruling.agreement.version
        view.agreement.clause = ruling.agreement.clause
    if ruling.reason is not None:
        view.reason.CopyFrom(rule_reference(ruling.reason))
