"""Steps of a request that concern the person: who asks, what is meant, how long it takes."""

from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2
from publicprotection.exchange.v1 import subject_access_review_pb2 as review
from publicprotection.exchange.v1 import subject_access_service_pb2 as pb2
from publicprotection.exchange.v1 import subject_access_terms_pb2 as terms_pb2

from services.console.calls import together
from services.console.pages.subject_access import fields, words
from services.console.pages.subject_access.base import (
    BLUEPRINT,
    Page,
    ask,
    attempt,
    go,
    load_case,
    show,
    write_day,
)


class Question(fields.Sheet):
    """What the person was asked."""

    reason = fields.area("What did you ask?", "Enter what the person was asked")


class Identity(fields.Sheet):
    """On what evidence it is established who asks."""

    evidence = fields.choices("What did you see?", words.EVIDENCE.items(), "Choose what shows who asks")
    received_on = fields.day("When was the last of it received?", "Enter the day on which it was received")


class Received(fields.Sheet):
    """The day of an answer."""

    received_on = fields.day("When was their answer received?", "Enter the day on which it was received")


class Extension(fields.Sheet):
    """Why the time is extended."""

    ground = fields.radios("Why do you need more time?", words.GROUNDS, "Choose why you need more time")
    reason = fields.area("What was the person told?", "Enter the reason, as the person was told")
    told_on = fields.day("When was the person told?", "Enter the day on which the person was told")


@BLUEPRINT.route("/<case_id>/identity", methods=["GET", "POST"])
def show_identity(case_id: str) -> Page:
    """Establishes who asks."""
    form = Identity()
    if form.validate_on_submit():
        names = [f"IDENTITY_EVIDENCE_{each}" for each in form.evidence.data or ()]
        wanted = pb2.EstablishIdentityRequest(
            case_id=case_id,
            evidence=[terms_pb2.IdentityEvidence.Value(each) for each in names],
            received_on=write_day(form.received_on.data),
        )
        if attempt(form, lambda: ask().EstablishIdentity(wanted)):
            return go("show_case", "It is established who asks.", case_id=case_id)
    return _show_identity(case_id, form)


@BLUEPRINT.route("/<case_id>/identity/ask", methods=["GET", "POST"])
def ask_identity(case_id: str) -> Page:
    """Notes that the person was asked who they are: the time stops."""
    form = Question()
    wanted = pb2.AskIdentityRequest(case_id=case_id, reason=form.reason.data or "")
    if form.validate_on_submit() and attempt(form, lambda: ask().AskIdentity(wanted)):
        return go("show_case", "The time stops until the person answers.", case_id=case_id)
    return show("ask_identity", form, case=load_case(case_id))


@BLUEPRINT.route("/<case_id>/clarification", methods=["GET", "POST"])
def show_clarification(case_id: str) -> Page:
    """Asks which information is meant, or notes the answer: the time stops in between."""
    case = load_case(case_id)
    if case.summary.clock.stands_still_for == "CLARIFICATION":
        return _receive(case)
    form = Question()
    wanted = pb2.AskClarificationRequest(case_id=case_id, reason=form.reason.data or "")
    if form.validate_on_submit() and attempt(form, lambda: ask().AskClarification(wanted)):
        return go("show_case", "The time stops until the person answers.", case_id=case_id)
    return show("clarify", form, case=case)


@BLUEPRINT.route("/<case_id>/extension", methods=["GET", "POST"])
def show_extension(case_id: str) -> Page:
    """Extends the time."""
    form = Extension()
    if form.validate_on_submit():
        wanted = pb2.ExtendTimeRequest(
            case_id=case_id,
            ground=terms_pb2.ExtensionGround.Value(f"EXTENSION_GROUND_{form.ground.data}"),
            reason=form.reason.data or "",
            told_on=write_day(form.told_on.data),
        )
        if attempt(form, lambda: ask().ExtendTime(wanted)):
            return go("show_case", "The time is extended by two months.", case_id=case_id)
    return show("extend", form, case=load_case(case_id))


def _receive(case: case_pb2.AccessCase) -> Page:
    form, case_id = Received(), case.summary.case_id
    if form.validate_on_submit():
        wanted = pb2.ReceiveClarificationRequest(
            case_id=case_id, received_on=write_day(form.received_on.data)
        )
        if attempt(form, lambda: ask().ReceiveClarification(wanted)):
            return go("show_case", "The time runs again.", case_id=case_id)
    return show("clarified", form, case=case)


def _show_identity(case_id: str, form: Identity) -> Page:
    service = ask()
    found, rules = together(
        service.GetCase.future(pb2.GetCaseRequest(case_id=case_id, without_items=True)),
        service.GetAccessRules.future(review.GetAccessRulesRequest()),
    )
    row = next((each for each in rules.evidence if each.requester == found.case.requester), None)
    return show("identity", form, case=found.case, row=row)
