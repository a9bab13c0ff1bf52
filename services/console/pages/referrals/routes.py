"""The referral inbox of a co-ordination unit: level 2 and 3 referrals, their ten days, and their outcomes."""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.documents.v1.referral_pb2 import LevelReferral, LevelReferralDecision
from publicprotection.exchange.v1.header_pb2 import Author, Header
from publicprotection.exchange.v1.inbox_service_pb2 import (
    DeliverySummary,
    GetDeliveryRequest,
    ListDeliveriesRequest,
)
from publicprotection.exchange.v1.inbox_service_pb2_grpc import InboxServiceStub
from publicprotection.exchange.v1.outbox_service_pb2 import GetExchangeRequest
from publicprotection.exchange.v1.outbox_service_pb2_grpc import OutboxServiceStub
from publicprotection.exchange.v1.thread_service_pb2 import GetThreadRequest
from publicprotection.exchange.v1.thread_service_pb2_grpc import ThreadServiceStub
from publicprotection.oversight.v1.clock_service_pb2 import CountClocksRequest
from publicprotection.oversight.v1.clock_service_pb2_grpc import ClockServiceStub
from publicprotection.partner.v1.mappa_requests_pb2 import SendLevelReferralDecisionRequest
from publicprotection.partner.v1.partner_service_pb2_grpc import PartnerServiceStub
from werkzeug.wrappers import Response

from services.console.asking import ReasonForm
from services.console.calls import at_agency, at_gateway, together
from services.console.errors import InvalidError, NotFoundError, PreconditionError, RefusedError
from services.console.links import story_of
from services.console.outlining import outline
from services.console.pages.clocks.views import ClockFigures, is_live
from services.console.pages.referrals.forms import DecisionForm
from services.console.pages.referrals.referring import (
    LIMIT,
    ask_for_one,
    ask_for_person,
    ask_for_referrals,
    find_delivery,
    list_others,
    tell_steps,
)
from services.console.paging import cursor, page_on
from services.console.session import keep, kept, person
from services.console.telephones import desks_of

BLUEPRINT: Final = Blueprint("referrals", __name__, url_prefix="/referrals")
DECIDED: Final = "decided"
LOOKED_BACK: Final = timedelta(days=90)
_TO_DECIDE: Final = "To decide this referral (MAPPA 7.17)"
Page = str | Response | tuple[str, int]


@BLUEPRINT.get("/")
def show_inbox() -> Page:
    """Referrals that wait for a decision, those due first; or those that were decided."""
    is_decided = request.args.get("show", "") == DECIDED
    since = Timestamp()
    since.FromDatetime(datetime.now(UTC) - LOOKED_BACK)
    clocks, unit = at_gateway(ClockServiceStub), person().organisation
    listed, counted = together(
        clocks.ListClocks.future(ask_for_referrals(unit, cursor(), is_decided=is_decided)),
        clocks.CountClocks.future(CountClocksRequest(limits=[LIMIT], ended_since=since)),
    )
    own = tuple(each for each in counted.counts if each.responsible == unit)
    return render_template(
        "pages/referrals/inbox.html",
        referrals=listed.clocks,
        total=ClockFigures(own).total,
        is_decided=is_decided,
        links=page_on(listed.next_cursor),
    )


@BLUEPRINT.get("/<exchange_id>")
def show_referral(exchange_id: str) -> Page:
    """One referral: its ten days, what happened since, and other referrals of the same person."""
    clocks = at_gateway(ClockServiceStub)
    found, deliveries, thread = together(
        clocks.ListClocks.future(ask_for_one(exchange_id)),
        at_agency(InboxServiceStub).ListDeliveries.future(ListDeliveriesRequest(exchange_id=exchange_id)),
        at_agency(ThreadServiceStub).GetThread.future(GetThreadRequest(exchange_id=exchange_id)),
    )
    if not found.clocks:
        raise NotFoundError
    clock = found.clocks[0]
    others = clocks.ListClocks(ask_for_person(clock.subject_id)).clocks if clock.subject_id else []
    return render_template(
        "pages/referrals/referral.html",
        referral=clock,
        waits=is_live(clock.clock),
        delivery=find_delivery(deliveries.deliveries),
        steps=tell_steps(thread.entries),
        others=list_others(others, exchange_id),
        story=story_of(exchange_id),
    )


@BLUEPRINT.route("/<exchange_id>/decide", methods=["GET", "POST"])
def decide(exchange_id: str) -> Page:
    """Answers a referral, with what it says beside the form."""
    delivery = _find_delivery(exchange_id)
    if delivery is None:
        flash("This referral was decided before. Nothing more was sent.")
        return redirect(url_for("referrals.show_referral", exchange_id=exchange_id), 303)
    header, referral = _read(delivery)
    form, error = DecisionForm(), None
    form.offer(desks_of(delivery.sender), header, referral)
    if form.validate_on_submit():
        author = Author(name=person().name, role=person().job)
        answer = SendLevelReferralDecisionRequest(
            header=form.write_header(header, author, to=delivery.sender, answers=exchange_id),
            document=form.write_document(referral),
        )
        try:
            at_agency(PartnerServiceStub).SendLevelReferralDecision(answer)
        except (InvalidError, PreconditionError, RefusedError) as refusal:
            error = refusal
        else:
            flash("The decision is on its way. The ten days end when the gateway has taken it.", "success")
            return redirect(url_for("referrals.show_referral", exchange_id=exchange_id), 303)
    page = render_template(
        "pages/referrals/decide.html",
        exchange_id=exchange_id,
        sender=delivery.sender,
        lines=outline(referral),
        form=form,
        error=error,
    )
    return (page, error.status if error else 422) if form.errors or error else page


@BLUEPRINT.route("/<exchange_id>/decision/<answer_id>", methods=["GET", "POST"])
def ask_decision(exchange_id: str, answer_id: str) -> Page:
    """Asks why a decision that was sent is to be read."""
    form = ReasonForm()
    if form.validate_on_submit():
        key = keep((answer_id, form.reason.data or ""))
        return redirect(
            url_for("referrals.show_decision", exchange_id=exchange_id, answer_id=answer_id, key=key), 303
        )
    page = render_template("pages/referrals/ask.html", form=form, exchange_id=exchange_id)
    return (page, 422) if form.errors else page


@BLUEPRINT.get("/<exchange_id>/decision/<answer_id>/shown/<key>")
def show_decision(exchange_id: str, answer_id: str, key: str) -> Page:
    """How a referral was decided, with the reasons if it was refused: a reading on record."""
    asked_id, reason = kept(key)
    if asked_id != answer_id:
        raise NotFoundError
    wanted = GetExchangeRequest(exchange_id=answer_id, document_reason=reason)
    found = at_agency(OutboxServiceStub).GetExchange(wanted)
    decision = LevelReferralDecision()
    if not found.document.Unpack(decision):
        raise NotFoundError
    return render_template(
        "pages/referrals/decision.html",
        exchange_id=exchange_id,
        decision=decision,
        lines=outline(decision),
        sent_at=found.exchange.accepted_at,
    )


def _find_delivery(exchange_id: str) -> DeliverySummary | None:
    """The delivery of a referral that still waits; None if it does not, NotFoundError if there is none."""
    found, listed = together(
        at_gateway(ClockServiceStub).ListClocks.future(ask_for_one(exchange_id)),
        at_agency(InboxServiceStub).ListDeliveries.future(ListDeliveriesRequest(exchange_id=exchange_id)),
    )
    delivery = find_delivery(listed.deliveries)
    if delivery is None or not found.clocks:
        raise NotFoundError
    return delivery if any(is_live(each.clock) for each in found.clocks) else None


def _read(delivery: DeliverySummary) -> tuple[Header, LevelReferral]:
    """What a referral says: a reading on record. What is about victims is left out."""
    wanted = GetDeliveryRequest(delivery_id=delivery.delivery_id, reason=_TO_DECIDE)
    found = at_agency(InboxServiceStub).GetDelivery(wanted).delivery
    referral = LevelReferral()
    if not found.document.Unpack(referral):
        raise NotFoundError
    return found.header, referral
