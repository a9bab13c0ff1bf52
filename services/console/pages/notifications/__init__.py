"""Notifications that are missing or came late, by agency; and in plain words what cannot be seen here."""

from services.console.pages.notifications.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
