"""Settings of one console, and what its parts make of them; see `services.kit.console_settings`."""

from services.console.sessions import Lifetimes
from services.kit.console_settings import SessionSettings, Settings, load_settings

__all__ = ["Settings", "lifetimes_of", "load_settings"]


def lifetimes_of(settings: SessionSettings) -> Lifetimes:
    """How long people stay signed in, in the form that sessions take."""
    return Lifetimes(idle_s=settings.idle_s, absolute_s=settings.absolute_s, most=settings.most)
