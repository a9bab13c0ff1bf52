"""A ruling as the contract states it: for the sender with reasons, for the recipient as `tell` allows."""

from collections.abc import Iterable, Iterator

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import decision_pb2

from gateway.core.model import Effect, FiredRule, HeldItem, Outcome, Ruling, Tell, WithheldItem


def explain_to_sender(ruling: Ruling) -> decision_pb2.Decision:
    """The whole decision as far as its rules let the sender learn it; no values, only paths."""
    decision = _begin(ruling)
    decision.released.extend(sorted(ruling.released))
    decision.withheld.extend(_withheld(ruling.withheld))
    decision.held.extend(_held(ruling, each) for each in ruling.held if each.tell_sender is not Tell.NOTHING)
    decision.rules.extend(reference(each) for each in ruling.rules if each not in _untold(ruling))
    decision.flags.extend(decision_pb2.DecisionFlag.Value(f"DECISION_FLAG_{flag}") for flag in ruling.flags)
    if ruling.reason is not None:
        decision.reason.CopyFrom(reference(ruling.reason))
    if ruling.instead is not None:
        decision.instead.document_type = ruling.instead.document_type
        decision.instead.workflow = ruling.instead.workflow
        decision.instead.explanation = ruling.instead.explanation
    return decision


def explain_to_recipient(ruling: Ruling) -> decision_pb2.Decision | None:
    """What the recipient of a release may learn of it, with limits; None where nothing goes."""
    if ruling.outcome is not Outcome.RELEASED:
        return None
    decision = _begin(ruling)
    decision.released.extend(sorted(ruling.released))
    told = {pair for pair in _missing(ruling) if pair[1] is not Tell.NOTHING}
    for category, tell, rule in sorted(told, key=lambda one: (one[0], one[1], one[2].rule)):
        entry = decision.withheld.add(category=category)
        if tell is Tell.REASON:
            entry.rule.CopyFrom(reference(rule))
    decision.rules.extend(reference(each) for each in ruling.rules if each.effect is Effect.LIMIT)
    return decision


def reference(rule: FiredRule) -> decision_pb2.RuleReference:
    """A rule that fired."""
    return decision_pb2.RuleReference(
        rule=rule.rule, paragraph=rule.paragraph, effect=rule.effect.value, reason=rule.reason
    )


def _begin(ruling: Ruling) -> decision_pb2.Decision:
    decision = decision_pb2.Decision(
        recipient=_desk(ruling),
        outcome=decision_pb2.DecisionOutcome.Value(f"DECISION_OUTCOME_{ruling.outcome}"),
        rulebook=ruling.rulebook,
    )
    if ruling.agreement is not None:
        decision.agreement.agreement = ruling.agreement.agreement
        decision.agreement.version = ruling.agreement.version
        decision.agreement.clause = ruling.agreement.clause
        decision.agreement.digest = ruling.agreement.digest
    return decision


def _missing(ruling: Ruling) -> Iterator[tuple[str, Tell, FiredRule]]:
    for leaf in ruling.withheld:
        yield leaf.category, leaf.tell_recipient, leaf.rule
    for item in ruling.held:
        yield from ((category, item.tell_recipient, item.rule) for category in item.categories)


def _withheld(items: Iterable[WithheldItem]) -> Iterator[decision_pb2.Withheld]:
    groups: dict[tuple[str, FiredRule, Tell], list[str]] = {}
    for each in items:
        if each.tell_sender is not Tell.NOTHING:
            groups.setdefault((each.category, each.rule, each.tell_sender), []).append(each.path)
    for (category, rule, tell), paths in groups.items():
        told = reference(rule) if tell is Tell.REASON else None
        yield decision_pb2.Withheld(category=category, paths=paths, rule=told)


def _held(ruling: Ruling, item: HeldItem) -> decision_pb2.Held:
    return decision_pb2.Held(
        categories=item.categories,
        paths=item.paths,
        prerequisite=item.prerequisite,
        rule=reference(item.rule) if item.tell_sender is Tell.REASON else None,
        organisation=item.organisation,
        role=item.role,
        recipient=_desk(ruling),
        whole_exchange=item.whole_exchange,
    )


def _untold(ruling: Ruling) -> frozenset[FiredRule]:
    """Rules of which the sender may not learn the reason, and that are not told with anything else."""
    pairs = [(each.rule, each.tell_sender) for each in ruling.withheld]
    pairs += [(each.rule, each.tell_sender) for each in ruling.held]
    told = {rule for rule, tell in pairs if tell is Tell.REASON}
    return frozenset(rule for rule, _ in pairs if rule not in told)


def _desk(ruling: Ruling) -> organisation_pb2.DeskReference:
    return organisation_pb2.DeskReference(
        organisation=ruling.recipient.organisation, desk=ruling.recipient.desk
    )
