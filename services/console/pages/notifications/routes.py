"""Notifications that are missing or came late, by agency; and in plain words what cannot be seen here."""

from datetime import UTC, datetime, timedelta
from typing import Final

from flask import Blueprint, render_template, request
from google.protobuf.timestamp_pb2 import Timestamp
from publicprotection.oversight.v1.clock_service_pb2_grpc import ClockServiceStub

from services.console.calls import at_gateway, together
from services.console.pages.clocks.views import ClockFigures
from services.console.pages.notifications.notifying import (
    SEEN,
    UNSEEN,
    ask_for_counts,
    ask_for_late,
    ask_for_missing,
)
from services.console.paging import cursor, page_on

BLUEPRINT: Final = Blueprint("notifications", __name__, url_prefix="/notifications")
PERIODS: Final = {"30": "30 days", "90": "90 days", "365": "12 months"}
_USUAL: Final = "90"


@BLUEPRINT.get("/")
def show_exceptions() -> str:
    """What is missing, what came late, and how each agency does."""
    agency, period = request.args.get("agency", ""), request.args.get("period", _USUAL)
    period = period if period in PERIODS else _USUAL
    since = Timestamp()
    since.FromDatetime(datetime.now(UTC) - timedelta(days=int(period)))
    clocks = at_gateway(ClockServiceStub)
    missing, late, counted = together(
        clocks.ListClocks.future(ask_for_missing(agency)),
        clocks.ListClocks.future(ask_for_late(agency, request.args.get("limit", ""), cursor())),
        clocks.CountClocks.future(ask_for_counts(since)),
    )
    return render_template(
        "pages/notifications/exceptions.html",
        missing=missing.clocks,
        has_more=bool(missing.next_cursor),
        late=late.clocks,
        links=page_on(late.next_cursor),
        figures=ClockFigures(tuple(counted.counts)),
        period=PERIODS[period],
        periods=[(value, words) for value, words in PERIODS.items() if value != _USUAL],
        usual=PERIODS[_USUAL],
        seen=SEEN,
        unseen=UNSEEN,
        wanted=request.args,
    )
