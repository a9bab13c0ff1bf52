"""Who may call the gateway: its table, and of which kind an organisation is, by the directory in force."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from services.kit.access.gatekeeper import KindOf
from services.kit.access.table import GATEWAY_KIND, name_kind
from services.kit.directory import GATEWAY, Directory

TABLE: Final = Path(__file__).with_name("access.toml")

DirectorySource = Callable[[], Directory]
"""Returns the directory in force."""


def kinds_by(source: DirectorySource) -> KindOf:
    """Of which kind an organisation is now; None for one that the directory does not list."""

    def kind_of(organisation: str) -> str | None:
        if organisation == GATEWAY:
            return GATEWAY_KIND
        found = source().organisation(organisation)
        return None if found is None else name_kind(found.kind)

    return kind_of
