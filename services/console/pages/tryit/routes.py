"""Try it: what would become of an exchange, with no data. Codes only stand in the address."""

from typing import Final

from flask import Blueprint, render_template, request
from publicprotection.common.v1.organisation_pb2 import Marking
from publicprotection.exchange.v1 import decision_pb2
from publicprotection.exchange.v1.header_pb2 import Purpose, ReleaseKind, Urgency
from publicprotection.oversight.v1 import rulebook_service_pb2 as pb2
from publicprotection.oversight.v1.rulebook_service_pb2_grpc import RulebookServiceStub

from services.console.calls import at_gateway, together
from services.console.errors import InvalidError
from services.console.pages.rulebook import words as rule_words
from services.console.pages.tryit import trying
from services.console.pages.tryit.trying import Choice
from services.console.session import person

BLUEPRINT: Final = Blueprint("tryit", __name__, url_prefix="/try-it")

_OUTCOMES: Final = {
    decision_pb2.DECISION_OUTCOME_RELEASED: ("Something would go", "green"),
    decision_pb2.DECISION_OUTCOME_HELD: ("Nothing would go yet", "yellow"),
    decision_pb2.DECISION_OUTCOME_REFUSED: ("Nothing would go", "red"),
}
Page = str | tuple[str, int]
_UNPROCESSABLE: Final = 422


@BLUEPRINT.get("/")
def show_try() -> Page:
    """What is chosen, and what would become of it."""
    service = at_gateway(RulebookServiceStub)
    sender = request.args.get("from", "").partition("/")[0] or person().organisation
    choosing = service.ListTryChoices.future(pb2.ListTryChoicesRequest(sender=sender[:64]))
    asked = trying.read_question(request.args, person().organisation)
    if asked is None:
        return _show(choosing.result(), None, _lacks())
    try:
        choices, tried = together(choosing, service.TryExchange.future(asked))
    except InvalidError as fault:
        return _again(service, asked, fault)
    return _show(choices, tried)


def _again(service: RulebookServiceStub, asked: pb2.TryExchangeRequest, fault: InvalidError) -> Page:
    """What was supposed for another flow is let go; whatever else is wrong is said."""
    choices = service.ListTryChoices(pb2.ListTryChoicesRequest(sender=asked.sender.organisation))
    stale = [each.field for each in fault.fields if trying.drop_stale(asked, each.field)]
    while stale:
        try:
            return _show(choices, service.TryExchange(asked))
        except InvalidError as another:
            fault = another
            stale = [each.field for each in fault.fields if trying.drop_stale(asked, each.field)]
    return _show(choices, None, "; ".join(each.advice for each in fault.fields) or fault.advice)


def _show(
    choices: pb2.ListTryChoicesResponse, tried: pb2.TryExchangeResponse | None, fault: str = ""
) -> Page:
    own = f"{person().organisation}/{person().desk}"
    page = render_template(
        "pages/tryit/try.html",
        choices=_choices(choices),
        refined=_refined(choices, tried),
        chosen={"from": own, "purpose": "MANAGE_RISK"} | request.args.to_dict(),
        fault=fault,
        tried=tried,
        outcome=_OUTCOMES.get(tried.decision.outcome) if tried else None,
        worst=_OUTCOMES.get(tried.worst) if tried and tried.worst != tried.decision.outcome else None,
        lines=_lines(tried) if tried else {},
        bearing=trying.bearing(tried) if tried else frozenset(),
        trying=trying,
        words=rule_words,
        without=request.args.getlist(trying.NOTHING_OF),
    )
    return (page, _UNPROCESSABLE) if fault and request.args else page


def _lines(tried: pb2.TryExchangeResponse) -> dict[str, list[trying.Line]]:
    return {
        "goes": trying.lines_of(tried.parts, pb2.TRIED_TREATMENT_RELEASED, pb2.TRIED_TREATMENT_GENERALISED),
        "waits": trying.lines_of(tried.parts, pb2.TRIED_TREATMENT_HELD),
        "stays": trying.lines_of(tried.parts, pb2.TRIED_TREATMENT_WITHHELD),
    }


def _lacks() -> str:
    if not request.args:
        return ""
    return "Choose who would receive it, and which document."


def _choices(found: pb2.ListTryChoicesResponse) -> list[Choice]:
    desks = tuple(
        (f"{each.organisation}/{desk.desk}", f"{each.name}: {desk.name}")
        for each in found.organisations
        for desk in each.desks
    )
    documents = tuple((each.document_type, each.title) for each in found.documents)
    return [
        Choice("from", "From", desks),
        Choice("to", "To", desks, any="Choose a desk"),
        Choice(
            "document", "Document", documents, any="Choose a document", hint="Those that the sender may send"
        ),
        trying.choice_of("purpose", "Purpose", Purpose, "PURPOSE_", any="Not stated"),
        trying.choice_of("urgency", "Urgency", Urgency, "URGENCY_"),
        Choice("agreements", "Agreements", trying.AGREEMENTS),
    ]


def _refined(found: pb2.ListTryChoicesResponse, tried: pb2.TryExchangeResponse | None) -> list[Choice]:
    """What few need to say: who owns it, where it is from, how it is marked, who else gets it."""
    owners = tuple((each.organisation, each.name) for each in found.organisations)
    desks = _choices(found)[1].items
    systems = tuple((each, each) for each in tried.systems) if tried else ()
    some = [
        trying.choice_of("release", "Release kind", ReleaseKind, "RELEASE_KIND_"),
        trying.choice_of("marking", "Marking", Marking, "MARKING_", any="OFFICIAL-SENSITIVE"),
        Choice("owner", "Whose information it is", owners, any="The sender's own"),
        Choice("also", "Also sent to", desks, any="Nobody else"),
    ]
    if systems:
        some.append(Choice("system", "Taken from the system", systems, any="None of these"))
    return some
