"""Agreements: read, proposed, signed, stopped and ended."""

from typing import Final

from services.console.pages import agreements_acting, agreements_proposing, agreements_reading
from services.console.pages.agreements_base import BLUEPRINT

__all__ = ["BLUEPRINT", "PARTS"]

PARTS: Final = (agreements_reading, agreements_proposing, agreements_acting)
"""Each adds its pages to the blueprint when it is imported."""
