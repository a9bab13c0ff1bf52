"""Search: one box on every page, for ids, paragraphs, numbers and for where things are."""

from services.console.pages.search.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
