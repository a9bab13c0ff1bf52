"""Addresses of other areas' pages, for whoever may open them."""

from typing import Final

from flask import url_for
from werkzeug.routing import BuildError

from services.console.session import has_role
from services.kit.access.actor import Role

_READERS: Final = (Role.MAPPA_COORDINATOR, Role.DATA_PROTECTION_OFFICER)


def story_of(exchange_id: str) -> str:
    """The address of an exchange's story; empty for whoever has no register to look into."""
    if not exchange_id or not has_role(*_READERS):
        return ""
    try:
        return url_for("exchange.show_exchange", exchange_id=exchange_id)
    except BuildError:
        return ""
