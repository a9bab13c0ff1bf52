"""Alarms: what the organisation's own service found wrong by itself, and how each was settled."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import GovCharacterCount, GovSubmitInput
from publicprotection.exchange.v1.outbox_service_pb2 import Alarm, AlarmKind
from publicprotection.exchange.v1.witness_service_pb2 import (
    GetLogStandingRequest,
    ListAlarmsRequest,
    SettleAlarmRequest,
)
from publicprotection.exchange.v1.witness_service_pb2_grpc import WitnessServiceStub
from werkzeug.wrappers import Response
from wtforms import SubmitField, TextAreaField
from wtforms.validators import Length

from services.console.calls import at_agency, together
from services.console.errors import InvalidError, NotFoundError, PreconditionError
from services.console.form_fields import Words
from services.console.paging import LAST_POSITION, page_on, position
from services.console.session import has_role
from services.kit.access.actor import Role

BLUEPRINT: Final = Blueprint("alarms", __name__, url_prefix="/alarms")
LONGEST: Final = 2000

_PAGE: Final = 100
_SETTLES: Final = (Role.DATA_PROTECTION_OFFICER, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an alarm means.

    Attributes:
        title: what was found.
        advice: what to do about it.
    """

    title: str
    advice: str


MEANINGS: Final = {
    AlarmKind.ALARM_KIND_LEAF_NOT_SENT: Meaning(
        "The gateway says that it released something that was not sent",
        "Compare what was sent with what the recipient got, and tell whoever runs the gateway.",
    ),
    AlarmKind.ALARM_KIND_VALUE_ALTERED: Meaning(
        "A value was not made coarser as its rule says",
        "Compare what was sent with what the recipient got, and tell whoever runs the gateway.",
    ),
    AlarmKind.ALARM_KIND_STATEMENT_INVALID: Meaning(
        "A statement about an exchange does not hold", "Keep it as it is and tell whoever runs the gateway."
    ),
    AlarmKind.ALARM_KIND_DELIVERY_INVALID: Meaning(
        "A delivery did not verify and was not taken",
        "Ask its sender whether it was sent, and tell whoever runs the gateway.",
    ),
    AlarmKind.ALARM_KIND_LOG_FAULT: Meaning(
        "The disclosure log is not what it must be",
        "Keep the evidence. Tell the other witnesses and whoever runs the scheme.",
    ),
    AlarmKind.ALARM_KIND_NOT_CONFIRMED: Meaning(
        "An immediate exchange was not confirmed in its minutes",
        "Telephone the desk, and put on record that you did.",
    ),
}


class SettleForm(FlaskForm):  # type: ignore[misc,unused-ignore]  # published without types
    """How an alarm was settled."""

    reason = TextAreaField(
        "What was found, and what was done?",
        widget=GovCharacterCount(),
        description="It is recorded with your name. Name nobody in it if a reference will do.",
        validators=[
            Words("Enter what was found and done"),
            Length(max=LONGEST, message=f"Use {LONGEST:,} characters or fewer"),
        ],
    )
    settle = SubmitField("Settle the alarm", widget=GovSubmitInput())


@BLUEPRINT.get("/")
def show_alarms() -> str:
    """Every alarm, the open ones first; and how the log stands."""
    stub = at_agency(WitnessServiceStub)
    after = position()
    standing, listed = together(
        stub.GetLogStanding.future(GetLogStandingRequest()),
        stub.ListAlarms.future(ListAlarmsRequest(after_position=after, page_size=_PAGE)),
    )
    alarms = sorted(listed.alarms, key=lambda alarm: alarm.HasField("settlement"))
    following = str(listed.alarms[-1].position) if len(listed.alarms) == _PAGE else ""
    return render_template(
        "pages/alarms/list.html",
        alarms=alarms,
        meanings=MEANINGS,
        standing=standing,
        settles=has_role(*_SETTLES),
        links=page_on(following),
    )


@BLUEPRINT.route(f"/<int(min=1, max={LAST_POSITION}):position>", methods=["GET", "POST"])
def settle(position: int) -> Response | str | tuple[str, int]:
    """Settles an alarm, with what was found and done."""
    alarm, form = _find(position), SettleForm()
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            request = SettleAlarmRequest(position=position, reason=form.reason.data or "")
            at_agency(WitnessServiceStub).SettleAlarm(request)
        except InvalidError as error:
            form.reason.errors = [error.advice_on("reason") or error.advice]
        except PreconditionError as error:
            form.form_errors.append(error.message)
            status = error.status
        else:
            flash("The alarm was settled.", "success")
            return redirect(url_for("alarms.show_alarms"), 303)
    page = render_template(
        "pages/alarms/alarm.html", alarm=alarm, meanings=MEANINGS, form=form, settles=has_role(*_SETTLES)
    )
    return page, status


def _find(position: int) -> Alarm:
    request = ListAlarmsRequest(after_position=position - 1, page_size=1)
    listed = at_agency(WitnessServiceStub).ListAlarms(request).alarms
    if not listed or listed[0].position != position:
        raise NotFoundError
    return listed[0]
