"""What is held: the area's queue for co-ordinators; what the own organisation is asked, and its answers."""

from services.console.pages.holds.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
