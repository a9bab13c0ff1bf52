"""Where randomness comes from: always an argument, so that vectors and tests can repeat what is random."""

from collections.abc import Callable

Entropy = Callable[[int], bytes]
"""Returns that many random bytes: the operating system's, unless a test or a vector says otherwise."""
