"""Masking holds for any text: it never fails, never strays outside it, and never shows what is listed."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.core.freetext.mask import mask_text, redact
from gateway.core.freetext.model import PartyNames
from gateway.core.freetext.spelling import is_near
from services.kit.evidence.derive import GLYPH, is_masking

PIECES = st.sampled_from(
    [
        "Ann", "ANN", "ann", "Thornycroft", "Mr", "mrs", "A", ".", ",", " ", "\n", "-", "'s",
        "\u2019", "St", "the", "The", "Ysgol", "Road", "at", "&", "Our", "Lady", "of", "School", "7",
        "07700 900123", "ZC17 8QT", "@x", "_", "(", ")", "\u00ad", "\u00e9", "\u0141", "born",
        "3/4/1990", "No.", "Flat 3", "number", "May", "Will", "said", "A1234BC", "\U0001f469", "o'",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=40).map("".join) | st.text(max_size=120)
VICTIM = PartyNames(
    "Ann Thornycroft", aliases=("Nan Thorny",), addresses=("Flat 3, 7 Pipistrelle Row, Wickmere, ZC17 8QT",)
)
SUBJECT = PartyNames("Neil Harker", phones=("07700 900123",))
LETTERS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=5, max_size=12)


@settings(max_examples=300)
@given(TEXTS.filter(lambda text: GLYPH not in text))
def test_spans_are_in_order_apart_and_inside_the_text(text: str) -> None:
    spans = mask_text(text, (VICTIM,), (SUBJECT,))
    edges = [edge for span in spans for edge in (span.start, span.end)]
    assert edges == sorted(set(edges))
    assert all(0 <= edge <= len(text) for edge in edges)
    assert not spans or is_masking(text, redact(text, spans))


@given(st.lists(st.sampled_from(["He saw", "then", "told", "with", "7 times", "at home,"]), max_size=6))
def test_a_listed_name_never_remains(words: list[str]) -> None:
    text = " ".join([*words, "Ann Thornycroft", *words, "Thornycroft."])
    assert "hornycroft" not in redact(text, mask_text(text, (VICTIM,), (SUBJECT,)))


@given(TEXTS.filter(lambda text: GLYPH not in text))
def test_where_places_stay_no_more_is_masked(text: str) -> None:
    spans = mask_text(text, (VICTIM,), (SUBJECT,), places_stay=True)
    fewer = {i for span in spans for i in range(span.start, span.end)}
    every = {i for span in mask_text(text, (VICTIM,), (SUBJECT,)) for i in range(span.start, span.end)}
    assert fewer <= every
    assert not spans or is_masking(text, redact(text, spans))


@given(
    st.lists(st.sampled_from(["Not to enter", "7", "Wickmere", "at St Orrin's School,", "or"]), max_size=6)
)
def test_a_listed_name_never_stays_with_a_place(words: list[str]) -> None:
    text = " ".join([*words, "Ann Thornycroft", *words, "Thornycroft."])
    assert "hornycroft" not in redact(text, mask_text(text, (VICTIM,), (SUBJECT,), places_stay=True))


@given(TEXTS.filter(lambda text: GLYPH not in text))
def test_masking_is_the_same_each_time(text: str) -> None:
    assert mask_text(text, (VICTIM,), (SUBJECT,)) == mask_text(text, (VICTIM,), (SUBJECT,))


@given(TEXTS.filter(lambda text: GLYPH not in text))
def test_keeping_nobody_masks_no_less(text: str) -> None:
    some = {i for span in mask_text(text, (VICTIM,), (SUBJECT,)) for i in range(span.start, span.end)}
    every = {i for span in mask_text(text, (VICTIM, SUBJECT), ()) for i in range(span.start, span.end)}
    assert some <= every


@given(LETTERS, st.data())
def test_one_slip_of_the_pen_is_near(name: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(name) - 1))
    assert is_near(name[:place] + name[place + 1 :], name)
    assert is_near(name[:place] + name[place] + name[place:], name)


@pytest.mark.parametrize(
    "piece",
    [
        "A", "a ", "1 ", "Mr ", "the Fleece, ", "Flat 1, ", "Flat 3, 7 Pipistrelle Row, ", "Quorn ",
        "Quorn, ", "will ", "Mill ", "AT ", "name is as ", "J-", "O'", "A. ", "0", "07700 ", "@a.",
        "a_", "St Anne's, ", "Ann and ", "Nant y ", "a dot ", "user user ", "NHS no ", "May 1 ",
        "born ", "the flat at ", "Thornycroft, ", "Quorn & ", "mrs c ", "de ",
    ],
)  # fmt: skip
def test_a_text_of_one_thing_only_takes_no_longer(piece: str) -> None:
    begun = process_time()
    mask_text(piece * (12_000 // len(piece)), (VICTIM,), (SUBJECT,))
    assert process_time() - begun < 2  # tenths of a second, where each part once asked for all the rest again


@given(LETTERS)
def test_a_name_is_near_itself(name: str) -> None:
    assert is_near(name, name)
