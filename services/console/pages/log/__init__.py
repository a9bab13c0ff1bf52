"""The disclosure log: what for, search, and one record with its proof in front of you."""

from services.console.pages.log.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
