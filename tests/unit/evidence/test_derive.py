import pytest

from services.kit.evidence.derive import FUNCTIONS, MARK, apply_mask, derive, is_derived, is_masking
from services.kit.evidence.errors import NotDerivableError, UnknownFunctionError

TEXT = "Tell Alma Finch at 4 Mill Lane. Alma Finch knows."


@pytest.mark.parametrize(
    ("function", "value", "expected"),
    [
        ("date-to-year/1", "1984-02-29", "1984"),
        ("date-to-year/1", "1984-02", "1984"),
        ("date-to-year/1", "1984", "1984"),
        ("postcode-to-district/1", "ZZ1 4AB", "ZZ1"),
        ("postcode-to-district/1", " zz14ab ", "ZZ1"),
        ("postcode-to-district/1", "ZZ12 4AB", "ZZ12"),
        ("postcode-to-district/1", "ZZ124AB", "ZZ12"),
        ("postcode-to-district/1", "Z1A 1AA", "Z1A"),
        ("postcode-to-district/1", "ZZ1", "ZZ1"),
    ],
)
def test_generalising(function: str, value: str, expected: str) -> None:
    assert derive(function, value) == expected
    assert is_derived(function, value, expected)


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("date-to-year/1", "84"),
        ("date-to-year/1", "29/02/1984"),
        ("date-to-year/1", "1984-02-29T00:00:00Z"),
        ("date-to-year/1", 1984),
        ("date-to-year/1", "\u0661984"),
        ("postcode-to-district/1", "ZZ1 4"),
        ("postcode-to-district/1", "near ZZ1 4AB"),
        ("postcode-to-district/1", ""),
        ("postcode-to-district/1", {}),
    ],
)
def test_what_cannot_be_read_with_certainty_is_not_generalised(function: str, value: object) -> None:
    with pytest.raises(NotDerivableError):
        derive(function, value)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["date-to-year/2", "date-to-year", "mask/1", ""])
def test_an_unknown_function_fails(name: str) -> None:
    with pytest.raises(UnknownFunctionError):
        derive(name, "1984")
    assert not is_derived(name, "1984", "1984")


def test_generalising_twice_is_generalising_once() -> None:
    for name, value in (("date-to-year/1", "1984-02-29"), ("postcode-to-district/1", "ZZ1 4AB")):
        once = FUNCTIONS[name](value)
        assert FUNCTIONS[name](once) == once


def test_masking_replaces_spans_by_one_mark_each() -> None:
    assert apply_mask(TEXT, [(5, 15), (32, 42)]) == f"Tell {MARK} at 4 Mill Lane. {MARK} knows."
    assert apply_mask(TEXT, [(5, 9), (9, 15), (7, 12)]) == f"Tell {MARK} at 4 Mill Lane. Alma Finch knows."
    assert apply_mask(TEXT, [(0, len(TEXT))]) == MARK


@pytest.mark.parametrize("spans", [[], [(3, 3)], [(-1, 2)], [(0, 1_000)], [(5, 4)]])
def test_a_bad_span_is_refused(spans: list[tuple[int, int]]) -> None:
    with pytest.raises(NotDerivableError):
        apply_mask(TEXT, spans)


def test_a_text_with_the_glyph_cannot_be_masked() -> None:
    with pytest.raises(NotDerivableError):
        apply_mask("already \u2588 here", [(0, 3)])
    assert not is_masking("already \u2588 here", f"{MARK} \u2588 here")


@pytest.mark.parametrize(
    "masked",
    [
        TEXT,
        f"Tell {MARK}Alma Finch at 4 Mill Lane. Alma Finch knows.",
        f"Tell {MARK} at 4 Mill Lane. Alma Finch knows. Kill.",
        f"Do not tell {MARK} knows.",
        f"Tell {MARK}{MARK} knows.",
        f"Tell {MARK}\u2588 knows.",
        f"{MARK}Alma{MARK}Alma{MARK}Alma{MARK}",
        f"{MARK}knows{MARK}Tell{MARK}",
        TEXT + MARK,
        "",
        MARK[:4],
    ],
)
def test_what_is_no_masking(masked: str) -> None:
    assert not is_masking(TEXT, masked)


def test_a_mark_where_nothing_is_gone_is_an_insertion() -> None:
    assert is_masking("abc", f"a{MARK}c")
    assert not is_masking("abc", f"a{MARK}bc")
    assert not is_masking("abc", f"a{MARK}b{MARK}")
    assert not is_masking("abc", f"{MARK}b{MARK}c")


def test_only_text_is_masked() -> None:
    assert not is_masking(1984, MARK)
    assert not is_masking("1984", 1984)
    assert not is_masking("", MARK)
