"""How `ppg rulebook coverage` prints what it found."""

from collections.abc import Iterator
from typing import Any

from gateway.core.coverage import Coverage, Row


def as_text(coverage: Coverage) -> str:
    """A line for each id, the counts by domain file, and each fault."""
    lines = [*map(_line, coverage.rows), "", *_counts(coverage)]
    lines.extend(f"FAULT {each}" for each in coverage.faults)
    lines.append(f"{len(coverage.rows)} ids accounted for, {len(coverage.faults)} faults")
    return "\n".join(lines)


def as_json(coverage: Coverage) -> dict[str, Any]:
    """The same for programs."""
    return {
        "requirements": {row.id: _row(row) for row in coverage.rows},
        "counts": {domain: dict(sorted(count.items())) for domain, count in coverage.count().items()},
        "faults": list(coverage.faults),
    }


def _line(row: Row) -> str:
    parts = [f"{row.id}: {row.implementation.state}"]
    if row.implementation.by:
        parts.append(f"by {', '.join(row.implementation.by)}")
    if row.implementation.reason:
        parts.append(row.implementation.reason)
    if row.vectors:
        parts.append(f"shown by {', '.join(row.vectors)}")
    return "; ".join(parts)


def _row(row: Row) -> dict[str, Any]:
    stated = row.implementation.model_dump(mode="json", exclude_defaults=True)
    return {"text": row.text, **stated, "rules": list(row.rules), "vectors": list(row.vectors)}


def _counts(coverage: Coverage) -> Iterator[str]:
    for domain, count in sorted(coverage.count().items()):
        states = ", ".join(f"{number} {state}" for state, number in count.most_common())
        yield f"{domain}: {count.total()} ids: {states}"
