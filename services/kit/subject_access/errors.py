"""Refusals of subject access. Each is a `CallError`, so a client gets its reason and code."""

import grpc

from services.kit.rpc.errors import CallError, ConflictError, InvalidRequestError, Violation


class NotSubjectAccessError(CallError):
    """The request is no subject access, or it is not yet known to be; the code `instead` says what to do."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "NOT_SUBJECT_ACCESS"
    advice = "This is not to be answered as subject access: the code `instead` says what it is."


class AccessRefusedError(ConflictError):
    """A step of a case is not possible as it stands; the code `obstacle` says why."""

    reason = "SUBJECT_ACCESS_REFUSED"
    advice = "The case does not allow this now: the code `obstacle` says why. Read how it stands."


class DecisionsRefusedError(InvalidRequestError):
    """Decisions of items that the law does not allow; each violation names an item and a code."""

    reason = "ACCESS_DECISIONS_REFUSED"
    advice = "Each item needs an exemption of its own law and a reason of its own: see the violations."


class BlanketExemptionError(CallError):
    """Everything is withheld, and not each item for a reason of its own."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "BLANKET_EXEMPTION"
    advice = "Everything cannot be withheld for one reason: give each item its own, or give some of them."


class FutureDayError(InvalidRequestError):
    """A day lies ahead on which something is said to have happened."""

    reason = "DAY_IN_FUTURE"
    advice = "Give a full day, not later than today."

    def __init__(self, field: str) -> None:
        super().__init__([Violation(field, self.advice)])
