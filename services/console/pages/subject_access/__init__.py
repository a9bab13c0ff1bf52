"""Subject access: the queue of requests, and each from the letter to the answer."""

from typing import Final

from services.console.pages.subject_access import (
    answer,
    case,
    data,
    deciding,
    enquiries,
    masks,
    queue,
    review,
    steps,
)
from services.console.pages.subject_access.base import BLUEPRINT

__all__ = ["BLUEPRINT", "PARTS"]

PARTS: Final = (
    queue,
    case,
    steps,
    data,
    review,
    deciding,
    masks,
    answer,
    enquiries,
)
"""Each adds its pages to the blueprint when it is imported."""
