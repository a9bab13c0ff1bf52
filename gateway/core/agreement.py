"""Step 4: which clauses cover the flow, and what goes where none does.

Law permits sharing; an agreement says what of it is agreed. Its absence never stops the minimum that keeps a
child safe or that cannot wait (child:L-29), nor the managing of an identified risk by an associate (MAPPA
9.12; mappa:R-22). Between authorities a missing agreement holds and escalates (mappa:R-20). The minimum goes
with or without an agreement, so that ending one can never widen what a recipient gets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publicprotection.common.v1 import organisation_pb2
from publicprotection.exchange.v1 import header_pb2

from gateway.core.agreements import Agreement, Clause
from gateway.core.flow import Flow, Stop, hold, refuse
from gateway.core.gate_model import Gate
from gateway.core.model import AgreementUsed, Answer, Effect, FiredRule, Outcome
from gateway.core.parties import ASSOCIATE, releases_of, standing_of
from gateway.core.prerequisites import outcome_of
from gateway.core.vocabulary import WHOLE

AGREEMENT_PREREQUISITE = "AGREEMENT"
RISK_PREREQUISITE = "IDENTIFIED_RISK"


@dataclass(frozen=True, slots=True)
class Cover:
    """What covers a flow.

    Attributes:
        clauses: clauses in force, by agreement and id.
        permitted: category to form, by clause or, decided case by case, by the release kind.
        floor: categories of the minimum set, where it may go or would go once the hold is lifted.
        floor_open: no clause is needed: the minimum may go now, or the release kind is decided case by case.
        expired: an expired agreement would have covered the flow.
    """

    clauses: tuple[tuple[Agreement, Clause], ...]
    permitted: Mapping[str, str]
    floor: frozenset[str]
    floor_open: bool
    expired: bool

    def form_of(self, category: str) -> str | None:
        """The finest form in which a category is agreed; None if it is not."""
        return WHOLE if category in self.floor else self.permitted.get(category)

    @property
    def used(self) -> AgreementUsed | None:
        """The agreements and clauses, as they are reported."""
        if not self.clauses:
            return None
        ids, versions = zip(*sorted({(each.id, each.version) for each, _ in self.clauses}), strict=True)
        clauses = (f"{agreement.id}/{clause.id}" for agreement, clause in self.clauses)
        return AgreementUsed(", ".join(ids), ", ".join(versions), ", ".join(clauses))


def find_cover(flow: Flow) -> Cover:
    """The clauses that cover a flow, and the minimum set where it may go."""
    document = flow.submission.case.document_type
    about = flow.world.clauses(flow.sender.id, flow.recipient.id, document)
    covering = [(agreement, clause) for agreement, clause in about if _covers(flow, clause)]
    in_force = tuple((each, clause) for each, clause in covering if _counts(flow, each))
    is_open = _is_floor_open(flow)
    minimum = flow.world.rulebook.minimum.get(document)
    floor = frozenset(minimum.categories) if minimum and (is_open or not in_force) else frozenset()
    expired = not in_force and any(each.has_expired(flow.submission.day) for each, _ in covering)
    case_by_case = {name: WHOLE for each in releases_of(flow) for name in each.permits}
    return Cover(in_force, _permitted(in_force) | case_by_case, floor, is_open or bool(case_by_case), expired)


def check_agreement(flow: Flow, cover: Cover) -> Iterator[Stop]:
    """Suspension always stops; without a clause only the minimum can go, and otherwise the exchange waits."""
    if any(_is_suspended(flow, each) for each in flow.world.agreements):
        yield refuse(flow.gates.suspended)
    if cover.clauses or cover.floor_open:
        return
    if standing_of(flow) == ASSOCIATE:
        yield _wait(flow, flow.gates.associate_risk, RISK_PREREQUISITE)
    else:
        yield _wait(flow, flow.gates.no_agreement, AGREEMENT_PREREQUISITE)


def clauses_fired(cover: Cover) -> Iterator[FiredRule]:
    """The clauses relied on, as they are reported."""
    for agreement, clause in cover.clauses:
        rule = f"{agreement.id}/{clause.id}"
        yield FiredRule(rule, clause.paragraph, Effect.RELEASE, f"{agreement.title} covers this flow.")


def _covers(flow: Flow, clause: Clause) -> bool:
    sender_desk = flow.sender.desk.desk if flow.sender.desk else ""
    recipient_desk = flow.recipient.desk.desk if flow.recipient.desk else ""
    return (
        flow.submission.purpose in clause.purposes
        and clause.from_.covers(flow.sender.id, flow.sender.kind, sender_desk)
        and clause.to.covers(flow.recipient.id, flow.recipient.kind, recipient_desk)
    )


def _wait(flow: Flow, gate: Gate, prerequisite: str) -> Stop:
    return refuse(gate) if outcome_of(flow, prerequisite) is Outcome.REFUSED else hold(gate, prerequisite)


def _is_suspended(flow: Flow, agreement: Agreement) -> bool:
    return flow.recipient.id in agreement.suspended and agreement.binds(flow.sender.id, flow.recipient.id)


def _counts(flow: Flow, agreement: Agreement) -> bool:
    """In force, and made for what is marked as high as this exchange (MAPPA 14.4)."""
    ceiling = organisation_pb2.Marking.Value("MARKING_" + agreement.marking_ceiling)
    return agreement.is_in_force(flow.submission.day) and flow.header.marking <= ceiling


def _permitted(clauses: tuple[tuple[Agreement, Clause], ...]) -> dict[str, str]:
    forms: dict[str, set[str]] = {}
    for _, clause in clauses:
        for category in clause.categories:
            forms.setdefault(category, set()).add(clause.generalise.get(category, WHOLE))
    return {category: WHOLE if WHOLE in some else min(some) for category, some in forms.items()}


def _is_floor_open(flow: Flow) -> bool:
    if flow.submission.purpose == "SAFEGUARD_CHILD" or flow.header.urgency == header_pb2.URGENCY_IMMEDIATE:
        return True
    if flow.answer("agreement_override") is Answer.YES:
        return True
    return standing_of(flow) == ASSOCIATE and flow.answer("identified_risk") is Answer.YES
