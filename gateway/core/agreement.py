"""Step 4: which clauses cover the flow, and what goes where none does.

Law permits sharing; an agreement says what of it is agreed. Its absence never stops the minimum that keeps a
child safe or that cannot wait (child:L-29), nor the managing of an identified risk by an associate (MAPPA
9.12; mappa:R-22). Between authorities a missing agreement holds and escalates (mappa:R-20). The minimum goes
with or without an agreement, so that ending one can never widen what a recipient gets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from publicprotection.exchange.v1 import header_pb2

from gateway.core.agreed import Agreed, Clauses, Ground, Route
from gateway.core.flow import Flow, Stop, hold, refuse
from gateway.core.gate_model import Gate
from gateway.core.model import Answer, Outcome
from gateway.core.parties import ASSOCIATE, releases_of, standing_of
from gateway.core.prerequisites import outcome_of
from gateway.core.vocabulary import WHOLE

AGREEMENT_PREREQUISITE = "AGREEMENT"
RISK_PREREQUISITE = "IDENTIFIED_RISK"


@dataclass(frozen=True, slots=True)
class Cover:
    """What covers a flow.

    Attributes:
        agreed: what the agreements say.
        permitted: category to form, by clause or, decided case by case, by the release kind.
        floor: categories of the minimum set, where it may go or would go once the hold is lifted.
        floor_open: no clause is needed: the minimum may go now, or the release kind is decided case by case.
    """

    agreed: Agreed
    permitted: Mapping[str, str]
    floor: frozenset[str]
    floor_open: bool

    @property
    def clauses(self) -> Clauses:
        """Clauses in force, by agreement and id."""
        return self.agreed.clauses

    def form_of(self, category: str) -> str | None:
        """The finest form in which a category is agreed; None if it is not."""
        return WHOLE if category in self.floor else self.permitted.get(category)


def find_cover(flow: Flow, grounds: frozenset[Ground]) -> Cover:
    """The clauses that cover a flow on its grounds, and the minimum set where it may go."""
    agreed = flow.world.agreed(_route(flow, grounds))
    is_open = _is_floor_open(flow)
    minimum = flow.world.rulebook.minimum.get(flow.submission.case.document_type)
    floor = frozenset(minimum.categories) if minimum and (is_open or not agreed.clauses) else frozenset()
    case_by_case = {name: WHOLE for each in releases_of(flow) for name in each.permits}
    permitted = {**agreed.permitted, **case_by_case} if case_by_case else agreed.permitted
    return Cover(agreed, permitted, floor, is_open or bool(case_by_case))


def check_agreement(flow: Flow, cover: Cover) -> Iterator[Stop]:
    """Suspension always stops; without a clause only the minimum can go, and otherwise the exchange waits."""
    if cover.agreed.suspended:
        yield refuse(flow.gates.suspended)
    if cover.clauses or cover.floor_open:
        return
    if standing_of(flow) == ASSOCIATE:
        yield _wait(flow, flow.gates.associate_risk, RISK_PREREQUISITE)
    else:
        gate = flow.gates.other_basis if cover.agreed.other_basis else flow.gates.no_agreement
        yield _wait(flow, gate, AGREEMENT_PREREQUISITE)


def _route(flow: Flow, grounds: frozenset[Ground]) -> Route:
    submission = flow.submission
    named = submission.case.document_type, submission.purpose, submission.case.header.marking
    return Route(flow.sender.end, flow.recipient.end, *named, grounds, submission.day)


def _wait(flow: Flow, gate: Gate, prerequisite: str) -> Stop:
    return refuse(gate) if outcome_of(flow, prerequisite) is Outcome.REFUSED else hold(gate, prerequisite)


def _is_floor_open(flow: Flow) -> bool:
    if flow.submission.purpose == "SAFEGUARD_CHILD" or flow.header.urgency == header_pb2.URGENCY_IMMEDIATE:
        return True
    if flow.answer("agreement_override") is Answer.YES:
        return True
    return standing_of(flow) == ASSOCIATE and flow.answer("identified_risk") is Answer.YES
