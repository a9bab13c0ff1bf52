"""Proposing an agreement, or a later version of one: YAML, uploaded or typed, with faults shown by line."""

import re
from dataclasses import dataclass
from typing import Any, Final

from flask import redirect, url_for
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovFileInput,
    GovSubmitInput,
    GovTextArea,
)
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from wtforms import SubmitField, TextAreaField
from wtforms.validators import Length

from services.console.errors import InvalidError, PreconditionError
from services.console.pages.agreements.base import BLUEPRINT, CONFLICT, Page, ask, load, show

_LARGEST: Final = 262_144
_AROUND: Final = 2
_LINE: Final = re.compile(r"yaml:(\d+)")
_LATER: Final = re.compile(r"^(state|suspended|signatures):")
_VERSION: Final = re.compile(r"^version:.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a line of the text: its number, the advice, and the lines around it."""

    line: int
    advice: str
    around: tuple[tuple[int, str], ...]


class ProposalForm(FlaskForm):  # type: ignore[misc]  # published without types
    """A proposal."""

    file = FileField("Upload a file", widget=GovFileInput(), description="YAML, as it is exported.")
    text = TextAreaField(
        "Or write it here",
        widget=GovTextArea(),
        description="If you upload a file, it takes the place of what stands here.",
    )
    reason = TextAreaField(
        "Why?",
        widget=GovCharacterCount(),
        description="In a sentence, for those who are to sign. It is on record, with your name.",
        validators=[Length(max=1000, message="Use 1,000 characters or fewer")],
    )
    send = SubmitField("Check and propose", widget=GovSubmitInput())


@BLUEPRINT.route("/propose", methods=["GET", "POST"])
def propose() -> Page:
    """Proposes a new agreement, or whatever version the text names."""
    return _propose(ProposalForm(), "")


@BLUEPRINT.route("/<agreement_id>/<version>/propose", methods=["GET", "POST"])
def propose_later(agreement_id: str, version: str) -> Page:
    """Proposes a later version, beginning with the text of one that there is."""
    form = ProposalForm()
    if not form.is_submitted():
        found = load(agreement_id, version)
        form.text.data = make_draft(found.yaml, list(found.versions))
    return _propose(form, agreement_id, version)


def make_draft(text: str, versions: list[str]) -> str:
    """The text of a version as a draft of the next: without what follows from signing."""
    kept, dropping = [], False
    for line in text.splitlines():
        if not line.startswith((" ", "-")):
            dropping = _LATER.match(line) is not None
        if not dropping:
            kept.append(line)
    major = max(int(each.split(".")[0]) for each in versions)
    drafted = _VERSION.sub(f"version: '{major + 1}'\nstate: DRAFT", "\n".join(kept), count=1)
    return drafted + "\n"


def _propose(form: ProposalForm, agreement_id: str, version: str = "") -> Page:
    named: dict[str, Any] = {"agreement_id": agreement_id, "version": version}
    if not form.is_submitted():
        return show("propose", form, faults=(), **named)
    fault = _take_file(form)
    if fault or not form.validate():
        form.form_errors.extend([fault] if fault else [])
        return show("propose", form, faults=(), **named)
    try:
        made = ask().ProposeAgreement(
            pb2.ProposeAgreementRequest(yaml=form.text.data or "", reason=form.reason.data or "")
        )
    except InvalidError as error:
        return show("propose", form, faults=_faults(form, error), **named)
    except PreconditionError as error:
        form.form_errors.append(error.message)
        return show("propose", form, CONFLICT, faults=(), **named)
    return _go(made.agreement)


def _go(made: pb2.AgreementVersion) -> Page:
    place = url_for("agreements.show_agreement", agreement_id=made.agreement_id, version=made.version)
    return redirect(place, 303)


def _take_file(form: ProposalForm) -> str:
    """Puts an uploaded file in the place of the text; what is wrong with either, if anything is."""
    uploaded = form.file.data
    if uploaded:
        octets = uploaded.read(_LARGEST + 1)
        try:
            form.text.data = octets.decode("utf-8")
        except UnicodeDecodeError:
            return "The file is not text in UTF-8."
    text = form.text.data or ""
    if not text.strip():
        return "Upload a file, or write the agreement."
    return "" if len(text.encode()) <= _LARGEST else "The text is larger than 256 KiB."


def _faults(form: ProposalForm, error: InvalidError) -> tuple[Fault, ...]:
    """What the gateway found wrong, by line; each stands in the summary too."""
    lines = (form.text.data or "").splitlines()
    found = tuple(_fault(lines, each.field, each.advice) for each in error.fields)
    for each in found:
        form.form_errors.append(f"Line {each.line}: {each.advice}" if each.line else each.advice)
    if not found:
        form.form_errors.append(error.advice or "The text cannot be read.")
    return found


def _fault(lines: list[str], field: str, advice: str) -> Fault:
    matched = _LINE.fullmatch(field)
    line = int(matched[1]) if matched else 0
    first, last = max(1, line - _AROUND), min(len(lines), line + _AROUND)
    around = tuple((number, lines[number - 1]) for number in range(first, last + 1)) if line else ()
    return Fault(line, advice.removeprefix(": "), around)
