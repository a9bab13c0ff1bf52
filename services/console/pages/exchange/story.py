"""An exchange as a story: what happened when, in plain words, with the paragraph that each step rests on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.common.v1.organisation_pb2 import DeskReference
from publicprotection.exchange.v1.decision_pb2 import DECISION_OUTCOME_RELEASED
from publicprotection.exchange.v1.inbox_service_pb2 import AcknowledgementKind
from publicprotection.oversight.v1 import register_service_pb2 as pb2

from services.console.pages.exchange.reasons import Reasons, read_reasons
from services.console.pages.register.rows import Tag, result_tag
from services.console.words import code, document, enum_words, job, organisation, purpose
from services.console.words import desk as desk_name
from services.kit.words import categories_words

_WITHDRAWN: Final = "WITHDRAWN"
_ENDINGS: Final = {
    pb2.HOLD_ENDING_GRANTED: ("Granted", "What waited was decided again."),
    pb2.HOLD_ENDING_DECLINED: ("Declined", "What waited is withheld."),
    pb2.HOLD_ENDING_LIFTED: ("No longer needed", "Another answer or fact was enough."),
    pb2.HOLD_ENDING_EXPIRED: ("Ran out", "Nobody answered in time. What waited is withheld."),
    pb2.HOLD_ENDING_WITHDRAWN: ("Ended", "The exchange was taken back."),
}
# What was sent is decided; what was agreed ends a hold, which is decided again; that asks, or leaves.
_SENT, _TURNED, _ENDED, _DECIDED, _ASKED, _LEFT, _TAKEN = range(7)
_TITLES: Final = {
    pb2.EXCHANGE_RESULT_RELEASED: "Released to {}",
    pb2.EXCHANGE_RESULT_RELEASED_IN_PART: "Released in part to {}",
    pb2.EXCHANGE_RESULT_HELD: "Held for {}",
    pb2.EXCHANGE_RESULT_REFUSED: "Refused for {}",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Attributes:
        by: who did it; may be empty.
        text: a sentence; may be empty.
        got: what was released, in words; empty if nothing was.
        reasons: what was withheld, held or refused, and why; None where there is nothing to say.
        exchange_id: another exchange that it was; empty if none.
        tag: how it stood afterwards.
        rank: place among what happened at the same moment.
    """

    at: Timestamp
    title: str
    by: str = ""
    text: str = ""
    got: str = ""
    reasons: Reasons | None = None
    exchange_id: str = ""
    tag: Tag | None = None
    rank: int = 0


def events_of(story: pb2.GetExchangeResponse) -> list[Event]:
    """What happened, oldest first; of what happened at once, what caused something before that."""
    told: list[Event] = [_sent(story.exchange), *_decided(story)]
    for delivery in story.exchange.deliveries:
        told += _delivered(delivery)
    for hold in story.holds:
        told += _held(hold)
    told += _recalled(story.recall) if story.HasField("recall") else []
    told += [_telephoned(each) for each in story.telephone]
    told += _answered(story)
    return sorted(told, key=lambda event: (event.at.ToNanoseconds(), event.rank))


def desk_words(desk: DeskReference) -> str:
    """A desk, by the names of the directory."""
    return f"{organisation(desk.organisation)}, {desk_name(desk.organisation, desk.desk)}"


def _sent(exchange: pb2.RegisteredExchange) -> Event:
    what = document(exchange.document_type)
    return Event(
        at=exchange.decided_at,
        title=f"{organisation(exchange.sender)} sent a document: {what}",
        text=f"Purpose: {purpose(exchange.purpose).lower()}. The gateway took it and decided at once.",
    )


def _decided(story: pb2.GetExchangeResponse) -> Iterator[Event]:
    for each in story.decisions:
        decision = each.decision
        yield Event(
            at=decision.decided_at,
            title=_TITLES.get(each.result, "Decided for {}").format(desk_words(decision.recipient)),
            got=categories_words(each.released_categories),
            text=_nothing_new(each),
            reasons=read_reasons(decision),
            tag=result_tag(each.result),
            rank=_DECIDED,
        )


def _nothing_new(each: pb2.DecisionStory) -> str:
    released = each.decision.outcome == DECISION_OUTCOME_RELEASED
    return "Decided again; nothing more went." if released and not each.decision.delivery_id else ""


def _delivered(each: pb2.DeliveryStatus) -> Iterator[Event]:
    to = desk_words(DeskReference(organisation=each.organisation, desk=each.desk))
    more = "What followed left" if each.supplementary_to else "Left"
    if each.HasField("published_at"):
        yield Event(each.published_at, f"{more} for {to}", rank=_LEFT)
    if each.HasField("receipted_at"):
        yield Event(
            each.receipted_at,
            f"Received by {to}",
            text="Its service checked it and took delivery.",
            rank=_TAKEN,
        )
    if each.HasField("acknowledged_at"):
        kind = enum_words(each.acknowledged, AcknowledgementKind).lower()
        yield Event(
            each.acknowledged_at, f"Acknowledged by {to}", text=f"A person there said: {kind}.", rank=_TAKEN
        )


def _held(story: pb2.HoldStory) -> Iterator[Event]:
    held = story.held
    waits, what = code(held.prerequisite), categories_words(held.categories) or "part of it"
    owner = organisation(held.organisation) if held.organisation else "nobody: the directory lists none"
    asked = f"Asked: {owner}" + (f", as {code(held.role).lower()}" if held.role else "")
    about = f"{waits}. It is about {what}, for {desk_words(held.recipient)}."
    yield Event(story.opened_at, asked, text=about, rank=_ASKED)
    for turn in story.turned:
        who = f"{job(turn.job)}, {organisation(turn.organisation)}"
        yield Event(turn.at, f"Agreed: {waits.lower()}", by=who, rank=_TURNED)
    if story.ending in _ENDINGS:
        title, text = _ENDINGS[story.ending]
        yield Event(story.closed_at, f"{title}: {waits.lower()}", text=text, rank=_ENDED)


def _recalled(recall: pb2.RecallStory) -> Iterator[Event]:
    yield Event(
        recall.at,
        f"Taken back by its sender: {code(recall.kind).lower()}",
        text="Whoever has it was told, and must confirm that it is not used.",
        exchange_id=recall.replaced_by,
    )
    for told in recall.told:
        if told.HasField("confirmed_at"):
            yield Event(told.confirmed_at, f"{organisation(told.organisation)} confirmed that it is not used")


def _telephoned(each: pb2.TelephoneStory) -> Event:
    return Event(
        each.told_at,
        f"Told by telephone: {desk_words(each.recipient)}",
        text="It was not confirmed in time, so the sender telephoned. What was said stands at the sender.",
    )


def _answered(story: pb2.GetExchangeResponse) -> Iterator[Event]:
    own = story.exchange.exchange_id
    for each in story.thread:
        if each.in_reply_to == own:
            title = f"Answered by {organisation(each.sender)}: {document(each.document_type)}"
            yield Event(each.decided_at, title, exchange_id=each.exchange_id)


def others_of(story: pb2.GetExchangeResponse) -> Sequence[pb2.ThreadExchange]:
    """The conversation, oldest first, itself among it; empty where there is nothing else."""
    return story.thread if len(story.thread) > 1 else ()


def category_names(categories: Mapping[str, str], paths: Iterable[str]) -> str:
    """What paths hold, in words."""
    own = (categories.get(path.partition("#")[0], "") for path in paths)
    return categories_words(each for each in own if each)


def refusal_words(reason: str) -> str:
    """Why a delivery was not taken."""
    return "Stopped before it left" if reason == _WITHDRAWN else f"Not taken: {code(reason).lower()}"
