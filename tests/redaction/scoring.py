"""Scores masked narratives against the marked ones, by the rules of README.md beside it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
KEPT = frozenset({"subject", "staff"})
IDENTIFIERS = frozenset(
    [
        "POSTCODE",
        "PHONE",
        "EMAIL",
        "NHS_NUMBER",
        "NINO",
        "PNC_ID",
        "CRO",
        "PRISON_NUMBER",
        "CRN",
        "VEHICLE",
        "PASSPORT",
    ]
)
EXCUSED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|DC|PC|DS|Fr|Sr|Mx|Prof)\.?\s+|['\u2019]s\b|[.,\s]")


@dataclass
class Score:
    """Counts of one run: spans caught and wanted by group, characters outside spans and masked among them."""

    caught: Counter[str] = field(default_factory=Counter)
    wanted: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str, str]] = field(default_factory=list)
    outside: int = 0
    over: int = 0
    clean: int = 0

    def recall(self, group: str) -> float:
        """Share of a group's spans (`named`, `identifiers`, `unlisted`) that were masked in full."""
        return self.caught[group] / max(1, self.wanted[group])

    @property
    def over_masking(self) -> float:
        """Share of the characters outside every marked span that were masked."""
        return self.over / max(1, self.outside)


def read_narratives(name: str) -> list[dict[str, Any]]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def score(
    gold: Iterable[Mapping[str, Any]], predicted: Iterable[Mapping[str, Any]], keep: frozenset[str] = KEPT
) -> Score:
    """Scores predictions, each with `id` and `spans`; a narrative without one counts as not masked at all.

    Args:
        gold: marked narratives.
        predicted: what was masked, by `id`.
        keep: roles whose parties may be masked or not.
    """
    found, total = {each["id"]: each["spans"] for each in predicted}, Score()
    for record in gold:
        mask = paint(len(record["text"]), found.get(record["id"], ()))
        _count_spans(record, mask, total, keep)
        _count_over(record, mask, total)
    return total


def paint(length: int, spans: Iterable[Mapping[str, int]]) -> bytearray:
    """A byte for each character: 1 inside a span."""
    mask = bytearray(length)
    for span in spans:
        mask[span["start"] : span["end"]] = b"\x01" * (min(span["end"], length) - span["start"])
    return mask


def _count_spans(record: Mapping[str, Any], mask: bytearray, total: Score, keep: frozenset[str]) -> None:
    roles = {party["id"]: party["role"] for party in record["parties"]}
    missed = False
    for span in record["spans"]:
        role = roles.get(span["party"], "-")
        if role not in keep:
            group = "identifiers" if span["type"] in IDENTIFIERS else ("unlisted" if role == "-" else "named")
            hit = all(mask[span["start"] : span["end"]])
            total.wanted[group] += 1
            total.caught[group] += hit
            missed |= not hit and group != "unlisted"
            if not hit:
                total.missed.append((record["id"], span["type"], span["text"]))
    total.clean += not missed


def _count_over(record: Mapping[str, Any], mask: bytearray, total: Score) -> None:
    marked = paint(len(mask), record["spans"])
    excused = bytearray(marked)
    for found in EXCUSED.finditer(record["text"]):
        if (found.start() and mask[found.start() - 1]) or (found.end() < len(mask) and mask[found.end()]):
            excused[found.start() : found.end()] = b"\x01" * (found.end() - found.start())
    total.outside += marked.count(0)
    total.over += sum(1 for hidden, allowed in zip(mask, excused, strict=True) if hidden and not allowed)
