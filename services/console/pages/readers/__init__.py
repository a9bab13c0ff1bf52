"""Who read the log, who read what this organisation holds, and who was not let in."""

from services.console.pages.readers.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
