from hypothesis import assume, given
from hypothesis import strategies as st

from services.kit.evidence.derive import GLYPH, MARK, apply_mask, is_masking

LETTERS = st.text("ab ", min_size=1, max_size=14)


@st.composite
def masks(draw: st.DrawFn) -> tuple[str, str]:
    text = draw(LETTERS)
    starts = draw(st.lists(st.integers(0, len(text) - 1), min_size=1, max_size=4))
    spans = [(start, draw(st.integers(start + 1, len(text)))) for start in starts]
    return text, apply_mask(text, spans)


def _could_be(text: str, masked: str) -> bool:
    """The definition, tried out: every way of replacing spans by marks."""
    if not masked:
        return not text
    if masked.startswith(MARK):
        rest = masked[len(MARK) :]
        return not rest.startswith(MARK) and any(_could_be(text[n:], rest) for n in range(1, len(text) + 1))
    return bool(text) and masked[0] == text[0] and _could_be(text[1:], masked[1:])


@given(masks())
def test_every_mask_is_recognised(pair: tuple[str, str]) -> None:
    assert is_masking(*pair)


@given(LETTERS, st.lists(st.one_of(LETTERS, st.just(MARK)), max_size=6).map("".join))
def test_recognition_agrees_with_the_definition(text: str, masked: str) -> None:
    assume(GLYPH in masked)
    assert is_masking(text, masked) == _could_be(text, masked)


@given(masks(), st.integers(0, 30), st.sampled_from("abc "))
def test_an_insertion_is_recognised(pair: tuple[str, str], place: int, letter: str) -> None:
    text, masked = pair
    changed = masked[:place] + letter + masked[place:]

    assert is_masking(text, changed) == _could_be(text, changed)
