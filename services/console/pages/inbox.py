"""What was sent to the own organisation: codes at once, what it says only to whoever says why."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template, url_for
from publicprotection.exchange.v1.inbox_service_pb2 import (
    AcknowledgementKind,
    Delivery,
    GetDeliveryRequest,
    ListDeliveriesRequest,
)
from publicprotection.exchange.v1.inbox_service_pb2_grpc import InboxServiceStub
from publicprotection.exchange.v1.thread_service_pb2 import GetThreadRequest, ThreadEntryKind
from publicprotection.exchange.v1.thread_service_pb2_grpc import ThreadServiceStub
from werkzeug.wrappers import Response

from services.console.asking import ReadForm
from services.console.calls import at_agency
from services.console.outlining import Line, outline
from services.console.paging import page_on, position
from services.console.session import keep, kept
from services.kit.exchange.documents import document_type

BLUEPRINT: Final = Blueprint("inbox", __name__, url_prefix="/inbox")
PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """For what a delivery is read.

    Attributes:
        delivery_id: which.
        reason: why, in the person's own words.
        victims: whether what is about victims is asked for too.
    """

    delivery_id: str
    reason: str
    victims: bool


@BLUEPRINT.get("/")
def show_inbox() -> str:
    """The newest deliveries; a practitioner sees those of the own desk."""
    before = position()
    asked = ListDeliveriesRequest(newest_first=True, page_size=PAGE, before_position=before)
    found = at_agency(InboxServiceStub).ListDeliveries(asked).deliveries
    older = str(found[-1].position) if len(found) == PAGE else ""
    return render_template(
        "pages/inbox/list.html", deliveries=found, links=page_on(older), kinds=AcknowledgementKind
    )


@BLUEPRINT.get("/exchange/<exchange_id>")
def show_thread(exchange_id: str) -> str:
    """What was sent from here and received here about one matter."""
    thread = at_agency(ThreadServiceStub).GetThread(GetThreadRequest(exchange_id=exchange_id))
    return render_template(
        "pages/inbox/thread.html", thread=thread, exchange_id=exchange_id, kinds=ThreadEntryKind
    )


@BLUEPRINT.route("/delivery/<delivery_id>", methods=["GET", "POST"])
def ask_delivery(delivery_id: str) -> Response | str | tuple[str, int]:
    """Asks why it is to be read."""
    form = ReadForm()
    if form.validate_on_submit():
        asked = Asked(delivery_id, form.reason.data or "", form.victims.data)
        return redirect(url_for("inbox.show_delivery", delivery_id=delivery_id, key=keep(asked)), 303)
    page = render_template("pages/inbox/ask.html", form=form, delivery_id=delivery_id)
    return page, 422 if form.errors else 200


@BLUEPRINT.get("/delivery/<delivery_id>/shown/<key>")
def show_delivery(delivery_id: str, key: str) -> Response | str:
    """What it says: a reading on record each time it is opened."""
    asked = kept(key)
    if not isinstance(asked, Asked) or asked.delivery_id != delivery_id:
        return redirect(url_for("inbox.ask_delivery", delivery_id=delivery_id), 303)
    asking = GetDeliveryRequest(
        delivery_id=delivery_id,
        reason=asked.reason,
        victim_reason=asked.reason if asked.victims else "",
    )
    delivery = at_agency(InboxServiceStub).GetDelivery(asking).delivery
    return render_template(
        "pages/inbox/delivery.html", delivery=delivery, lines=_read(delivery), asked=asked, form=ReadForm()
    )


def _read(delivery: Delivery) -> tuple[Line, ...]:
    document = document_type(delivery.summary.document_type)()
    delivery.document.Unpack(document)
    return outline(document)
