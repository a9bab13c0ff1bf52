"""Try it: what would become of an exchange, with no data. Codes only stand in the address."""

from services.console.pages.tryit.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
