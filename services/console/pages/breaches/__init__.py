"""Breach cases of the own organisation: the 72 hours, what is concerned, and what was done."""

from services.console.pages.breaches.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
