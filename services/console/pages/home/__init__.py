"""The first page: what needs doing today, by role, and where everything is."""

from services.console.pages.home.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
