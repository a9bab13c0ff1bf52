"""What is done with a request, and by when: settled once, from the data, and kept. Pure."""

from datetime import date, datetime
from typing import Any

from services.kit.calendar import Calendar, Unit
from services.kit.minutes.rules import Kind, Limit, Rules

UNCLEAR = "UNSPECIFIED"


def find_route(kind: Kind, channel: str, wanted: str, *, elsewhere: bool) -> str:
    """What is done with a request as it came.

    Args:
        kind: who asks.
        channel: how it came.
        wanted: what is wanted; UNSPECIFIED where it is not clear.
        elsewhere: whether another organisation received it and answers it.
    """
    if (route := kind.channels.get(channel)) is not None:
        return route
    if (route := kind.wanted.get(wanted)) is not None:
        return route
    return kind.elsewhere if elsewhere and kind.elsewhere else kind.route


def settle(  # noqa: PLR0913  # what a route and its time depend on
    rules: Rules,
    calendar: Calendar,
    kind: Kind,
    route: str,
    *,
    received: date,
    stated: date | None,
    wanted: str,
    owner: str,
) -> dict[str, Any]:
    """Route and time as an event keeps them: they are never computed again.

    Args:
        rules: with the limits.
        calendar: of working days.
        kind: who asks.
        route: what is done.
        received: day of receipt, day 0.
        stated: day by which the requester wants it.
        wanted: what is wanted.
        owner: of what is wanted.
    """
    limit = rules.limit(rules.route(route).limit or kind.limit)
    due = find_due(calendar, limit, received, stated)
    remind = calendar.before(due, limit.remind.amount, limit.remind.unit)
    return {
        "route": route,
        "wanted": wanted,
        "owner": owner,
        "limit": limit.id,
        "due_at": due.isoformat(),
        "remind_at": remind.isoformat(),
        "paragraph": limit.paragraph,
    }


def find_due(calendar: Calendar, limit: Limit, received: date, stated: date | None) -> datetime:
    """When a request is to be answered, UTC."""
    due = calendar.after_day(received, limit.amount, limit.unit)
    if stated is None or not (limit.stated or limit.only_earlier):
        return due
    by = calendar.after_day(stated, 0, Unit.WORKING_DAYS)
    return min(due, by) if limit.only_earlier else by
