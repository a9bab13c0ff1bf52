"""Decisions whether to disclose to a third party: the register, each decision, and who was told."""

from services.console.pages.disclosures.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
