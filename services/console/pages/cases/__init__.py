"""Cases: everything exchanged about one person, by thread; who it is, only to whoever says why."""

from services.console.pages.cases.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
