"""The rulebook in force, for reading: listed, searched by paragraph, id and words, and entry by entry."""

from services.console.pages.rulebook.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
