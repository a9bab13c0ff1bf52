"""What the steps of a request for minutes ask of the service: from a form found valid to a call."""

from typing import Any

from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1 import minutes_request_service_pb2 as pb2
from publicprotection.exchange.v1.minutes_request_service_pb2_grpc import MinutesRequestServiceStub as Stub

from services.console.choosing import day_of, desk_of, put_enum


def ask(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Notes what the requester was asked."""
    wanted = pb2.AskWhatIsWantedRequest(case_id=case.summary.case_id, question=form.question.data)
    return stub.AskWhatIsWanted(wanted)


def settle(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Settles what is wanted."""
    request = pb2.SettleWhatIsWantedRequest(
        case_id=case.summary.case_id,
        owner=form.owner.data or "",
        insists_on_freedom_of_information=form.insists.data,
    )
    put_enum(request, "wanted", form.wanted)
    return stub.SettleWhatIsWanted(request)


def note_ground(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Notes an order, an agreement or advice."""
    request = pb2.NoteGroundRequest(
        case_id=case.summary.case_id, reference=form.reference.data, terms=form.terms.data
    )
    put_enum(request, "ground", form.ground)
    return stub.NoteGround(request)


def compose(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Composes a summary from minutes that were sent."""
    return stub.ComposeSummary(
        pb2.ComposeSummaryRequest(
            case_id=case.summary.case_id,
            minutes_exchange_id=(form.minutes_exchange_id.data or "").strip(),
            referral_reason=form.referral_reason.data,
            discussion=form.discussion.data,
            disclosure=form.disclosure.data,
            other_actions=form.other_actions.data or "",
            level_change_reasons=form.level_change_reasons.data or "",
        )
    )


def ask_contributors(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Puts the draft before those who contributed."""
    desks = [desk for each in form.contributors.data or () if (desk := desk_of(each)) is not None]
    return stub.AskContributors(
        pb2.AskContributorsRequest(
            case_id=case.summary.case_id, contributors=desks, comments_by=day_of(form.comments_by.data)
        )
    )


def hear(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Notes what one of them said."""
    return stub.HearContributor(
        pb2.HearContributorRequest(
            case_id=case.summary.case_id,
            organisation=form.organisation.data,
            claims=form.claims(),
            said=form.said.data or "",
        )
    )


def decide(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Decides what is left out."""
    return stub.DecideSummaryItems(form.request(case))


def prepare(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Prepares the reply."""
    request = pb2.PrepareReplyRequest(
        case_id=case.summary.case_id,
        reasons=form.reasons.data or "",
        safety_concerns=form.safety_concerns.data or "",
    )
    put_enum(request, "answer", form.answer)
    return stub.PrepareReply(request)


def give_back(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Gives it back."""
    return stub.ReturnReply(pb2.ReturnReplyRequest(case_id=case.summary.case_id, reason=form.reason.data))


def approve(stub: Stub, case: case_pb2.MinutesCase, _form: Any) -> object:
    """Approves it."""
    return stub.ApproveReply(pb2.ApproveReplyRequest(case_id=case.summary.case_id))


def send(stub: Stub, case: case_pb2.MinutesCase, form: Any) -> object:
    """Sends it."""
    exchange_id = (form.minutes_exchange_id.data or "").strip()
    return stub.SendReply(pb2.SendReplyRequest(case_id=case.summary.case_id, minutes_exchange_id=exchange_id))
