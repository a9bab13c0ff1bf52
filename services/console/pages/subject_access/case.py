"""One request: how it stands, what is to be done next, the letter, and all that happened."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from publicprotection.exchange.v1 import subject_access_case_pb2 as case_pb2

from services.console.pages.subject_access import words
from services.console.pages.subject_access.base import BLUEPRINT, Page, load_case, show

_TOLD: Final = (
    "reason",
    "ground",
    "told_on",
    "received_on",
    "owner",
    "answer_by",
    "code",
    "issued_on",
    "means",
)
_COUNTED: Final = ("items", "texts", "located")
_READINGS: Final = frozenset({"READ"})


@dataclass(frozen=True, slots=True)
class Task:
    """A step of a request.

    Attributes:
        endpoint: of its page.
        status: in words; empty: it is done.
        colour: of the tag; empty: plain words.
        ready: whether it can be taken now.
        optional: whether an answer is possible without it.
    """

    title: str
    endpoint: str
    status: str
    colour: str = ""
    ready: bool = True
    optional: bool = False


@BLUEPRINT.get("/<case_id>")
def show_case(case_id: str) -> Page:
    """How a request stands."""
    case = load_case(case_id)
    tasks = list_tasks(case)
    return show("case", case=case, tasks=tasks, following=_next(tasks))


@BLUEPRINT.get("/<case_id>/history")
def show_history(case_id: str) -> Page:
    """All that happened, newest first; who read it stands apart."""
    case = load_case(case_id)
    told = [_tell(each) for each in reversed(case.history) if each.event not in _READINGS]
    readings = [each for each in reversed(case.history) if each.event in _READINGS]
    return show("history", case=case, events=told, readings=readings)


def list_tasks(case: case_pb2.AccessCase) -> list[Task]:
    """The steps of a request, each as it stands."""
    summary = case.summary
    over = summary.state in {case_pb2.ACCESS_CASE_STATE_ANSWERED, case_pb2.ACCESS_CASE_STATE_ISSUED}
    established = summary.state != case_pb2.ACCESS_CASE_STATE_OPEN
    return [
        *_tasks_of_asking(case, established=established, over=over),
        *_tasks_of_items(summary, established=established, over=over),
        *_tasks_of_answer(summary),
    ]


def _tasks_of_asking(case: case_pb2.AccessCase, *, established: bool, over: bool) -> list[Task]:
    clock = case.summary.clock
    waits = clock.stands_still_for
    asked = ("The person was asked", "yellow")
    identity = ("", "") if established else asked if waits == "IDENTITY" else ("To do", "blue")
    clarity = asked if waits == "CLARIFICATION" else ("If you need it", "")
    extended = ("Extended", "green") if clock.extended else ("If you need it", "")
    return [
        Task("Establish who asks", "show_identity", *identity, ready=not over),
        Task("Ask which information is meant", "show_clarification", *clarity, ready=not over, optional=True),
        Task("Extend the time", "show_extension", *extended, ready=not over, optional=True),
    ]


def _tasks_of_items(summary: case_pb2.AccessCaseSummary, *, established: bool, over: bool) -> list[Task]:
    counts = summary.counts
    located = (
        ("", "") if summary.collected else ("To do", "blue") if established else ("Cannot start yet", "")
    )
    waiting = f"{counts.undecided} to decide" if counts.undecided else ""
    owners = f"{counts.owner_asked} wait for their owners" if counts.owner_asked else ""
    review = (waiting or owners, "orange" if waiting else "yellow") if waiting or owners else ("", "")
    texts = (f"{counts.unmasked} to mask", "orange") if counts.unmasked else ("", "")
    not_yet = ("Cannot start yet", "")
    return [
        Task("Find and gather what we hold", "show_data", *located, ready=established),
        Task(
            "Add what stands in other systems",
            "add_item",
            "If you need it",
            "",
            ready=established and not over,
            optional=True,
        ),
        Task(
            "Decide each item",
            "show_review",
            *(review if summary.collected else not_yet),
            ready=summary.collected,
        ),
        Task(
            "Mask others in texts",
            "show_masks",
            *(texts if summary.collected else not_yet),
            ready=summary.collected,
        ),
    ]


def _tasks_of_answer(summary: case_pb2.AccessCaseSummary) -> list[Task]:
    state = summary.state
    prepared = state not in {case_pb2.ACCESS_CASE_STATE_OPEN, case_pb2.ACCESS_CASE_STATE_IN_HAND}
    approved = state in {case_pb2.ACCESS_CASE_STATE_ANSWERED, case_pb2.ACCESS_CASE_STATE_ISSUED}
    ready = not summary.open_points
    to_do, not_yet = ("To do", "blue"), ("Cannot start yet", "")
    return [
        Task(
            "Prepare the answer",
            "show_answer",
            *(("", "") if prepared else to_do if ready else not_yet),
            ready=summary.collected,
        ),
        Task(
            "Approve the answer",
            "show_answer",
            *(("", "") if approved else to_do if prepared else not_yet),
            ready=prepared,
        ),
        Task(
            "Send the answer",
            "show_answer",
            *(("", "") if state == case_pb2.ACCESS_CASE_STATE_ISSUED else to_do if approved else not_yet),
            ready=approved,
        ),
    ]


def _next(tasks: Iterable[Task]) -> Task | None:
    """What is to be done next; None: nothing."""
    return next((task for task in tasks if task.ready and task.status and not task.optional), None)


def _tell(event: case_pb2.AccessEvent) -> dict[str, Any]:
    """An event for the timeline."""
    said: dict[str, Any] = json.loads(event.detail or "{}")
    lines = [(_label(name), _write(name, said[name])) for name in _TOLD if said.get(name)]
    lines += [(_label(name), str(_count(said[name]))) for name in _COUNTED if name in said]
    if "decisions" in said:
        lines.append(("Items", str(len(said["decisions"]))))
    return {"title": words.event(event.event), "at": event.at, "by": event.person, "lines": lines}


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _write(name: str, value: Any) -> str:
    known = {"ground": words.GROUNDS, "means": words.MEANS}.get(name, {})
    return known.get(str(value), str(value))


def _count(value: Any) -> int:
    return len(value) if isinstance(value, list) else int(value)
