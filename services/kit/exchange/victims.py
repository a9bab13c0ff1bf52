"""What is about a victim is shown when it is asked for, with a reason that goes on record (MAPPA 4.16)."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from services.kit.evidence.leaf_kinds import leaf_kind
from services.kit.evidence.seal import TYPE_PATH
from services.kit.exchange.documents import describe_document
from services.kit.store.inbox import DeliveryContent

_VICTIM: Final = "VICTIM_"
_DOCUMENT: Final = "document."


def mask_victims(content: DeliveryContent) -> tuple[DeliveryContent, tuple[str, ...]]:
    """A delivery's content without what is about victims, and the categories that were left out.

    Seal and statement go as well where anything does: the one holds the values, the other those derived.
    """
    categories = _find(content.leaves)
    if not categories:
        return content, ()
    kept = {path: value for path, value in content.leaves.items() if path not in categories}
    masked = replace(content, leaves=kept, seal="")
    return masked, tuple(sorted(set(categories.values())))


def names_victims(leaves: Mapping[str, Any]) -> bool:
    """Whether anything in a document is about a victim."""
    return bool(_find(leaves))


def _find(leaves: Mapping[str, Any]) -> dict[str, str]:
    document = describe_document(leaves.get(TYPE_PATH))
    known = {path: leaf_kind(document, path).category for path in leaves if path.startswith(_DOCUMENT)}
    return {path: category for path, category in known.items() if category.startswith(_VICTIM)}
