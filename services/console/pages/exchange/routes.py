"""One exchange: what happened to it, what each recipient got, what was withheld and why, what answers it."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template
from publicprotection.exchange.v1.clock_pb2 import ClockState
from publicprotection.exchange.v1.header_pb2 import LawfulBasis, Urgency
from publicprotection.oversight.v1 import register_service_pb2 as pb2
from publicprotection.oversight.v1.register_service_pb2_grpc import RegisterServiceStub

from services.console.calls import at_gateway
from services.console.pages.exchange.reasons import fields_of
from services.console.pages.exchange.story import category_names, events_of, others_of, refusal_words
from services.console.pages.register.rows import Recipient, recipients_of, tags_of
from services.console.session import has_role, person
from services.kit.access.actor import Role
from services.kit.words import categories_words, law_words

BLUEPRINT: Final = Blueprint("exchange", __name__, url_prefix="/exchanges")
_BASIS: Final = "LAWFUL_BASIS_"


@dataclass(frozen=True, slots=True)
class Got:
    """What one recipient got.

    Attributes:
        recipient: who, and how it stands.
        categories: what was released to them, in words.
        fields: of the document, in words.
        missing: what was not released.
        waiting: what waits.
        refusals: why something was not taken.
    """

    recipient: Recipient
    categories: str
    fields: tuple[str, ...]
    missing: str
    waiting: str
    refusals: tuple[str, ...]


@BLUEPRINT.get("/<exchange_id>")
def show_exchange(exchange_id: str) -> str:
    """An exchange as a story."""
    story = at_gateway(RegisterServiceStub).GetExchange(pb2.GetExchangeRequest(exchange_id=exchange_id))
    exchange = story.exchange
    return render_template(
        "pages/exchange/exchange.html",
        story=story,
        exchange=exchange,
        tags=list(tags_of(exchange)),
        got=[_got(story, each) for each in zip_recipients(story)],
        events=events_of(story),
        others=others_of(story),
        bases=[law_words(LawfulBasis.Name(each).removeprefix(_BASIS)) for each in exchange.lawful_bases],
        urgencies=Urgency,
        states=ClockState,
        may_open_case=has_role(Role.MAPPA_COORDINATOR) and bool(exchange.subject),
        may_read_log=has_role(Role.MAPPA_COORDINATOR, Role.DATA_PROTECTION_OFFICER),
        took_part=_took_part(exchange, person().organisation),
    )


def zip_recipients(story: pb2.GetExchangeResponse) -> list[tuple[str, str, Recipient]]:
    """Organisation, desk and how it stands for each recipient."""
    exchange = story.exchange
    desks = {(part.recipient.organisation, part.recipient.desk): None for part in exchange.standing}
    desks |= {(each.organisation, each.desk): None for each in exchange.deliveries}
    return [(*desk, shown) for desk, shown in zip(desks, recipients_of(exchange), strict=True)]


def _got(story: pb2.GetExchangeResponse, each: tuple[str, str, Recipient]) -> Got:
    body, desk, shown = each
    left = [d for d in story.exchange.deliveries if (d.organisation, d.desk) == (body, desk)]
    paths = [path for delivery in left if delivery.refused != "WITHDRAWN" for path in delivery.released]
    parts = [
        part
        for part in story.exchange.standing
        if (part.recipient.organisation, part.recipient.desk) == (body, desk)
    ]
    return Got(
        recipient=shown,
        categories=category_names(story.categories, paths),
        fields=fields_of(paths),
        missing=categories_words(category for part in parts for category in part.withheld),
        waiting=categories_words(category for part in parts for category in part.held),
        refusals=tuple(refusal_words(delivery.refused) for delivery in left if delivery.refused),
    )


def _took_part(exchange: pb2.RegisteredExchange, own: str) -> bool:
    return own in {exchange.sender, *(each.organisation for each in exchange.deliveries)}
