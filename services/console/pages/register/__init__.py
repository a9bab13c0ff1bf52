"""The exchange register: filters, pages in both directions, filters that somebody keeps, and files of it."""

from services.console.pages.register.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
