"""Who may be the same person: conflicts that wait, and likenesses that somebody confirms or rejects."""

from services.console.pages.candidates.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
