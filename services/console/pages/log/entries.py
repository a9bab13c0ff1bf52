"""Reading entries of the disclosure log that come from elsewhere: nothing in them is taken on trust."""

import json
from datetime import datetime
from typing import Any

from publicprotection.oversight.v1.disclosure_log_service_pb2 import LogRecord


def read_members(record: LogRecord) -> dict[str, Any]:
    """What is shown of a record: members of the entry or of the excerpt; none of one that was pruned."""
    try:
        said = json.loads(record.entry or record.excerpt or "{}")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def read_time(record: LogRecord) -> datetime | None:
    """When the record was made, as it says; None if it does not."""
    return moment_of(read_members(record).get("at"))


def moment_of(value: Any) -> datetime | None:
    """An ISO 8601 time with offset; None if it is anything else."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo is not None else None
