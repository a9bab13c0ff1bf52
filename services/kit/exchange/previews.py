"""What sets a preview apart from an exchange: its id, which both ends look at."""

from typing import Final

PREFIX: Final = "preview-"


def is_preview(exchange_id: str) -> bool:
    """Whether a seal was made for a question, and must never be taken or delivered as an exchange."""
    return exchange_id.startswith(PREFIX)
