"""The steps towards an answer to a request for minutes: which there are, for whom, how far each has come."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from publicprotection.documents.v1 import minutes_request_pb2 as documents
from publicprotection.exchange.v1 import minutes_case_pb2 as case_pb2
from publicprotection.exchange.v1.minutes_request_service_pb2_grpc import MinutesRequestServiceStub

from services.console.pages.requests import calls
from services.console.pages.requests import step_forms as forms
from services.kit.access.actor import Role

DECIDING: Final = frozenset({Role.MAPPA_COORDINATOR, Role.MEETING_CHAIR})
ANSWERING: Final = DECIDING | {Role.DATA_PROTECTION_OFFICER}

_WORKING: Final = frozenset(
    {
        case_pb2.MINUTES_CASE_STATE_OPEN,
        case_pb2.MINUTES_CASE_STATE_ASKED_BACK,
        case_pb2.MINUTES_CASE_STATE_PREPARED,
    }
)
Call = Callable[[MinutesRequestServiceStub, case_pb2.MinutesCase, Any], object]


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        name: in addresses.
        title: starts with a verb.
        about: what it does, and what the guidance says.
        paragraph: of the guidance.
        form: gives the form for a case.
        call: takes it, with the case and the form found valid.
        done: what the banner says.
        is_open: whether a case has got so far.
        is_done: whether it was taken.
        roles: who takes it.
    """

    name: str
    title: str
    about: str
    paragraph: str
    form: Callable[[case_pb2.MinutesCase], type[forms.StepForm]]
    call: Call
    done: str
    is_open: Callable[[case_pb2.MinutesCase], bool]
    is_done: Callable[[case_pb2.MinutesCase], bool]
    roles: frozenset[Role] = DECIDING


def happened(case: case_pb2.MinutesCase, event: str) -> bool:
    """Whether something happened to a request, by its code."""
    return any(each.event == event for each in case.history)


def is_worked_on(case: case_pb2.MinutesCase) -> bool:
    """Whether anything can be changed."""
    return case.summary.state in _WORKING


def takes_summary(case: case_pb2.MinutesCase) -> bool:
    """Whether a summary may be given."""
    return documents.MINUTES_ANSWER_SUMMARY in case.answers_open


def _is_summarised(case: case_pb2.MinutesCase) -> bool:
    return is_worked_on(case) and takes_summary(case)


def _is_prepared(case: case_pb2.MinutesCase) -> bool:
    return case.summary.state == case_pb2.MINUTES_CASE_STATE_PREPARED and case.needs_approval


def _of(form: type[forms.StepForm]) -> Callable[[case_pb2.MinutesCase], type[forms.StepForm]]:
    return lambda _case: form


STEPS: Final[tuple[Step, ...]] = (
    Step(
        "ask",
        "Ask what is wanted",
        "Ask whoever asks what exactly they need: facts and documents are their owner's to give.",
        "MAPPA 13b.23, 13b.24",
        _of(forms.AskForm),
        calls.ask,
        "Noted. The time goes on running while you wait.",
        is_worked_on,
        lambda case: happened(case, "ASKED_BACK"),
        ANSWERING,
    ),
    Step(
        "settle",
        "Settle what is wanted",
        "What is to be done with the request, and by when, is settled again by what they answered.",
        "MAPPA 13b.22 to 13b.24",
        _of(forms.SettleForm),
        calls.settle,
        "It is settled what is wanted.",
        is_worked_on,
        lambda case: happened(case, "SETTLED"),
        ANSWERING,
    ),
    Step(
        "ground",
        "Note an order, agreement or advice",
        "Minutes in full rest on an order or a written agreement, a recording that is held on advice.",
        "MAPPA 13b.19, 13b.26, 13b.28, 13b.29",
        _of(forms.GroundForm),
        calls.note_ground,
        "Noted.",
        is_worked_on,
        lambda case: bool(case.grounds),
    ),
    Step(
        "summary",
        "Compose the executive summary",
        "It holds what the list of the guidance names and nothing else. The minutes are not kept with it.",
        "MAPPA 13b.31",
        _of(forms.SummaryForm),
        calls.compose,
        "The summary is composed. Put it before those who contributed.",
        _is_summarised,
        lambda case: case.HasField("draft"),
    ),
    Step(
        "contributors",
        "Ask those who contributed",
        "They may claim that something is left out. A claim is weighed and is no veto.",
        "MAPPA 13b.32",
        _of(forms.ContributorsForm),
        calls.ask_contributors,
        "Asked. What they answer is entered under “Hear a contributor”.",
        _is_summarised,
        lambda case: bool(case.contributors),
    ),
    Step(
        "hear",
        "Hear a contributor",
        "Enter what one of those who were asked said; for several claims, one after the other.",
        "MAPPA 13b.32",
        _of(forms.HearForm),
        calls.hear,
        "Noted.",
        lambda case: _is_summarised(case) and bool(case.contributors),
        lambda case: bool(case.contributors) and all(each.heard for each in case.contributors),
    ),
    Step(
        "decide",
        "Decide what is left out",
        "Each item by itself, with a ground and a reason of its own. There is no blanket exemption.",
        "MAPPA 13b.16, 13b.17, 13b.32",
        forms.make_decide_form,
        calls.decide,
        "Decided.",
        lambda case: _is_summarised(case) and case.HasField("draft"),
        lambda case: happened(case, "DECIDED"),
    ),
    Step(
        "prepare",
        "Prepare the reply",
        "Says what the answer is. A later change undoes it.",
        "MAPPA 13b.13, 13b.20",
        _of(forms.PrepareForm),
        calls.prepare,
        "The reply is prepared.",
        lambda case: is_worked_on(case) and bool(case.answers_open),
        lambda case: not is_worked_on(case) or case.summary.state == case_pb2.MINUTES_CASE_STATE_PREPARED,
        ANSWERING,
    ),
    Step(
        "return",
        "Give the reply back",
        "Somebody works on it again.",
        "MAPPA 13b.32",
        _of(forms.ReturnForm),
        calls.give_back,
        "The reply was given back.",
        _is_prepared,
        lambda _case: False,
    ),
    Step(
        "approve",
        "Approve the reply",
        "Whoever wrote any of it does not approve it. The letter is made as you approve.",
        "MAPPA 13b.20, 13b.25, 13b.32",
        _of(forms.ApproveForm),
        calls.approve,
        "The reply is approved. It can be sent now.",
        lambda case: _is_prepared(case) and not case.approval_obstacle,
        lambda case: not is_worked_on(case) and case.needs_approval,
    ),
    Step(
        "send",
        "Send the reply",
        "To an organisation of the directory it goes over the gateway; anybody else gets the letter by post.",
        "MAPPA 13b.13",
        _of(forms.SendForm),
        calls.send,
        "The reply was sent, and the request is closed.",
        lambda case: case.summary.state == case_pb2.MINUTES_CASE_STATE_APPROVED,
        lambda case: case.summary.state == case_pb2.MINUTES_CASE_STATE_ANSWERED,
        ANSWERING,
    ),
)
BY_NAME: Final = {each.name: each for each in STEPS}

_ASIDE: Final = frozenset({"ask", "settle", "ground", "return"})
"""What not every request needs."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step has come.

    Attributes:
        can_take: whether the person may take it now.
        state: DONE, TO_DO, OPTIONAL or NOT_YET.
    """

    step: Step
    can_take: bool
    state: str


def progress_of(case: case_pb2.MinutesCase, roles: frozenset[Role]) -> Iterator[Progress]:
    """The steps of a request, in order; those that it does not need are left out."""
    for step in STEPS:
        is_open, is_done = step.is_open(case), step.is_done(case)
        if is_open or is_done or _is_ahead(step, case):
            yield Progress(step, is_open and not roles.isdisjoint(step.roles), _state(step, is_open, is_done))


def _state(step: Step, is_open: bool, is_done: bool) -> str:  # noqa: FBT001  # two facts of one kind
    if is_done:
        return "DONE"
    if not is_open:
        return "NOT_YET"
    return "OPTIONAL" if step.name in _ASIDE else "TO_DO"


def _is_ahead(step: Step, case: case_pb2.MinutesCase) -> bool:
    """Whether a step is still to come although it cannot be taken now."""
    if step.name in {"summary", "contributors", "hear", "decide"}:
        return _is_summarised(case)
    return step.name in {"prepare", "send"} or (step.name == "approve" and case.needs_approval)
