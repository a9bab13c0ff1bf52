"""Ids of exchanges, packets, deliveries and calls: random, so that they say nothing about what they name."""

from collections.abc import Callable
from uuid import uuid4

NewId = Callable[[], str]
"""Makes an id that was never used before; injected, so that a test can know it."""


def new_id() -> str:
    """A new id: 122 random bits as 32 lower-case hexadecimal digits (RFC 9562, version 4)."""
    return uuid4().hex
