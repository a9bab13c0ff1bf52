"""What the page of figures says of what was counted: periods, changes, most, and what is in the file."""

from datetime import date

import pytest
from publicprotection.common.v1.date_pb2 import Date
from publicprotection.oversight.v1 import figures_service_pb2 as pb2

from services.console.pages.figures.periods import LENGTHS, read_period
from services.console.pages.figures.tables import (
    MOST_BARS,
    NAMES,
    OUTCOMES,
    Shown,
    by_change,
    by_name,
    by_period,
    change_words,
    lines_of,
    most_used,
    unacknowledged,
)

TODAY = date(2026, 11, 22)
SHOWN = Shown("decided", "Decisions", OUTCOMES)


def count(figure: "pb2.Figure.ValueType", number: int) -> pb2.FigureCount:
    return pb2.FigureCount(figure=figure, count=number)


def test_every_figure_has_a_name() -> None:
    assert set(NAMES) == {number for number in pb2.Figure.values() if number}


@pytest.mark.parametrize(
    ("length", "first", "end"),
    [
        ("28-days", date(2026, 10, 26), TODAY),
        ("13-weeks", date(2026, 8, 24), TODAY),
        ("12-months", date(2025, 12, 1), date(2026, 11, 30)),
    ],
)
def test_a_period_is_whole_and_so_are_those_beside_it(length: str, first: date, end: date) -> None:
    period = read_period({"length": length}, TODAY)
    assert (period.first, period.end) == (first, end)
    assert period.before.end.toordinal() + 1 == first.toordinal()
    assert period.before.after.first == first


@pytest.mark.parametrize("written", ["", "yesterday", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_that_makes_no_sense_is_today(written: str) -> None:
    assert read_period({"to": written}, TODAY).last == TODAY


def test_no_period_is_longer_than_the_service_shows() -> None:
    longest = {pb2.FIGURE_STEP_DAY: 62, pb2.FIGURE_STEP_WEEK: 54, pb2.FIGURE_STEP_MONTH: 60}
    assert all(each.count <= longest[each.step] for each in LENGTHS)


def test_periods_stand_in_order_with_what_was_in_them() -> None:
    start = Date(year=2026, month=11, day=16)
    series = [pb2.PeriodFigures(starts_on=start, counts=[count(pb2.FIGURE_REFUSED, 3)])]
    table = by_period(SHOWN, read_period({}, TODAY), series)
    assert table.rows == (("Week of 16 November 2026", (0, 0, 0, 3)),)
    assert table.chart is not None
    assert table.chart.labels == ("16 Nov",)
    assert "refused 3" in table.chart.description


def test_nothing_is_not_drawn() -> None:
    assert by_name(SHOWN, "Document", [("Referral", {})]).chart is None


def test_those_with_most_stand_first_and_only_so_many_are_drawn() -> None:
    rows: list[tuple[str, dict[int, int]]] = [
        (f"Document {number}", {pb2.FIGURE_REFUSED: number}) for number in range(40)
    ]
    table = by_name(SHOWN, "Document", rows)
    assert table.rows[0] == ("Document 39", (0, 0, 0, 39))
    assert len(table.rows) == 39
    assert table.chart is not None
    assert len(table.chart.labels) == MOST_BARS


def test_changes_are_said_in_words() -> None:
    assert [change_words(each) for each in (0, 12, -1500)] == ["the same", "12 more", "1,500 fewer"]
    changes = by_change({pb2.FIGURE_REFUSED: 3}, {pb2.FIGURE_REFUSED: 5}, [pb2.FIGURE_REFUSED])
    assert changes == [("Refused", 3, 5, "2 fewer")]


def test_what_was_not_taken_is_not_waited_for() -> None:
    counts: dict[int, int] = {pb2.FIGURE_DELIVERED: 9, pb2.FIGURE_ACKNOWLEDGED: 4, pb2.FIGURE_NOT_TAKEN: 2}
    assert unacknowledged(counts) == 3


def test_the_rules_that_did_most_stand_first() -> None:
    rules = [
        pb2.RuleFigures(rule=f"R{number}", counts=[count(pb2.FIGURE_WITHHELD_BY_RULE, number)])
        for number in range(5)
    ]
    found = most_used(rules, (pb2.FIGURE_WITHHELD_BY_RULE,), 2)
    assert found == [("R4", (4,)), ("R3", (3,))]


def test_the_file_has_a_line_for_each_figure() -> None:
    answer = pb2.GetFiguresResponse(totals=[count(pb2.FIGURE_EXCHANGE, 2)])
    answer.agencies.add(organisation="kent-police", sent=[count(pb2.FIGURE_EXCHANGE, 2)])
    answer.purposes.add(purpose=1, counts=[count(pb2.FIGURE_EXCHANGE, 2)])
    lines = lines_of(answer, str.upper, str)
    assert lines == [
        ("total", "", "EXCHANGE", 2),
        ("sent by", "KENT-POLICE", "EXCHANGE", 2),
        ("purpose", "1", "EXCHANGE", 2),
    ]
