"""What all pages of agreements have: their blueprint, their calls, and who may do what to a version."""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceStub
from werkzeug.wrappers import Response

from services.console.calls import at_gateway
from services.console.pages.agreements import words as agreement_words
from services.console.session import has_role, person
from services.kit.access.actor import Role
from services.kit.words import law_words

BLUEPRINT: Final = Blueprint("agreements", __name__, url_prefix="/agreements")
Page = str | tuple[str, int] | Response
UNPROCESSABLE: Final = 422
CONFLICT: Final = 409

BLUEPRINT.add_app_template_filter(law_words, "law")

_OPEN: Final = frozenset({pb2.AGREEMENT_STANDING_AWAITED, pb2.AGREEMENT_STANDING_IN_FORCE})
_STOPPABLE: Final = _OPEN | {pb2.AGREEMENT_STANDING_SUSPENDED}


@dataclass(frozen=True, slots=True)
class Powers:
    """What whoever is signed in could do to a version, to show it or not; the gateway decides."""

    sign: bool
    refuse: bool
    suspend: bool
    resume: bool
    end: bool
    propose: bool
    compare: bool


def ask() -> AgreementServiceStub:
    """The gateway's service, for the person signed in."""
    return at_gateway(AgreementServiceStub)


def load(agreement_id: str, version: str = "") -> pb2.GetAgreementResponse:
    """One version; NotFoundError if there is none that the person may see."""
    return ask().GetAgreement(pb2.GetAgreementRequest(agreement_id=agreement_id, version=version))


def powers_over(version: pb2.AgreementVersion) -> Powers:
    """What the person could do."""
    own = person().organisation
    party = next((each for each in version.parties if each.organisation == own), None)
    signatory = has_role(Role.AGREEMENT_SIGNATORY) and party is not None
    officer = has_role(Role.DATA_PROTECTION_OFFICER) and party is not None
    draft = version.standing == pb2.AGREEMENT_STANDING_DRAFT
    lacks = party is not None and party.signatures_given < party.signatures_needed
    stopped = any(each.suspended for each in version.parties)
    suspended = version.standing == pb2.AGREEMENT_STANDING_SUSPENDED
    return Powers(
        sign=signatory and draft and lacks,
        refuse=signatory and draft,
        suspend=(signatory or officer) and version.standing in _STOPPABLE,
        resume=signatory and (stopped or suspended),
        end=signatory and version.owner == own and version.standing in _STOPPABLE,
        propose=signatory or officer,
        compare=not is_reader(),
    )


def is_reader() -> bool:
    """Whether the person may only read: a supervisor, and nothing else."""
    return not has_role(
        Role.AGREEMENT_SIGNATORY, Role.DATA_PROTECTION_OFFICER, Role.MAPPA_COORDINATOR, Role.AUDITOR
    )


def show(template: str, form: FlaskForm | None = None, status: int = UNPROCESSABLE, **more: Any) -> Page:
    """A page of these; one whose form has errors is answered with 422, or what is given."""
    page = render_template(f"pages/agreements/{template}.html", form=form, words=agreement_words, **more)
    return (page, status) if form is not None and (form.errors or form.form_errors) else page


def done(agreement_id: str, version: str, text: str, act: pb2.AgreementAct | None = None) -> Response:
    """Back to the agreement, with what was done and what followed."""
    count = act.decided_again if act is not None else 0
    again = f" {count} exchange{'' if count == 1 else 's'} decided again at once." if count else ""
    flash(text + again, "success")
    return redirect(url_for("agreements.show_agreement", agreement_id=agreement_id, version=version), 303)
