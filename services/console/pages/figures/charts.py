"""Charts as SVG made on the server: pure, from numbers to markup.

Each is drawn twice, for wide and for narrow screens, of which the style sheet shows one. Nothing is told by
colour alone: each series has a pattern of its own, and the page has the numbers as a table besides.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from markupsafe import Markup

WIDE: Final = 720
NARROW: Final = 340
MOST: Final = 5
"""How many series can be told apart."""

_FONT: Final = 14
_LINE: Final = 24
_LETTER: Final = 8.2  # about as wide as a letter of the font is
_SWATCH: Final = 14
_PLOT: Final = 220
_BAR: Final = 18
_GAP: Final = 12
_TICKS: Final = 4
_FIVES: Final = (1, 2, 5)
_LABEL: Final = 16  # room between two labels under columns, and from one line of a label to the next
_SEAM: Final = 1.5  # between two series upon each other
_INK: Final = "#0b0c0c"
_LINES: Final = "#b1b4b6"
# Fill, and what is drawn over it in white: each fill at least 4.5 to 1 against the page.
_LOOKS: Final = (
    ("#1d70b8", ""),
    ("#1d70b8", "M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4"),
    ("#4c2c92", "M0,4 h8 M4,0 v8"),
    ("#0b0c0c", ""),
    ("#00703c", "M0,4 h8"),
)


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of thing that is counted, with a number for each label of its chart."""

    name: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers to draw: for each label those of all series beside or upon each other.

    Attributes:
        key: unique on its page; letters, digits and hyphens.
        title: what it shows.
        description: what can be seen in it, in a sentence.
        labels: such as days or organisations.
        series: one to five.
    """

    key: str
    title: str
    description: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]

    def __post_init__(self) -> None:
        """Refuses what cannot be drawn."""
        if not self.labels or not 0 < len(self.series) <= MOST:
            raise ValueError("a chart has labels, and as many series as can be told apart")
        if any(len(each.counts) != len(self.labels) or min(each.counts) < 0 for each in self.series):
            raise ValueError("each series has a number of at least 0 for each label")

    @property
    def totals(self) -> tuple[int, ...]:
        """Of all series together, by label."""
        return tuple(map(sum, zip(*(each.counts for each in self.series), strict=True)))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What a chart is drawn on.

    Attributes:
        width: in units of the drawing; a letter is about 8.
        prefix: of the ids of its patterns.
    """

    chart: Chart
    width: int
    prefix: str

    def fill(self, number: int) -> str:
        """What the series of a number is filled with."""
        return f"url(#{self.prefix}-{number})"


_Drawing = tuple[Markup, float]
"""Markup, and where it ends."""


def draw_columns(chart: Chart) -> Markup:
    """A column for each label: for periods."""
    return _both(chart, _columns)


def draw_bars(chart: Chart) -> Markup:
    """A bar for each label, with its number: for names."""
    return _both(chart, _bars)


def round_up(number: int) -> int:
    """The end of an axis that takes a number: 1, 2 or 5 with zeros for each of its steps."""
    power = 1
    while True:
        for five in _FIVES:
            if power * five * _TICKS >= number:
                return power * five * _TICKS
        power *= 10


def _both(chart: Chart, draw: Callable[[_Sheet, float], _Drawing]) -> Markup:
    kinds = (("wide", WIDE), ("narrow", NARROW))
    drawn = [_frame(_Sheet(chart, width, f"{chart.key}-{kind}"), kind, draw) for kind, width in kinds]
    return Markup('<div class="app-chart">{}</div>').format(Markup("").join(drawn))


def _frame(sheet: _Sheet, kind: str, draw: Callable[[_Sheet, float], _Drawing]) -> Markup:
    legend, top = _legend(sheet)
    inside, bottom = draw(sheet, top)
    return Markup(
        '<svg class="app-chart__{kind}" role="img" aria-labelledby="{prefix}-title {prefix}-desc"'
        ' viewBox="0 0 {width} {height:.0f}" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{prefix}-title">{title}</title><desc id="{prefix}-desc">{desc}</desc>'
        "<defs>{patterns}</defs>{legend}{inside}</svg>"
    ).format(
        kind=kind,
        prefix=sheet.prefix,
        width=sheet.width,
        height=bottom,
        title=sheet.chart.title,
        desc=sheet.chart.description,
        patterns=Markup("").join(_pattern(sheet, number) for number in range(len(sheet.chart.series))),
        legend=legend,
        inside=inside,
    )


def _pattern(sheet: _Sheet, number: int) -> Markup:
    fill, strokes = _LOOKS[number]
    return Markup(
        '<pattern id="{}-{}" width="8" height="8" patternUnits="userSpaceOnUse">'
        '<rect width="8" height="8" fill="{}"/><path d="{}" stroke="#fff" stroke-width="2"/></pattern>'
    ).format(sheet.prefix, number, fill, strokes)


def _legend(sheet: _Sheet) -> _Drawing:
    """Which series looks how; nothing for one alone, which the title names."""
    if len(sheet.chart.series) == 1:
        return Markup(""), _GAP
    parts, left, top = [], 0.0, 0.0
    for number, each in enumerate(sheet.chart.series):
        takes = _SWATCH + 8 + len(each.name) * _LETTER + 12
        if left and left + takes > sheet.width:
            left, top = 0.0, top + _LINE
        parts.append(_box(left, top + 4, _SWATCH, _SWATCH, sheet.fill(number)))
        parts.append(_text(left + _SWATCH + 8, top + 16, each.name))
        left += takes
    return Markup("").join(parts), top + _LINE + _GAP


def _columns(sheet: _Sheet, top: float) -> _Drawing:
    chart, end = sheet.chart, round_up(max(sheet.chart.totals))
    left = len(f"{end:,}") * _LETTER + 10
    step = (sheet.width - left) / len(chart.labels)
    scale, bottom = _PLOT / end, top + _PLOT
    parts = list(_grid(sheet, end, left, top))
    for place in range(len(chart.labels)):
        for number, low, high in _stack(chart, place):
            height = max((high - low) * scale - _SEAM, 1)
            box = left + (place + 0.12) * step, bottom - low * scale - height, step * 0.76, height
            parts.append(_box(*box, sheet.fill(number)))
    parts.extend(_under(chart, left, step, bottom + 18))
    return Markup("").join(parts), bottom + 28


def _bars(sheet: _Sheet, top: float) -> _Drawing:
    chart = sheet.chart
    room = sheet.width - len(f"{max(chart.totals):,}") * _LETTER - 10
    scale = room / max(1, *chart.totals)
    parts = []
    for place, (label, total) in enumerate(zip(chart.labels, chart.totals, strict=True)):
        for line in wrap(label, int(sheet.width / _LETTER)):
            parts.append(_text(0, top + _FONT, line))
            top += _LABEL
        top -= _LABEL
        for number, low, high in _stack(chart, place):
            width = max((high - low) * scale - _SEAM, 1)
            parts.append(_box(low * scale, top + _LINE - 4, width, _BAR, sheet.fill(number)))
        parts.append(_text(total * scale + 6, top + _LINE + _FONT - 4, f"{total:,}"))
        top += _LINE + _BAR + _GAP
    return Markup("").join(parts), top


def _stack(chart: Chart, place: int) -> Iterator[tuple[int, int, int]]:
    """At one label the series that have something, each with where it begins and ends."""
    low = 0
    for number, each in enumerate(chart.series):
        if each.counts[place]:
            yield number, low, low + each.counts[place]
            low += each.counts[place]


def _grid(sheet: _Sheet, end: int, left: float, top: float) -> Iterator[Markup]:
    """Lines across with their numbers, from the top down to 0."""
    line = Markup('<line x1="{:.1f}" y1="{:.1f}" x2="{}" y2="{:.1f}" stroke="{}"/>')
    for number in range(_TICKS + 1):
        down = top + _PLOT * number / _TICKS
        yield line.format(left, down, sheet.width, down, _INK if number == _TICKS else _LINES)
        yield _text(left - 8, down + 5, f"{end * (_TICKS - number) // _TICKS:,}", "end")


def _under(chart: Chart, left: float, step: float, down: float) -> Iterator[Markup]:
    """Labels under the middle of columns: as many as have room, and none that runs out."""
    widest = max(map(len, chart.labels)) * _LETTER
    every = max(1, -int(-(widest + _LABEL) // step))
    for place in range(0, len(chart.labels), every):
        middle = left + (place + 0.5) * step
        if widest / 2 <= middle <= left + step * len(chart.labels) - widest / 2:
            yield _text(middle, down, chart.labels[place], "middle")


def _box(left: float, top: float, width: float, height: float, fill: str) -> Markup:
    return Markup('<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>').format(
        left, top, width, height, fill
    )


def _text(left: float, top: float, words: str, anchor: str = "start") -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" font-size="{}" fill="{}" text-anchor="{}">{}</text>').format(
        left, top, _FONT, _INK, anchor, words
    )
