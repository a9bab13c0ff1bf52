"""One exchange: what happened to it, what each recipient got, what was withheld and why, what answers it."""

from services.console.pages.exchange.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
