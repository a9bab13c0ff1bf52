"""Prints the record: each entry of the disclosure log in a line, and a decision's details in another."""

from __future__ import annotations

from typing import Any, Final

from publicprotection.oversight.v1.disclosure_log_service_pb2 import LogRecord

from deploy.demo.terminal import Style, Terminal
from deploy.story.played import ReadRecord
from deploy.story.record import entry_of
from services.kit.words import plain

_HASH_DIGITS: Final = 8
_INDENT: Final = 4
_DETAILS: Final = 9
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
        "name and no text; the numbers count categories. Each hash was computed again from its entry.",
        indent=_INDENT,
    )
    terminal.blank()
    for item in record.entries:
        _print_entry(terminal, entry_of(item), item)
    terminal.blank()
    terminal.line(_register(record), indent=_INDENT)
    terminal.blank()
    terminal.line(_proofs(record), Style.GOOD if record.proven else Style.BAD, indent=_INDENT)
    terminal.blank()
    terminal.line(_export(record), Style.GOOD if record.exported else Style.BAD, indent=_INDENT)
    for text in record.mismatches:
        terminal.line(f"✗ {text}", Style.BAD, indent=_INDENT)


def _register(record: ReadRecord) -> str:
    """The exchange register in a sentence."""
    deliveries = [delivery for exchange in record.register for delivery in exchange.deliveries]
    receipted = sum(delivery.HasField("receipted_at") for delivery in deliveries)
    acknowledged = sum(delivery.HasField("acknowledged_at") for delivery in deliveries)
    subjects = {exchange.subject for exchange in record.register if exchange.subject}
    return (
        f"The exchange register: {len(record.register)} exchanges about {len(subjects)} people, known by "
        f"made-up ids; {len(deliveries)} deliveries, {receipted} with a receipt, {acknowledged} acknowledged "
        "by a person."
    )


def _proofs(record: ReadRecord) -> str:
    """What the recipients can prove, in two sentences."""
    if not record.proven:
        return "No delivery proves itself."
    newest = max(record.proven, key=lambda report: report.size)
    indexes = ", ".join(str(report.index) for report in sorted(record.proven, key=lambda each: each.index))
    return (
        f"{len(record.proven)} deliveries prove themselves with the recipient's copy and the scheme's public "
        f"key alone: seal, statement, and the path from the record (index {indexes}) to the root of a "
        f"checkpoint that the gateway signed. The newest of these is of {newest.size} records, signed at "
        f"{newest.signed_at:%H:%M:%S}."
    )


def _export(record: ReadRecord) -> str:
    """What the exported log proves, in a sentence."""
    if record.exported is None:
        return "The log was not exported."
    found = record.exported
    witnessed = found.records - found.uncovered
    return (
        f"The log was exported and verified with public keys alone: {found.records} of {found.size} records, "
        f"none missing, under a checkpoint signed at {found.signed_at:%H:%M:%S}; {witnessed} under one that "
        "a majority of the witnesses cosigned too."
    )


def _print_entry(terminal: Terminal, entry: dict[str, Any], item: LogRecord) -> None:
    """Type, hash and parties; below a decision what went, what did not, and by which rules."""
    kind = plain(entry["type"]).lower()
    digits = item.record_hash[:_HASH_DIGITS]
    head = f"{item.position:>3}  {entry['at'][11:19]}  {digits}  {kind:<16} {_parties(entry)}"
    terminal.raw(head.rstrip(), _STYLES.get(entry["type"], Style.PLAIN), indent=_INDENT)
    details = "; ".join(part for part in (_amounts(entry), _rules(entry)) if part)
    if details:
        terminal.line(details, Style.FAINT, indent=_DETAILS)


def _parties(entry: dict[str, Any]) -> str:
    """Organisations alone: the desks stand in the entry, and a line is short."""
    named = [entry[name].partition("/")[0] for name in ("sender", "recipient") if name in entry]
    return " → ".join(named) or str(entry.get("organisation", ""))


def _amounts(entry: dict[str, Any]) -> str:
    if "document_type" not in entry:
        return ""
    amounts = (
        f"{len(entry[name])} {word}"
        for name, word in (
            ("categories_released", "released"),
            ("categories_withheld", "withheld"),
            ("categories_held", "waiting"),
        )
        if entry.get(name)
    )
    counted = ", ".join(amounts)
    return f"{entry['document_type']}: {counted}" if counted else str(entry["document_type"])


def _rules(entry: dict[str, Any]) -> str:
    names = [str(name) for name, *_ in entry.get("rules", ())]
    return "by " + ", ".join(names) if names else ""
