"""Exports of the disclosure log that prove themselves, and how to verify one without this service."""

from services.console.pages.proof.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
