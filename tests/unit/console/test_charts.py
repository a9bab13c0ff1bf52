"""Charts say what they show, in words as well, and draw every number at its size."""

import re
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.pages.figures.charts import (
    MOST,
    NARROW,
    WIDE,
    Chart,
    Series,
    draw_bars,
    draw_columns,
    round_up,
)

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = st.lists(st.integers(0, 10**7), min_size=1, max_size=60)


def chart(*counts: tuple[int, ...], labels: tuple[str, ...] = ("1 Nov", "8 Nov")) -> Chart:
    series = tuple(Series(f"Kind {number}", each) for number, each in enumerate(counts))
    return Chart("trend", "Decisions by week", "From 1 to 8 November.", labels, series)


def drawings(markup: str) -> list[Element]:
    return list(fromstring(markup))  # noqa: S314  # our own


def boxes(drawing: Element) -> list[Element]:
    return [each for each in drawing.findall(f"{SVG}rect") if "url(" in each.attrib["fill"]]


@pytest.mark.parametrize("draw", [draw_columns, draw_bars])
def test_each_drawing_has_a_role_a_title_and_a_description_of_its_own(draw: object) -> None:
    assert callable(draw)
    drawn = drawings(draw(chart((1, 2), (3, 4))))
    assert [each.attrib["viewBox"].split()[2] for each in drawn] == [str(WIDE), str(NARROW)]
    for each in drawn:
        assert each.attrib["role"] == "img"
        ids = {part.attrib["id"]: part.text for part in each.iter() if "id" in part.attrib}
        words = [ids[name] for name in each.attrib["aria-labelledby"].split()]
        assert words == ["Decisions by week", "From 1 to 8 November."]
    every = re.findall(r' id="([^"]+)"', draw(chart((1, 2), (3, 4))))
    assert len(every) == len(set(every))


def test_nothing_needs_a_style_of_its_own() -> None:
    markup = draw_columns(chart((1, 2))) + draw_bars(chart((1, 2)))
    assert "style" not in markup
    assert "<script" not in markup


def test_series_differ_by_pattern_and_stand_in_a_legend() -> None:
    [wide, _] = drawings(draw_columns(chart(*[(1, 2)] * MOST)))
    looks = [(each[0].attrib["fill"], each[1].attrib["d"]) for each in wide.findall(f".//{SVG}pattern")]
    assert len(set(looks)) == MOST
    assert [each.text for each in wide.findall(f"{SVG}text")][:MOST] == [f"Kind {n}" for n in range(MOST)]


def test_a_column_is_as_high_as_its_number_and_no_label_runs_out() -> None:
    [wide, _] = drawings(draw_columns(chart((40, 20))))
    first, second = (float(each.attrib["height"]) for each in boxes(wide))
    assert first == pytest.approx(2 * second, abs=2)


@given(first=COUNTS, data=st.data())
def test_what_is_drawn_stays_inside_and_every_number_that_is_not_0_is_drawn(
    first: list[int], data: st.DataObject
) -> None:
    second = data.draw(st.lists(st.integers(0, 10**7), min_size=len(first), max_size=len(first)))
    labels = tuple(f"{number} Nov" for number in range(len(first)))
    made = chart(tuple(first), tuple(second), labels=labels)
    for drawing in [*drawings(draw_columns(made)), *drawings(draw_bars(made))]:
        width, height = map(float, drawing.attrib["viewBox"].split()[2:])
        drawn = [each for each in boxes(drawing) if float(each.attrib["width"]) != 14.0]
        assert len(drawn) >= sum(1 for each in (*first, *second) if each) - 2
        for each in boxes(drawing):
            assert 0 <= float(each.attrib["x"]) <= width
            assert float(each.attrib["x"]) + float(each.attrib["width"]) <= width + 1
            assert float(each.attrib["y"]) >= -1
            assert float(each.attrib["y"]) + float(each.attrib["height"]) <= height + 1


def test_names_are_escaped() -> None:
    markup = draw_bars(chart((1, 2), labels=("<script>", "a & b")))
    assert "<script>" not in markup
    assert "&lt;script&gt;" in markup


@given(st.integers(0, 10**9))
def test_an_axis_ends_at_a_round_number_that_is_not_too_far(number: int) -> None:
    end = round_up(number)
    assert end >= number
    assert str(end // 4).strip("0") in {"1", "2", "5"}
    assert end <= max(4, number * 2.5)


def test_axes_grow() -> None:
    ends = [round_up(number) for number in range(1, 1000)]
    assert all(one <= other for one, other in pairwise(ends))


@pytest.mark.parametrize(
    ("labels", "counts"),
    [((), ((),)), (("a",), ((1, 2),)), (("a",), ((-1,),)), (("a",), ()), (("a",), ((1,),) * 6)],
)
def test_what_cannot_be_drawn_is_refused(
    labels: tuple[str, ...], counts: tuple[tuple[int, ...], ...]
) -> None:
    with pytest.raises(ValueError, match="series"):
        chart(*counts, labels=labels)
