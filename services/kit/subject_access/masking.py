"""Masking a text by spans: only what was there, and marks. Pure."""

from collections.abc import Iterable

from services.kit.evidence.derive import MARK


def mask_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """A text with spans replaced by the mark; spans outside it are cut to it.

    A text that was masked for this organisation has marks already; marks that meet become one.
    """
    pieces, position = [], 0
    for start, end in sorted(spans):
        first, last = max(start, position), min(end, len(text))
        if first < last:
            pieces += [text[position:first], MARK]
            position = last
    masked = "".join([*pieces, text[position:]])
    while MARK + MARK in masked:
        masked = masked.replace(MARK + MARK, MARK)
    return masked
