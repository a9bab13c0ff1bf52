"""What agreements say of a route on one day: found once for each, since most flows recur."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from publicprotection.common.v1 import organisation_pb2

from gateway.core.agreement_state import PartyState
from gateway.core.agreements import Agreement, Clause, digest_of
from gateway.core.model import AgreementUsed, Effect, FiredRule
from gateway.core.vocabulary import WHOLE

Clauses = tuple[tuple[Agreement, Clause], ...]
Digest = Callable[[Agreement], str]


class Ground(NamedTuple):
    """A lawful basis that a flow rests on, and the regimes that it puts both ends under."""

    basis: str
    regimes: frozenset[str]


class Route(NamedTuple):
    """Both ends by id, kind and desk (empty if none is named), what goes, on which grounds, and when."""

    sender: tuple[str, str, str]
    recipient: tuple[str, str, str]
    document: str
    purpose: str
    marking: int
    grounds: frozenset[Ground]
    day: date


@dataclass(frozen=True, slots=True)
class Agreed:
    """What covers a route.

    Attributes:
        clauses: clauses in force, by agreement and id.
        permitted: category to finest form, by these clauses.
        expired: an expired agreement would have covered it, and none does.
        other_basis: a clause in force would have covered it on another lawful basis, and none does on this.
        suspended: the recipient is suspended from an agreement of both ends.
        used: the agreements and clauses, as they are reported; None without any.
        fired: the clauses, as they are reported among the rules.
    """

    clauses: Clauses
    permitted: Mapping[str, str]
    expired: bool
    other_basis: bool
    suspended: bool
    used: AgreementUsed | None
    fired: tuple[FiredRule, ...]


def find_agreed(agreements: Iterable[Agreement], route: Route, digest: Digest = digest_of) -> Agreed:
    """The clauses of all agreements of both ends that cover a route: in force, as marked, as founded.

    Args:
        agreements: any.
        route: from end to end.
        digest: of an agreement; a caller that asks often remembers it.
    """
    binding = [each for each in agreements if each.binds(route.sender[0], route.recipient[0])]
    covering = tuple(_covering(binding, route))
    counting = [(each, clause) for each, clause in covering if _counts(each, route)]
    in_force = tuple((each, clause) for each, clause in counting if _is_founded(each, clause, route))
    return Agreed(
        clauses=in_force,
        permitted=_permitted(in_force),
        expired=not in_force and any(each.has_expired(route.day) for each, _ in covering),
        other_basis=bool(counting) and not in_force,
        suspended=any(each.state_towards(route.recipient[0]) is PartyState.SUSPENDED for each in binding),
        used=_used(in_force, digest),
        fired=tuple(_fired(in_force)),
    )


def _covering(agreements: Iterable[Agreement], route: Route) -> Iterator[tuple[Agreement, Clause]]:
    for agreement in agreements:
        for clause in sorted(agreement.clauses, key=lambda each: each.id):
            if _covers(clause, route):
                yield agreement, clause


def _covers(clause: Clause, route: Route) -> bool:
    return (
        route.document in clause.documents
        and route.purpose in clause.purposes
        and clause.from_.covers(*route.sender)
        and clause.to.covers(*route.recipient)
    )


def _counts(agreement: Agreement, route: Route) -> bool:
    """In force, and made for what is marked as high as this exchange (MAPPA 14.4)."""
    ceiling = organisation_pb2.Marking.Value("MARKING_" + agreement.marking_ceiling)
    return agreement.is_in_force(route.day) and route.marking <= ceiling


def _is_founded(agreement: Agreement, clause: Clause, route: Route) -> bool:
    """Whether one of the route's grounds is agreed, for the regime of each end."""
    return any(
        (not clause.bases or ground.basis in clause.bases)
        and all(agreement.rests_on(ground.basis, regime) for regime in ground.regimes)
        for ground in route.grounds
    )


def _permitted(clauses: Clauses) -> dict[str, str]:
    forms: dict[str, set[str]] = {}
    for _, clause in clauses:
        for category in clause.categories:
            forms.setdefault(category, set()).add(clause.generalise.get(category, WHOLE))
    return {category: WHOLE if WHOLE in some else min(some) for category, some in forms.items()}


def _used(clauses: Clauses, digest: Digest) -> AgreementUsed | None:
    if not clauses:
        return None
    used = {(each.id, each.version): each for each, _ in clauses}
    ids, versions = zip(*sorted(used), strict=True)
    digests = (digest(used[key]) for key in sorted(used))
    names = (f"{agreement.id}/{clause.id}" for agreement, clause in clauses)
    until = min(each.expiry for each in used.values())
    agreement, version, clause, cited = map(", ".join, (ids, versions, names, digests))
    return AgreementUsed(agreement, version, clause, cited, until)


def _fired(clauses: Clauses) -> Iterator[FiredRule]:
    for agreement, clause in clauses:
        rule = f"{agreement.id}/{clause.id}"
        yield FiredRule(rule, clause.paragraph, Effect.RELEASE, f"{agreement.title} covers this flow.")
