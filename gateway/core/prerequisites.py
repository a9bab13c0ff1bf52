"""Step 8: what a whole exchange waits for, who can grant it, and what granting puts on record."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import answering_pb2

from gateway.core.facts import FactScope, assertable_by, fact_scope
from gateway.core.flow import Firing, Flow, Leaf, Stop, instead_of
from gateway.core.model import Answer, FiredRule, HeldItem, KnownFact, Outcome
from gateway.core.prerequisite_model import AUTHOR_PREFIX, EVIDENCE_PREFIX, Prerequisite
from gateway.core.rulebook import Rulebook
from gateway.core.rulebook_model import Telling
from gateway.core.treatment import Treatment
from gateway.core.vocabulary import KIND_PREFIX


def check_rules(flow: Flow) -> Iterator[Stop]:
    """The rules that refuse the exchange, or hold the whole of it until their prerequisite is met."""
    for firing in flow.firing:
        rule = firing.rule
        if rule.refuse is not None:
            instead = instead_of(rule.refuse.instead)
            yield Stop(Outcome.REFUSED, firing.fired, instead=instead, tell=rule.tell)
        elif rule.hold is not None and rule.hold.scope == "EXCHANGE":
            yield from _hold_exchange(flow, firing, rule.hold.prerequisite)


def held_exchange(flow: Flow, stops: Iterable[Stop], going: Iterable[Treatment]) -> Iterator[HeldItem]:
    """One hold for each prerequisite that the whole exchange waits for, over all that would otherwise go."""
    leaves = [each.leaf for each in going]
    for name, stop in {each.prerequisite: each for each in reversed(list(stops))}.items():
        yield _held(flow, Hold(name, stop.fired, stop.tell, flow.sender.id, whole=True), leaves)


def held_items(flow: Flow, waiting: Iterable[Treatment]) -> Iterator[HeldItem]:
    """One hold for each prerequisite, rule and owner, over the items that wait."""
    groups: dict[tuple[str, str, str], tuple[Hold, list[Leaf]]] = {}
    for each in waiting:
        if each.rule is not None:
            owner = each.leaf.owner if _is_granted_by_owner(flow, each.prerequisite) else ""
            hold = Hold(each.prerequisite, each.rule, each.telling, owner, whole=False)
            groups.setdefault((each.prerequisite, each.rule.rule, owner), (hold, []))[1].append(each.leaf)
    for _, (hold, leaves) in sorted(groups.items(), key=lambda group: group[0]):
        yield _held(flow, hold, leaves)


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold before it is known who can grant it. `owner` is whose information waits."""

    prerequisite: str
    fired: FiredRule
    telling: Telling
    owner: str
    whole: bool


@dataclass(frozen=True, slots=True)
class HoldReply:
    """An answer to a hold: YES where granted, NO where declined; by whom and when.

    The caller has checked that the organisation is the one that was asked.
    """

    answer: Answer
    organisation: str
    at: datetime


def answer_facts(
    rulebook: Rulebook, prerequisite: str, paths: Iterable[str], recipient: str, reply: HoldReply
) -> tuple[KnownFact, ...]:
    """The facts that an answer to a hold puts on record.

    Args:
        rulebook: the one in force.
        prerequisite: what the hold waits for.
        paths: the leaves that wait.
        recipient: id of the organisation that waits.
        reply: the answer.
    """
    fact = rulebook.prerequisites[prerequisite].fact
    scope = fact_scope(fact)
    if scope is FactScope.ITEM:
        return tuple(
            KnownFact(fact, path, reply.answer, reply.organisation, reply.at, None, recipient)
            for path in paths
        )
    party = recipient if scope is FactScope.RECIPIENT else None
    return (KnownFact(fact, party, reply.answer, reply.organisation, reply.at),)


def requirement_of(prerequisite: Prerequisite, asked_as: str) -> answering_pb2.AnswerRequirement | None:
    """What an answer must be, of the organisation that is asked as that side; None if none is asked so."""
    grantor = prerequisite.grantor(asked_as)
    if grantor is None:
        return None
    requirement = answering_pb2.AnswerRequirement(apart_from=prerequisite.apart_from)
    for key in grantor.keys:
        added = requirement.keys.add(jobs=key.jobs, roles=key.roles)
        if key.author != "ANYBODY":
            added.author = answering_pb2.AuthorRelation.Value(AUTHOR_PREFIX + key.author)
    requirement.evidence.extend(
        answering_pb2.EvidenceKind.Value(EVIDENCE_PREFIX + name) for name in grantor.evidence
    )
    return requirement


def _hold_exchange(flow: Flow, firing: Firing, name: str) -> Iterator[Stop]:
    if flow.answer(_prerequisite(flow, name).fact) is not Answer.YES:
        yield Stop(outcome_of(flow, name), firing.fired, name, tell=firing.rule.tell)


def outcome_of(flow: Flow, name: str) -> Outcome:
    """HELD, or REFUSED where the prerequisite was declined and declining it ends the matter."""
    prerequisite = _prerequisite(flow, name)
    declined = flow.answer(prerequisite.fact) is Answer.NO and prerequisite.when_no != "HOLD"
    return Outcome.REFUSED if declined else Outcome.HELD


def _held(flow: Flow, hold: Hold, leaves: list[Leaf]) -> HeldItem:
    prerequisite = _prerequisite(flow, hold.prerequisite)
    side, organisation = _grantor(flow, prerequisite, hold.owner)
    escalation = prerequisite.escalates_to
    return HeldItem(
        paths=tuple(leaf.path for leaf in leaves),
        categories=tuple(sorted({leaf.kind.category for leaf in leaves})),
        prerequisite=hold.prerequisite,
        rule=hold.fired,
        organisation=organisation,
        role=prerequisite.role,
        whole_exchange=hold.whole,
        escalates_after_working_days=prerequisite.escalates_after_working_days,
        tell_sender=hold.telling.sender,
        tell_recipient=hold.telling.recipient,
        asked_as=side,
        escalates_to=_organisation(flow, escalation.organisation, hold.owner or flow.sender.id),
        escalates_to_role=escalation.role,
        expires_after_working_days=prerequisite.expires_after_working_days,
    )


def _is_granted_by_owner(flow: Flow, name: str) -> bool:
    return _prerequisite(flow, name).grantor("OWNER") is not None


def _prerequisite(flow: Flow, name: str) -> Prerequisite:
    return flow.world.rulebook.prerequisites[name]


def _grantor(flow: Flow, prerequisite: Prerequisite, owner: str) -> tuple[str, str]:
    """The first that can grant it, side and id: known, and of a kind that may assert its fact."""
    for grantor in prerequisite.granted_by:
        side = grantor.organisation
        organisation = _organisation(flow, side, owner)
        known = flow.world.directory.organisation(organisation)
        if known and (side == "OWNER" or known.kind in assertable_by(prerequisite.fact)):
            return side, organisation
    return "", ""


def _organisation(flow: Flow, side: str, owner: str) -> str:
    sides = {"OWNER": owner, "SENDER": flow.sender.id, "RECIPIENT": flow.recipient.id}
    if side in sides:
        return sides[side]
    kind = organisation_pb2.OrganisationKind.Value(KIND_PREFIX + side)
    return flow.world.directory.of_kind(kind, flow.sender.organisation.area)
