"""Legal holds, what is due to be destroyed, and erasure."""

from services.console.pages.retention.routes import BLUEPRINT

__all__ = ["BLUEPRINT"]
