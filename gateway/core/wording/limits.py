"""A time limit in words."""

from typing import Final

from gateway.core.deadlines.form import Event, Span, Stop, TimeLimit
from services.kit.calendar import Unit

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


def begins(limit: TimeLimit) -> str:
    """From what a limit runs."""
    starts = limit.starts
    what = (
        ", ".join(starts.documents) or f"anything with {starts.flag}"
        if starts.event is not Event.CALLED
        else ""
    )
    when = f"`{starts.day}`" if starts.day else _FROM[starts.event]
    week = {"LAST_WORKING_DAY": ", the last working day of its week", "OTHER_DAYS": ", on any other day"}
    return f"{when}{' of ' + what if what else ''}{week.get(starts.week or '', '')}"


def lasts(limit: TimeLimit) -> str:
    """How long."""
    own = limit.limit
    text = "that day" if own.amount == 0 else span_words(own) + (" before" if own.before else "")
    if own.or_by is not None:
        text += f", or `{own.or_by}`" + (" if earlier" if own.only_earlier else "")
    return text


def ends_with(stop: Stop) -> str:
    """What ends it in time."""
    if stop.document is not None:
        where = "in the thread" if stop.match == "THREAD" else "about the same person"
        return f"{stop.document} {where}" + (", under a condition" if stop.when else "")
    if stop.event is not None:
        return {"SENT": "judged when it is sent", "RECEIVED": "a receipt"}.get(
            stop.event, "a person's acknowledgement"
        )
    return f"the fact `{stop.fact}`" if stop.fact is not None else f"`{stop.day}` in time"


def whose(side: str, role: str) -> str:
    """A side and a role there."""
    return f"{side.lower().replace('_', ' ')} ({role})"


def after(span: Span | None) -> str:
    """So much later, to be added; empty for at once."""
    return "" if span is None else f", {span_words(span)} later"


def span_words(span: Span) -> str:
    """So much of a unit."""
    return f"{span.amount} {_UNITS[span.unit]}{'' if span.amount == 1 else 's'}"
