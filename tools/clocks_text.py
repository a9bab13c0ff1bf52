"""The text of docs/clocks.md: every time limit with its paragraph, and those that nothing here starts."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.core.deadlines.form import Event, Span, Stop, TimeLimit
from gateway.core.prerequisite_model import Prerequisite
from gateway.core.rulebook import Rulebook
from services.kit.calendar import Unit
from services.kit.clocks.limits import Immediate
from tools.requirements import Requirement

_INTRODUCTION: Final = """\
# Time limits

Written by `make rules-doc` from `gateway/rulebook/clocks.yaml`, `prerequisites.yaml` and
`requirements.yaml`; do not edit it. A clock is begun in the transaction of the decision that starts it,
and kept at the gateway as ids, codes and times; of a document only the days that limits run from are
taken, and only then.

- Working days are those of England and Wales; a limit in them ends at close of business, 17:00 London
  time. Days and months without a word for working days are calendar days (mappa:C-13) and end with their
  last day. Hours are elapsed hours. The day of the start is day 0.
- Before the limit whoever owes what is waited for is reminded. At the limit the matter goes to the next
  step. What was not kept is on record just after. Each step is a record of the disclosure log and a
  signed outcome without personal data, and is taken once, however many gateways run on one database, and
  after any restart.
- `ClockService/ListClocks` of the gateway lists clocks: those of the area for its co-ordinators, its own
  for an organisation. `ClockService` of an agency's service lists those of which it was told, takes that
  something was done elsewhere (`CompleteClock`), and watches immediate exchanges by itself.
- A recipient from whom an exchange is held learns nothing of its clocks.
"""
_HEAD: Final = (
    "| limit | what is to be done | from | how long | who owes it | kept by | reminder | next step "
    "| paragraph |\n"
    "|---|---|---|---|---|---|---|---|---|"
)
_UNITS: Final = {
    Unit.HOURS: "hour",
    Unit.WORKING_DAYS: "working day",
    Unit.DAYS: "day",
    Unit.MONTHS: "month",
}
_FROM: Final = {
    Event.SENT: "sending",
    Event.RELEASED: "release",
    Event.RECEIVED: "receipt",
    Event.ACKNOWLEDGED: "a person's acknowledgement",
    Event.CALLED: "the case that it is about",
}


def compose(book: Rulebook, requirements: Mapping[str, Requirement], immediate: Immediate) -> str:
    """The page."""
    limits = [each.limit for each in book.limits.by_id.values()]
    parts = [
        _INTRODUCTION,
        "## Limits\n",
        _HEAD,
        *map(_row, limits),
        "\n## Immediate exchanges\n",
        _immediate(immediate),
        "\n## Holds\n",
        *_holds(book.prerequisites.values()),
        "\n## Limits that nothing here starts\n",
        *_without(requirements),
    ]
    return "\n".join(parts) + "\n"


def _row(limit: TimeLimit) -> str:
    next_steps = [_side(each.to, each.role) + _after(each.after) for each in limit.escalates]
    ends = [_stop(stop) for stop in limit.stops]
    cells = (
        f"`{limit.id}`",
        limit.title,
        _start(limit),
        _length(limit),
        _side(limit.responsible, limit.role),
        "; ".join(ends) or "nothing: it is told",
        "-" if limit.remind is None else f"{_span(limit.remind)} before",
        "; ".join(next_steps) or "-",
        limit.paragraph + _ids(limit) + ("; the project's own" if limit.authority == "POLICY" else ""),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _start(limit: TimeLimit) -> str:
    starts = limit.starts
    what = (
        ", ".join(starts.documents) or f"anything with {starts.flag}"
        if starts.event is not Event.CALLED
        else ""
    )
    when = f"`{starts.day}`" if starts.day else _FROM[starts.event]
    week = {"LAST_WORKING_DAY": ", the last working day of its week", "OTHER_DAYS": ", on any other day"}
    return f"{when}{' of ' + what if what else ''}{week.get(starts.week or '', '')}"


def _length(limit: TimeLimit) -> str:
    own = limit.limit
    text = "that day" if own.amount == 0 else _span(own) + (" before" if own.before else "")
    if own.or_by is not None:
        text += f", or `{own.or_by}`" + (" if earlier" if own.only_earlier else "")
    return text


def _stop(stop: Stop) -> str:
    if stop.document is not None:
        where = "in the thread" if stop.match == "THREAD" else "about the same person"
        return f"{stop.document} {where}" + (", under a condition" if stop.when else "")
    if stop.event is not None:
        return {"SENT": "judged when it is sent", "RECEIVED": "a receipt"}.get(
            stop.event, "a person's acknowledgement"
        )
    return f"the fact `{stop.fact}`" if stop.fact is not None else f"`{stop.day}` in time"


def _holds(prerequisites: Iterable[Prerequisite]) -> Iterator[str]:
    yield "A hold that nobody answers goes on to somebody else, and where it says so ends as if declined.\n"
    yield "| waits for | who answers | goes on after | to | ends after | paragraph |"
    yield "|---|---|---|---|---|---|"
    for each in prerequisites:
        ends = each.expires_after_working_days
        after = f"{each.escalates_after_working_days} working days"
        end = "-" if ends is None else f"{ends} working days"
        to = _side(each.escalates_to.organisation, each.escalates_to.role)
        cells = (f"`{each.id}`: {each.title}", each.role, after, to, end, each.paragraph)
        yield "| " + " | ".join(cells) + " |"


def _immediate(immediate: Immediate) -> str:
    return (
        f"An exchange of urgency IMMEDIATE that is not receipted in {immediate.minutes} minutes: the "
        'sender\'s own service says "not confirmed: telephone", with the number of the desk from the '
        "directory, whether or not gateway and broker can be reached. A disclosure by telephone is put on "
        "record afterwards. "
        f"({immediate.paragraph}; the minutes are the project's own.)"
    )


def _without(requirements: Mapping[str, Requirement]) -> Iterator[str]:
    yield "| id | limit | why |\n|---|---|---|"
    for name, each in requirements.items():
        if each.no_clock:
            yield f"| {name} | {each.text} | {each.no_clock} |"


def _side(side: str, role: str) -> str:
    return f"{side.lower().replace('_', ' ')} ({role})"


def _after(span: Span | None) -> str:
    return "" if span is None else f", {_span(span)} later"


def _span(span: Span) -> str:
    return f"{span.amount} {_UNITS[span.unit]}{'' if span.amount == 1 else 's'}"


def _ids(limit: TimeLimit) -> str:
    return f" ({', '.join(limit.implements)})" if limit.implements else ""
