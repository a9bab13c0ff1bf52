"""What the page of figures says: numbers, charts and tables made of what the gateway counted. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from publicprotection.common.v1.date_pb2 import Date
from publicprotection.oversight.v1 import figures_service_pb2 as pb2

from services.console.pages.figures.charts import Chart, Series
from services.console.pages.figures.periods import Period

Counts = dict[int, int]
"""How many, by figure."""

NAMES: Final[dict[int, str]] = {
    pb2.FIGURE_EXCHANGE: "Exchanges decided",
    pb2.FIGURE_RELEASED_IN_FULL: "Released in full",
    pb2.FIGURE_RELEASED_IN_PART: "Released in part",
    pb2.FIGURE_HELD: "Held",
    pb2.FIGURE_REFUSED: "Refused",
    pb2.FIGURE_RELEASED_LATER: "Released later",
    pb2.FIGURE_REFUSED_LATER: "Refused later",
    pb2.FIGURE_WITHHELD_BY_DEFAULT: "Withheld by default",
    pb2.FIGURE_WITHHELD_BY_RULE: "Withheld",
    pb2.FIGURE_REFUSED_BY_RULE: "Refused",
    pb2.FIGURE_HOLD_OPENED: "Holds opened",
    pb2.FIGURE_HOLD_GRANTED: "Granted",
    pb2.FIGURE_HOLD_DECLINED: "Declined",
    pb2.FIGURE_HOLD_EXPIRED: "Expired",
    pb2.FIGURE_HOLD_LIFTED: "Not needed any more",
    pb2.FIGURE_CLOCK_OVERDUE: "Limits missed",
    pb2.FIGURE_RECALLED: "Recalled",
    pb2.FIGURE_DELIVERED: "Deliveries",
    pb2.FIGURE_ACKNOWLEDGED: "Acknowledged",
    pb2.FIGURE_NOT_TAKEN: "Not taken",
    pb2.FIGURE_UNCOVERED: "Without an agreement",
}
OUTCOMES: Final = (
    pb2.FIGURE_RELEASED_IN_FULL,
    pb2.FIGURE_RELEASED_IN_PART,
    pb2.FIGURE_HELD,
    pb2.FIGURE_REFUSED,
)
ENDS: Final = (
    pb2.FIGURE_HOLD_GRANTED,
    pb2.FIGURE_HOLD_DECLINED,
    pb2.FIGURE_HOLD_EXPIRED,
    pb2.FIGURE_HOLD_LIFTED,
)
MOST_BARS: Final = 12
"""How many names are drawn; the table has all."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a chart; without one where there is nothing to draw.

    Attributes:
        heads: of its columns; those after the first have numbers.
        rows: a name and a number for each.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Shown:
    """One group of figures.

    Attributes:
        key: of its chart.
        title: of its chart.
        figures: which, in order.
    """

    key: str
    title: str
    figures: tuple[int, ...]


def counts_of(counts: Iterable[pb2.FigureCount]) -> Counts:
    """Counts by figure."""
    return {each.figure: each.count for each in counts}


def unacknowledged(counts: Counts) -> int:
    """Deliveries that were taken and that nobody has acknowledged, as far as is known."""
    gone = counts.get(pb2.FIGURE_ACKNOWLEDGED, 0) + counts.get(pb2.FIGURE_NOT_TAKEN, 0)
    return max(0, counts.get(pb2.FIGURE_DELIVERED, 0) - gone)


def by_period(shown: Shown, period: Period, series: Iterable[pb2.PeriodFigures]) -> Table:
    """Figures day by day, week by week or month by month."""
    starts = [(_day(each.starts_on), counts_of(each.counts)) for each in series]
    rows = tuple((period.words(start), _pick(counts, shown.figures)) for start, counts in starts)
    labels = tuple(period.label(start) for start, _ in starts)
    return Table(_heads("Period", shown), rows, _chart(shown, labels, rows))


def by_name(shown: Shown, head: str, rows: Iterable[tuple[str, Counts]]) -> Table:
    """Figures by agency, document or purpose; those with most of them first."""
    picked = [(name, _pick(counts, shown.figures)) for name, counts in rows]
    kept = tuple(sorted((row for row in picked if any(row[1])), key=lambda row: (-sum(row[1]), row[0])))
    drawn = kept[:MOST_BARS]
    return Table(_heads(head, shown), kept, _chart(shown, tuple(name for name, _ in drawn), drawn))


def by_change(now: Counts, before: Counts, figures: Sequence[int]) -> list[tuple[str, int, int, str]]:
    """Each figure with what it was in the period before, and the change in words."""
    rows = ((NAMES[each], now.get(each, 0), before.get(each, 0)) for each in figures)
    return [(name, this, earlier, change_words(this - earlier)) for name, this, earlier in rows]


def change_words(change: int) -> str:
    """`12 more`, `3 fewer`, `the same`."""
    if not change:
        return "the same"
    return f"{change:,} more" if change > 0 else f"{-change:,} fewer"


def most_used(
    rules: Iterable[pb2.RuleFigures], figures: Sequence[int], most: int
) -> list[tuple[str, tuple[int, ...]]]:
    """The rules that did most of what these figures count."""
    rows = [(each.rule, _pick(counts_of(each.counts), figures)) for each in rules]
    kept = sorted((row for row in rows if any(row[1])), key=lambda row: (-sum(row[1]), row[0]))
    return kept[:most]


def lines_of(
    answer: pb2.GetFiguresResponse, organisation: Callable[[str], str], purpose: Callable[[int], str]
) -> list[tuple[str, str, str, int]]:
    """All figures as lines for a file: part, name, figure, count.

    Args:
        answer: of the gateway.
        organisation: gives an organisation's name.
        purpose: gives a purpose in words.
    """
    parts = [("total", "", answer.totals)]
    parts += [("from", _day(each.starts_on).isoformat(), each.counts) for each in answer.series]
    for each in answer.agencies:
        name = organisation(each.organisation)
        parts += [("sent by", name, each.sent), ("to", name, each.received), ("owed by", name, each.owed)]
    parts += [("document", each.document_type, each.counts) for each in answer.documents]
    parts += [("purpose", purpose(each.purpose), each.counts) for each in answer.purposes]
    parts += [("rule", each.rule, each.counts) for each in answer.rules]
    return [
        (part, name, pb2.Figure.Name(one.figure).removeprefix("FIGURE_"), one.count)
        for part, name, counts in parts
        for one in counts
    ]


def _heads(head: str, shown: Shown) -> tuple[str, ...]:
    return (head, *(NAMES[each] for each in shown.figures))


def _pick(counts: Counts, figures: Iterable[int]) -> tuple[int, ...]:
    return tuple(counts.get(each, 0) for each in figures)


def _chart(
    shown: Shown, labels: tuple[str, ...], rows: Sequence[tuple[str, tuple[int, ...]]]
) -> Chart | None:
    if not any(any(numbers) for _, numbers in rows):
        return None
    series = tuple(
        Series(NAMES[figure], tuple(numbers[place] for _, numbers in rows))
        for place, figure in enumerate(shown.figures)
    )
    return Chart(shown.key, shown.title, _describe(rows, series), labels, series)


def _describe(rows: Sequence[tuple[str, tuple[int, ...]]], series: Sequence[Series]) -> str:
    """What can be seen, in words: how many of each, and where most are."""
    name, numbers = max(rows, key=lambda row: sum(row[1]))
    totals = ", ".join(f"{each.name.lower()} {sum(each.counts):,}" for each in series)
    return f"{totals[:1].upper()}{totals[1:]}. Most: {name}, {sum(numbers):,}. The numbers are in the table."


def _day(written: Date) -> date:
    return date(written.year, written.month, written.day)
