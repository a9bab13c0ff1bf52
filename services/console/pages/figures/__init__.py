"""Figures: how many exchanges there were in a period, and what became of them."""

from services.console.pages.figures.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
