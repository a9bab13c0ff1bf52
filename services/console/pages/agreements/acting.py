"""What people do about agreements: sign, refuse, suspend, resume, end; each on a page of its own."""

from typing import Any, Final

from flask_wtf import FlaskForm
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovCheckboxInput,
    GovRadioInput,
    GovSubmitInput,
)
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from wtforms import BooleanField, HiddenField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length

from services.console.errors import InvalidError, PreconditionError
from services.console.form_fields import Words
from services.console.pages.agreements.base import (
    BLUEPRINT,
    CONFLICT,
    Page,
    ask,
    done,
    load,
    show,
)
from services.console.select_fields import RadioField
from services.console.words import organisation

WHOLE: Final = "whole"
"""In the place of a party."""
_LONGEST: Final = 1000


class SignForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Signs the text that the page shows."""

    digest = HiddenField()
    read = BooleanField(
        "I have read this text, and sign it for my organisation",
        widget=GovCheckboxInput(),
        validators=[InputRequired("Read the text, then say that you sign it")],
    )
    send = SubmitField("Sign", widget=GovSubmitInput())


class ReasonForm(FlaskForm):  # type: ignore[misc]  # published without types
    """Why, on record."""

    reason = TextAreaField(
        "Why?",
        widget=GovCharacterCount(),
        description="It is on record, with your name, and the other parties read it.",
        validators=[Words("Say why"), Length(max=_LONGEST, message="Use 1,000 characters or fewer")],
    )


class RefuseForm(ReasonForm):
    """Refuses the text that the page shows."""

    digest = HiddenField()
    send = SubmitField("Refuse for good", widget=GovSubmitInput())


class EndForm(ReasonForm):
    """Ends a version."""

    send = SubmitField("End it now", widget=GovSubmitInput())


class StopForm(ReasonForm):
    """Stops a party or the whole."""

    what = RadioField(
        "Who or what is suspended?",
        widget=GovRadioInput(),
        validators=[InputRequired("Choose a party, or the whole agreement")],
    )
    send = SubmitField("Suspend now", widget=GovSubmitInput())


class ResumeForm(ReasonForm):
    """Lets a party or the whole go on."""

    what = RadioField(
        "Who or what is resumed?",
        widget=GovRadioInput(),
        validators=[InputRequired("Choose a party, or the whole agreement")],
    )
    send = SubmitField("Resume now", widget=GovSubmitInput())


@BLUEPRINT.route("/<agreement_id>/<version>/sign", methods=["GET", "POST"])
def sign(agreement_id: str, version: str) -> Page:
    """Shows what is signed, and signs it."""
    found, form = load(agreement_id, version), SignForm()
    if not form.validate_on_submit():
        form.digest.data = found.agreement.digest
        return show("sign", form, found=found, agreement=found.agreement)
    seen = form.digest.data or ""
    request = pb2.SignAgreementRequest(agreement_id=agreement_id, version=version, digest=seen)
    try:
        signed = ask().SignAgreement(request)
    except (PreconditionError, InvalidError) as fault:
        return _again(form, fault, "sign", found=found, agreement=found.agreement)
    in_force = signed.agreement.standing == pb2.AGREEMENT_STANDING_IN_FORCE
    text = "You signed. All have: it is in force." if in_force else "You signed."
    return done(agreement_id, version, text, signed.act)


@BLUEPRINT.route("/<agreement_id>/<version>/refuse", methods=["GET", "POST"])
def refuse(agreement_id: str, version: str) -> Page:
    """Refuses a draft."""
    found, form = load(agreement_id, version), RefuseForm()
    if not form.validate_on_submit():
        form.digest.data = found.agreement.digest
        return show("refuse", form, agreement=found.agreement)
    request = pb2.RefuseAgreementRequest(
        agreement_id=agreement_id,
        version=version,
        digest=form.digest.data or "",
        reason=form.reason.data or "",
    )
    try:
        ask().RefuseAgreement(request)
    except (PreconditionError, InvalidError) as fault:
        return _again(form, fault, "refuse", agreement=found.agreement)
    return done(agreement_id, version, "You refused it. Nothing will ever rest on it.")


@BLUEPRINT.route("/<agreement_id>/<version>/suspend", methods=["GET", "POST"])
def suspend(agreement_id: str, version: str) -> Page:
    """Stops a party, or the whole."""
    found, form = load(agreement_id, version), StopForm()
    form.what.choices = _stoppable(found.agreement)
    if not form.validate_on_submit():
        return show("suspend", form, agreement=found.agreement)
    try:
        answer = ask().SuspendParty(pb2.SuspendPartyRequest(**_about(agreement_id, form)))
    except (PreconditionError, InvalidError) as fault:
        return _again(form, fault, "suspend", agreement=found.agreement)
    return done(agreement_id, version, f"Suspended: {_named(form.what.data)}.", answer.act)


@BLUEPRINT.route("/<agreement_id>/<version>/resume", methods=["GET", "POST"])
def resume(agreement_id: str, version: str) -> Page:
    """Lets a party, or the whole, go on."""
    found, form = load(agreement_id, version), ResumeForm()
    form.what.choices = _stopped(found.agreement)
    if not form.validate_on_submit():
        return show("resume", form, agreement=found.agreement)
    try:
        answer = ask().ResumeParty(pb2.ResumePartyRequest(**_about(agreement_id, form)))
    except (PreconditionError, InvalidError) as fault:
        return _again(form, fault, "resume", agreement=found.agreement)
    return done(agreement_id, version, f"Resumed: {_named(form.what.data)}.", answer.act)


@BLUEPRINT.route("/<agreement_id>/<version>/end", methods=["GET", "POST"])
def end(agreement_id: str, version: str) -> Page:
    """Ends a version for good."""
    found, form = load(agreement_id, version), EndForm()
    if not form.validate_on_submit():
        return show("end", form, agreement=found.agreement)
    why = form.reason.data or ""
    request = pb2.EndAgreementRequest(agreement_id=agreement_id, version=version, reason=why)
    try:
        answer = ask().EndAgreement(request)
    except (PreconditionError, InvalidError) as fault:
        return _again(form, fault, "end", agreement=found.agreement)
    return done(agreement_id, version, "It is ended.", answer.act)


def _again(form: FlaskForm, fault: PreconditionError | InvalidError, template: str, **more: Any) -> Page:
    """The page again with what the gateway said."""
    said = fault.message if isinstance(fault, PreconditionError) else fault.advice
    form.form_errors.append(said or "Check what you entered.")
    return show(template, form, CONFLICT, **more)


def _about(agreement_id: str, form: StopForm | ResumeForm) -> dict[str, Any]:
    what: dict[str, Any] = {"whole": True} if form.what.data == WHOLE else {"party": form.what.data}
    return {"agreement_id": agreement_id, "reason": form.reason.data, **what}


def _stoppable(agreement: pb2.AgreementVersion) -> list[tuple[str, str]]:
    parties = [each.organisation for each in agreement.parties if not each.suspended]
    whole = [(WHOLE, _named(WHOLE))] if agreement.standing != pb2.AGREEMENT_STANDING_SUSPENDED else []
    return [*((each, organisation(each)) for each in parties), *whole]


def _stopped(agreement: pb2.AgreementVersion) -> list[tuple[str, str]]:
    parties = [each.organisation for each in agreement.parties if each.suspended]
    whole = [(WHOLE, _named(WHOLE))] if agreement.standing == pb2.AGREEMENT_STANDING_SUSPENDED else []
    return [*((each, organisation(each)) for each in parties), *whole]


def _named(what: str) -> str:
    return "The whole agreement" if what == WHOLE else organisation(what)
