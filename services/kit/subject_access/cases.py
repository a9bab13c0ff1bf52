"""A case, folded from its events: nothing else is kept of it, so a restart changes nothing. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from services.kit.subject_access.clock import Days, Pause, day_of
from services.kit.subject_access.forms import read_decision, read_item, read_spans
from services.kit.subject_access.masking import mask_spans
from services.kit.subject_access.model import CaseState, Decision, Event, Item, Mask, Who


class Kind(StrEnum):
    """What happens in a case."""

    OPENED = "OPENED"
    IDENTITY_ASKED = "IDENTITY_ASKED"
    IDENTITY_ESTABLISHED = "IDENTITY_ESTABLISHED"
    CLARIFICATION_ASKED = "CLARIFICATION_ASKED"
    CLARIFICATION_RECEIVED = "CLARIFICATION_RECEIVED"
    EXTENDED = "EXTENDED"
    LOCATION_ASKED = "LOCATION_ASKED"
    LOCATED = "LOCATED"
    COLLECTED = "COLLECTED"
    ADDED = "ADDED"
    """From a case system of the organisation's own."""

    OWNER_ASKED = "OWNER_ASKED"
    OWNER_ANSWERED = "OWNER_ANSWERED"
    DECIDED = "DECIDED"
    MASKING_ASKED = "MASKING_ASKED"
    MASKED = "MASKED"
    TURNED_BACK = "TURNED_BACK"
    """The gateway would not take what was asked."""

    MASK_AMENDED = "MASK_AMENDED"
    """Somebody changed what is masked in a text."""

    REVEALED = "REVEALED"
    """What is about others was shown, for a reason."""

    READ = "READ"
    PREPARED = "PREPARED"
    RETURNED = "RETURNED"
    ANSWERED = "ANSWERED"
    ISSUED = "ISSUED"


@dataclass(frozen=True, slots=True)
class Asked:
    """An owner that was asked about items.

    Attributes:
        items: ids.
        answer_by: last day for the answer.
        answered: whether it came.
        refused: code, where the gateway would not pass it on.
    """

    owner: str
    exchange_id: str
    items: frozenset[str]
    answer_by: date
    answered: bool = False
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    Attributes:
        opened: what was said at its opening, JSON.
        opened_by: the person.
        location_id: exchange by which data was located; empty before.
        located: the gateway's answer, JSON; None before.
        asked: owners, by the request id of the enquiry.
        by_owner: decisions of owners, by item.
        by_controller: this organisation's own.
        masked: texts with everybody else masked, by item.
        masks: what is masked in them, by item.
        to_mask: texts that were sent to be masked and are not back, by item.
        evidence: by which it is established who asks.
        prepared_by: None unless it waits for the data protection officer.
        pack: None before the answer.
        issued_on: day on which the pack was sent or handed over; None before.
        means: how.
    """

    case_id: str
    opened: Mapping[str, Any] = field(repr=False)
    opened_by: Who
    days: Days
    events: tuple[Event, ...] = field(repr=False)
    established: bool = False
    location_id: str = ""
    located: Mapping[str, Any] | None = field(default=None, repr=False)
    items: Mapping[str, Item] = field(default_factory=dict, repr=False)
    collected: bool = False
    asked: Mapping[str, Asked] = field(default_factory=dict)
    by_owner: Mapping[str, Decision] = field(default_factory=dict, repr=False)
    by_controller: Mapping[str, Decision] = field(default_factory=dict, repr=False)
    masked: Mapping[str, str] = field(default_factory=dict, repr=False)
    masks: Mapping[str, Mask] = field(default_factory=dict, repr=False)
    to_mask: frozenset[str] = frozenset()
    evidence: tuple[str, ...] = ()
    prepared_by: Who | None = None
    pack: Mapping[str, str] | None = field(default=None, repr=False)
    issued_on: date | None = None
    means: str = ""

    @classmethod
    def fold(cls, case_id: str, events: Iterable[Event]) -> "Case":
        """The case after these events, the first of which opened it."""
        first, *later = events
        if first.who is None:
            raise ValueError("a case is opened by a person")
        days = Days(date.fromisoformat(first.detail["received_on"]))
        case: Case = cls(case_id, first.detail, first.who, days, (first,))
        for event in later:
            case = case.after(event)
        return case

    def after(self, event: Event) -> "Case":
        """The case after one more event."""
        return replace(_FOLDS[Kind(event.kind)](self, event), events=(*self.events, event))

    @property
    def organisation(self) -> str:
        """Which organisation answers."""
        return str(self.opened["organisation"])

    @property
    def state(self) -> CaseState:
        """How far it has come."""
        if self.issued_on is not None:
            return CaseState.ISSUED
        if self.pack is not None:
            return CaseState.ANSWERED
        if self.prepared_by is not None:
            return CaseState.PREPARED
        return CaseState.IN_HAND if self.established else CaseState.OPEN


def _on(event: Event) -> date:
    return date.fromisoformat(event.detail["received_on"])


def _identity_asked(case: Case, event: Event) -> Case:
    asked = case.days.identity_asked or day_of(event.at)
    return replace(case, days=replace(case.days, identity_asked=asked))


def _identity(case: Case, event: Event) -> Case:
    evidence = tuple(event.detail["evidence"])
    return replace(case, established=True, evidence=evidence, days=replace(case.days, identity=_on(event)))


def _clarification_asked(case: Case, event: Event) -> Case:
    pauses = (*case.days.pauses, Pause(day_of(event.at)))
    return replace(case, days=replace(case.days, pauses=pauses))


def _clarified(case: Case, event: Event) -> Case:
    *before, last = case.days.pauses
    return replace(case, days=replace(case.days, pauses=(*before, replace(last, until=_on(event)))))


def _extended(case: Case, _event: Event) -> Case:
    return replace(case, days=replace(case.days, extended=True))


def _noted(case: Case, _event: Event) -> Case:
    return case


def _located(case: Case, event: Event) -> Case:
    return replace(case, location_id=event.detail["location_id"], located=event.detail["located"])


def _collected(case: Case, event: Event) -> Case:
    # What was added by hand stays, and so does what was decided and masked of an item.
    added = {name: each for name, each in case.items.items() if each.is_added}
    items = {each["item_id"]: read_item(each) for each in event.detail["items"]}
    return replace(case, items={**items, **added}, collected=True, prepared_by=None)


def _added(case: Case, event: Event) -> Case:
    item = read_item(event.detail["item"])
    return replace(case, items={**case.items, item.item_id: item}, prepared_by=None)


def _owner_asked(case: Case, event: Event) -> Case:
    detail = event.detail
    asked = Asked(
        detail["owner"],
        detail["exchange_id"],
        frozenset(detail["items"]),
        date.fromisoformat(detail["answer_by"]),
    )
    return replace(case, asked={**case.asked, event.request_id: asked})


def _owner_answered(case: Case, event: Event) -> Case:
    request, decisions = event.request_id, event.detail["decisions"]
    asked = {**case.asked, request: replace(case.asked[request], answered=True)}
    said = {item: read_decision(each) for item, each in decisions.items()}
    return replace(case, asked=asked, by_owner={**case.by_owner, **said})


def _decided(case: Case, event: Event) -> Case:
    said = {item: read_decision(each) for item, each in event.detail["decisions"].items()}
    return replace(case, by_controller={**case.by_controller, **said}, prepared_by=None)


def _masking_asked(case: Case, event: Event) -> Case:
    return replace(case, to_mask=case.to_mask | frozenset(event.detail["items"]))


def _masked(case: Case, event: Event) -> Case:
    texts = event.detail["texts"]
    told = {item: read_spans(each) for item, each in event.detail.get("spans", {}).items()}
    masks = {**case.masks, **{item: Mask(each, each) for item, each in told.items()}}
    masked, waiting = {**case.masked, **texts}, case.to_mask - frozenset(texts)
    return replace(case, masked=masked, masks=masks, to_mask=waiting)


def _mask_amended(case: Case, event: Event) -> Case:
    item_id, spans = event.detail["item_id"], read_spans(event.detail["spans"])
    mask = replace(case.masks[item_id], spans=spans, changed=True)
    text = mask_spans(str(case.items[item_id].value), spans)
    masked, masks = {**case.masked, item_id: text}, {**case.masks, item_id: mask}
    return replace(case, masked=masked, masks=masks, prepared_by=None)


def _turned_back(case: Case, event: Event) -> Case:
    if event.request_id not in case.asked:
        return replace(case, to_mask=frozenset())
    refused = replace(case.asked[event.request_id], refused=event.detail["code"])
    return replace(case, asked={**case.asked, event.request_id: refused})


def _prepared(case: Case, event: Event) -> Case:
    return replace(case, prepared_by=event.who)


def _returned(case: Case, _event: Event) -> Case:
    return replace(case, prepared_by=None)


def _answered(case: Case, event: Event) -> Case:
    return replace(case, pack=event.detail["pack"])


def _issued(case: Case, event: Event) -> Case:
    day = date.fromisoformat(event.detail["issued_on"])
    return replace(case, issued_on=day, means=event.detail["means"])


_FOLDS = {
    Kind.OPENED: _noted,
    Kind.IDENTITY_ASKED: _identity_asked,
    Kind.IDENTITY_ESTABLISHED: _identity,
    Kind.CLARIFICATION_ASKED: _clarification_asked,
    Kind.CLARIFICATION_RECEIVED: _clarified,
    Kind.EXTENDED: _extended,
    Kind.LOCATION_ASKED: _noted,
    Kind.LOCATED: _located,
    Kind.COLLECTED: _collected,
    Kind.ADDED: _added,
    Kind.OWNER_ASKED: _owner_asked,
    Kind.OWNER_ANSWERED: _owner_answered,
    Kind.DECIDED: _decided,
    Kind.MASKING_ASKED: _masking_asked,
    Kind.MASKED: _masked,
    Kind.TURNED_BACK: _turned_back,
    Kind.MASK_AMENDED: _mask_amended,
    Kind.REVEALED: _noted,
    Kind.READ: _noted,
    Kind.PREPARED: _prepared,
    Kind.RETURNED: _returned,
    Kind.ANSWERED: _answered,
    Kind.ISSUED: _issued,
}
