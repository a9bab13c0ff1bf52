"""The end of step 10: texts go without those whom this recipient does not learn of, and without identifiers.

Whom a recipient learns of is read off the decision itself: a party is protected as far as the leaves that
describe it are not released whole. So granting a fact only unmasks, and narrowing an agreement only masks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from google.protobuf.message import Message

from gateway.core.categories import UNCLASSIFIED
from gateway.core.flow import Flow, gate_fired
from gateway.core.freetext.collecting import collect_parties
from gateway.core.freetext.mask import mask_text
from gateway.core.freetext.model import SpanKind
from gateway.core.known import Parties, find_known, hidden_parties
from gateway.core.model import Derived, Desk, Effect
from gateway.core.needs import not_permitted
from gateway.core.treatment import Treatment
from services.kit.evidence.derive import MASK, apply_mask
from services.kit.evidence.errors import NotDerivableError
from services.kit.evidence.leaves import unflatten

_ALWAYS: Final = frozenset({SpanKind.PHONE, SpanKind.EMAIL, SpanKind.HANDLE, SpanKind.IDENTIFIER})
_OF_PROTECTED: Final = frozenset(
    {SpanKind.PERSON, SpanKind.ADDRESS, SpanKind.PLACE, SpanKind.BIRTH, SpanKind.POSTCODE}
)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Who reads: of whom the recipient learns, of whom it does not, and what is masked for it.

    `known` are those of whom it does not learn whom only earlier exchanges named.
    """

    kept: Parties
    protected: Parties
    known: Parties
    maskable: frozenset[SpanKind]

    def mask(self, text: str, *, places_stay: bool) -> str | None:
        """The text as this recipient may read it; None if all of it may stay."""
        found = mask_text(text, self.protected, self.kept, places_stay=places_stay)
        known = find_known(text, self.known, self.kept, places_stay=places_stay)
        going = (*(each for each in found if each.kind in self.maskable), *known)
        spans = [(each.start, each.end) for each in going]
        return apply_mask(text, spans) if spans else None


def mask_texts(
    flow: Flow, treatments: tuple[Treatment, ...], derived: tuple[Derived, ...], known: Iterable[Treatment]
) -> tuple[tuple[Treatment, ...], tuple[Derived, ...]]:
    """The leaves and derived values with every text that goes masked as far as this recipient needs it.

    Args:
        flow: to one recipient.
        treatments: the document's leaves, every other step done.
        derived: the values that stand in for others so far.
        known: the same for the parties known from earlier exchanges.
    """
    if not flow.submission.has_texts or not any(_is_text(each) for each in treatments):
        return treatments, derived
    reader = _read(flow, treatments, known)
    pairs = [_mask(flow, each, reader) if _is_text(each) else (each, None) for each in treatments]
    values = tuple(value for _, value in pairs if value is not None)
    return tuple(each for each, _ in pairs), (*derived, *values)


def _is_text(treatment: Treatment) -> bool:
    return treatment.leaf.kind.free_text and treatment.effect is Effect.RELEASE


def _read(flow: Flow, treatments: Iterable[Treatment], known: Iterable[Treatment]) -> _Reader:
    """One person may be both kept and protected, part by part."""
    case = flow.submission.case
    classified = [each for each in treatments if each.leaf.kind.category != UNCLASSIFIED]
    shown = _build(flow, (each for each in classified if each.effect is Effect.RELEASE))
    hidden = _build(flow, (each for each in classified if each.effect is not Effect.RELEASE))
    kept, protected = _parties(shown, case.header), _parties(hidden, None)
    to = Desk(flow.recipient.id, flow.recipient.desk.desk if flow.recipient.desk else "")
    others = hidden_parties(case.known_parties, known, (*kept, *protected), to)
    return _Reader(kept, protected, others, _maskable(flow, protected))


def _build(flow: Flow, treatments: Iterable[Treatment]) -> Message:
    case = flow.submission.case
    paths = (each.leaf.path for each in treatments)
    return unflatten({path: case.leaves[path] for path in paths}, type(case.document), prefix="document")


def _parties(document: Message, header: Message | None) -> Parties:
    return tuple(dict.fromkeys(party.names for party in collect_parties(document, header)))


def _maskable(flow: Flow, protected: Parties) -> frozenset[SpanKind]:
    if flow.recipient.kind not in flow.world.rulebook.freetext.others_stay_for:
        return frozenset(SpanKind)
    return _ALWAYS | _OF_PROTECTED if protected else _ALWAYS


def _mask(flow: Flow, treatment: Treatment, reader: _Reader) -> tuple[Treatment, Derived | None]:
    path, rules = treatment.leaf.path, flow.world.rulebook.freetext
    gate, text = rules.masked, flow.submission.case.leaves[path]
    places_stay = treatment.leaf.kind.category in rules.places_stay_in
    try:
        masked = reader.mask(text, places_stay=places_stay) if isinstance(text, str) else None
    except NotDerivableError:
        return not_permitted(flow, treatment.leaf, gate), None
    if masked is None:
        return treatment, None
    lowered = treatment.lower(Effect.MASK, gate_fired(gate, Effect.MASK), gate.tell)
    return lowered, Derived(path, MASK, masked)
