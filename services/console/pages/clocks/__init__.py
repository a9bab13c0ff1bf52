"""The clocks board: what is due, overdue, escalated or confirmed by nobody, and what was done about it."""

from services.console.pages.clocks.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
