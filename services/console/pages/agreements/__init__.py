"""Agreements: read, proposed, signed, stopped and ended."""

from typing import Final

from services.console.pages.agreements import acting, proposing, reading
from services.console.pages.agreements.base import BLUEPRINT

__all__ = ["BLUEPRINT", "PARTS"]

PARTS: Final = (reading, proposing, acting)
"""Each adds its pages to the blueprint when it is imported."""
