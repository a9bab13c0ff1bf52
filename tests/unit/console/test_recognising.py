import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.pages.search.recognising import Kind, recognise


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("9f0c41d2a8e94f7fb25d6a3f0e1c7b88", Kind.ID),
        (" 9F0C41D2 A8E94F7F B25D6A3F 0E1C7B88 ", Kind.ID),
        ("ab" * 32, Kind.RECORD),
        ("MAPPA 21.28", Kind.RULE),
        ("MAPPA-21.28", Kind.RULE),
        ("mappa 21.28", Kind.RULE),
        ("21.28", Kind.RULE),
        ("DPA 2018 s.62", Kind.RULE),
        ("MAPPA 13a.47", Kind.RULE),
        ("kent-dwp/D1", Kind.RULE),
        ("mappa:X-3", Kind.RULE),
        ("2009/0190441M", Kind.IDENTIFIER),
        ("X904417", Kind.IDENTIFIER),
        ("A1234BC", Kind.IDENTIFIER),
        ("943 476 5919", Kind.IDENTIFIER),
        ("subject access", Kind.WORDS),
        ("Marlon Quillfeather", Kind.WORDS),
        ("", Kind.WORDS),
    ],
)
def test_what_was_typed_is_known_by_its_form(text: str, kind: Kind) -> None:
    assert recognise(text).kind is kind


@given(st.text(alphabet=st.characters(categories=["L", "Zs"]), max_size=60))
def test_no_name_is_taken_for_what_goes_into_an_address(text: str) -> None:
    if not set(text.lower()) <= set("abcdef "):
        assert recognise(text).kind is Kind.WORDS
