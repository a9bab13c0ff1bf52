"""Whether a decision says all that it must, and who may decide it. Pure.

What was stated is JSON with the contract's names, as `MessageToDict` writes it: what is not stated is absent.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from services.kit.access.actor import Role
from services.kit.disclosures.rules import Heading, Must, Rules, Values
from services.kit.rpc.errors import Violation

Stated = Mapping[str, Any]


def find_missing(stated: Stated, rules: Rules, today: date) -> list[Violation]:
    """What a decision does not say, or may not say; each violation names the field and the code."""
    found = list(_check(rules.headings, stated, {}, "consideration"))
    return [*found, *_check_decider(stated, rules), *_check_days(stated, today)]


def find_untold(told: Stated, decided: Stated, rules: Rules) -> list[Violation]:
    """What was not as the decision has it when the third party was told."""
    return list(_check(rules.telling, told, decided, "telling"))


def may_decide(stated: Stated, role: Role, rules: Rules) -> bool:
    """Whether somebody of this role decides such a decision."""
    decider = rules.decider(str(stated.get("decided_by", "")))
    return decider is not None and role in decider.roles


def needs_two(stated: Stated, rules: Rules) -> bool:
    """Whether whoever wrote it does not decide it."""
    return any(_applies(row.when, stated) for row in rules.two_people)


def read_day(written: object) -> date | None:
    """A full day of JSON; None if it is none."""
    if not isinstance(written, Mapping):
        return None
    try:
        return date(written.get("year", 0), written.get("month", 0), written.get("day", 0))
    except ValueError:
        return None


def _check(rows: Iterable[Heading], stated: Stated, decided: Stated, where: str) -> Iterator[Violation]:
    for row in rows:
        if not _applies(row.when, stated) or not _applies(row.decided, decided):
            continue
        if row.unless and _is_stated(stated.get(row.unless)):
            continue
        if not _holds(row, stated.get(row.field)):
            yield Violation(f"{where}.{row.field}", f"{row.code}: {row.says} ({row.paragraph})")


def _applies(when: Values, stated: Stated) -> bool:
    return all(_as_text(stated.get(name)) in values for name, values in when.items())


def _holds(row: Heading, value: object) -> bool:
    if row.must is Must.ABSENT:  # `when` says what it may not be
        return False
    return value is True if row.must is Must.YES else _is_stated(value)


def _is_stated(value: object) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return value not in (None, [], {}, 0)


def _as_text(value: object) -> str:
    return "true" if value is True else "" if value is None else str(value)


def _check_decider(stated: Stated, rules: Rules) -> Iterator[Violation]:
    decider, level = rules.decider(str(stated.get("decided_by", ""))), stated.get(rules.level)
    if decider is not None and level is not None and level not in decider.levels:
        advice = f"WRONG_LEVEL: {decider.says} ({decider.paragraph})"
        yield Violation("consideration.decided_by", advice)


def _check_days(stated: Stated, today: date) -> Iterator[Violation]:
    decided, review = stated.get("decided_on"), stated.get("review_by")
    decided_on, review_by = read_day(decided), read_day(review)
    if decided is not None and (decided_on is None or decided_on > today):
        yield Violation("consideration.decided_on", "DAY_IN_FUTURE: give a full day, not later than today.")
    if review is not None and (review_by is None or (decided_on is not None and review_by <= decided_on)):
        yield Violation("consideration.review_by", "REVIEW_NOT_LATER: give a full day after the decision.")
