"""Prints the record: one line for each entry of the disclosure log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from deploy.demo.terminal import Style, Terminal
from deploy.demo.words import plain
from deploy.story.played import ReadRecord
from deploy.story.record import entry_of

_HASH_DIGITS: Final = 8
_STYLES: Final = {
    "DISCLOSURE": Style.GOOD,
    "REFUSAL": Style.BAD,
    "HOLD": Style.WAITS,
    "HOLD_GRANTED": Style.GOOD,
    "HOLD_DECLINED": Style.BAD,
}


def print_record(terminal: Terminal, record: ReadRecord) -> None:
    """The log as the co-ordination unit reads it: codes only, since it holds no names and no texts."""
    terminal.blank()
    terminal.ends(
        "The record",
        "verified" if not record.mismatches else "NOT AS STATED",
        left_style=Style.TITLE,
        right_style=Style.GOOD if not record.mismatches else Style.BAD,
    )
    terminal.rule()
    terminal.line(
        "The disclosure log as the co-ordination unit reads it; the reading is itself recorded. It holds no "
        "name and no text. Each hash was computed again from its entry.",
        indent=4,
    )
    terminal.blank()
    for item in record.entries:
        entry = entry_of(item)
        text = _line(entry, item.position, item.record_hash[:_HASH_DIGITS], terminal.width)
        terminal.raw(text, _STYLES.get(entry["type"], Style.PLAIN), indent=4)
    for text in record.mismatches:
        terminal.line(f"✗ {text}", Style.BAD, indent=4)


def _line(entry: dict[str, Any], position: int, digits: str, width: int) -> str:
    head = f"{position:>3}  {entry['at'][11:19]}  {digits}  {plain(entry['type']).lower():<16}"
    return f"{head} {_what(entry)}"[: width - 4]


def _what(entry: dict[str, Any]) -> str:
    parties = " → ".join(_short(entry[name]) for name in ("sender", "recipient") if name in entry)
    counts = [
        f"{len(entry[name])} {word}"
        for name, word in (
            ("categories_released", "out"),
            ("categories_withheld", "back"),
            ("categories_held", "wait"),
        )
        if entry.get(name)
    ]
    said = parties or str(entry.get("organisation", ""))
    rules = _rules(entry.get("rules", ()))
    return "  ".join(
        part for part in (said, str(entry.get("document_type", "")), ", ".join(counts), rules) if part
    )


def _short(address: str) -> str:
    """The organisation alone: the desk stands in the entry, and a line is short."""
    return address.partition("/")[0]


def _rules(rules: Iterable[Any]) -> str:
    names = [rule["rule"] if isinstance(rule, dict) else str(rule) for rule in rules]
    return " ".join(names)
