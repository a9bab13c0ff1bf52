"""When which thread is told, about whom: spread over the two years, and in the order of time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Final

from deploy.area.names import Invented
from deploy.area.register import Household
from deploy.area.slots import Shift
from deploy.area.stamping import Telling
from deploy.area.template import Template

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_WEEK_US: Final = 7 * 86_400 * 10**6
_SECOND_US: Final = 10**6
_LITTLE_S: Final = 20 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when threads begin; nothing of any is later than the end."""

    first: datetime
    last: datetime

    @property
    def first_us(self) -> int:
        """Microseconds since 1970."""
        return (self.first - _EPOCH) // timedelta(microseconds=1)

    @property
    def last_us(self) -> int:
        """Microseconds since 1970."""
        return (self.last - _EPOCH) // timedelta(microseconds=1)


Aged = Callable[[int, int], Template | None]
"""A thread by its number as it stood so many microseconds after it began; None if it was not there yet."""


def draw(  # noqa: PLR0913, PLR0917  # what there is, how often, when and how much
    weights: Sequence[float],
    began_us: Sequence[int],
    aged: Aged,
    span: Span,
    count: int,
    random: Random,
) -> list[tuple[Template, Shift]]:
    """Threads until there are so many exchanges, in the order in which they begin."""
    chosen: list[tuple[Template, Shift]] = []
    numbers, total = range(len(weights)), list(accumulate(weights))
    exchanges = 0
    while exchanges < count:
        [number] = random.choices(numbers, cum_weights=total)
        found = _place(number, began_us[number], aged, span, random)
        if found is not None and len(found[0].exchanges) <= count - exchanges:
            chosen.append(found)
            exchanges += len(found[0].exchanges)
    return sorted(chosen, key=lambda each: each[1].of(each[0].began_us))


def _place(
    number: int, began_us: int, aged: Aged, span: Span, random: Random
) -> tuple[Template, Shift] | None:
    first = -((began_us - span.first_us) // _WEEK_US)
    last = (span.last_us - began_us) // _WEEK_US
    weeks = random.randint(first, last)
    shift = Shift(weeks * _WEEK_US, -random.randrange(_LITTLE_S) * _SECOND_US)
    template = aged(number, span.last_us - began_us - shift.weeks_us)
    return None if template is None else (template, shift)


def cast_subjects(
    chosen: Sequence[tuple[Template, Shift]], subjects: dict[str, list[Household]], random: Random
) -> Iterator[Household]:
    """About whom each thread is: everybody once first, and then some much more often than others."""
    waiting = {kind: list(reversed(everybody)) for kind, everybody in subjects.items()}
    for template, _ in chosen:
        kind = template.thread.form.kind
        if waiting[kind]:
            yield waiting[kind].pop()
        else:
            everybody = subjects[kind]
            yield everybody[int(len(everybody) * random.random() ** 1.6)]


def order(
    chosen: Sequence[tuple[Template, Shift]],
    times: Callable[[Template], Sequence[int]],
    first: int,
) -> list[array[int]]:
    """Gives everything that threads have a number, in the order of time; for each thread its numbers."""
    found = [array("q", bytes(8 * len(times(template)))) for template, _ in chosen]
    keys = sorted(
        (shift.of(us), number, place)
        for number, (template, shift) in enumerate(chosen)
        for place, us in enumerate(times(template))
    )
    for position, (_, number, place) in enumerate(keys, first):
        found[number][place] = position
    return found


def tellings(
    chosen: Sequence[tuple[Template, Shift]],
    subjects: Iterator[Household],
    exchanges: Sequence[array[int]],
    records: Sequence[array[int]],
) -> Iterator[Telling]:
    """Each thread as it is told."""
    for (template, shift), household, places, indexes in zip(
        chosen, subjects, exchanges, records, strict=True
    ):
        yield Telling(template, household, shift, places, indexes)


def spread(people: Sequence[Invented]) -> dict[str, list[Household]]:
    """The subjects by kind."""
    found: dict[str, list[Household]] = {}
    for number, person in enumerate(people):
        found.setdefault(person.kind, []).append(Household(number, person))
    return found
