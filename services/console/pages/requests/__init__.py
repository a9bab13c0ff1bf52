"""Requests for minutes: the register with its clocks, and each request step by step."""

from services.console.pages.requests.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
