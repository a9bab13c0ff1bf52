"""Subject access: the queue of requests, and each from the letter to the answer."""

from typing import Final

from services.console.pages import (
    subject_access_answer,
    subject_access_case,
    subject_access_data,
    subject_access_deciding,
    subject_access_enquiries,
    subject_access_masks,
    subject_access_queue,
    subject_access_review,
    subject_access_steps,
)
from services.console.pages.subject_access_base import BLUEPRINT

__all__ = ["BLUEPRINT", "PARTS"]

PARTS: Final = (
    subject_access_queue,
    subject_access_case,
    subject_access_steps,
    subject_access_data,
    subject_access_review,
    subject_access_deciding,
    subject_access_masks,
    subject_access_answer,
    subject_access_enquiries,
)
"""Each adds its pages to the blueprint when it is imported."""
