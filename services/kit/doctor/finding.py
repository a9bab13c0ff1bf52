"""What a check found: one line each, which says what is and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How bad it is."""

    PASS = "pass"  # noqa: S105  # a word, and no password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line.

    Attributes:
        check: what was looked at, such as `broker-login`.
        verdict: how bad it is.
        says: what is, and what to do about it. No secret, and nothing about people.
    """

    check: str
    verdict: Verdict
    says: str


def passed(check: str, says: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.PASS, says)


def warned(check: str, says: str) -> Finding:
    """It works, and will not for long, or cannot be told."""
    return Finding(check, Verdict.WARN, says)


def failed(check: str, says: str) -> Finding:
    """It does not work."""
    return Finding(check, Verdict.FAIL, says)
