"""Refusals of decisions. Each is a `CallError`, so a client gets its reason and code."""

import grpc

from services.kit.rpc.errors import CallError, ConflictError, InvalidRequestError


class DecisionIncompleteError(InvalidRequestError):
    """A decision does not say all that it must; each violation names a field and begins with a code."""

    reason = "DISCLOSURE_DECISION_INCOMPLETE"
    advice = "Say what is missing, or decide otherwise: see the violations."


class TellingRefusedError(InvalidRequestError):
    """The telling was not as it was decided; each violation names a field and begins with a code."""

    reason = "DISCLOSURE_TELLING_REFUSED"
    advice = (
        "This is not how it was decided: see the violations, and amend the decision where it is to change."
    )


class DecisionRefusedError(ConflictError):
    """A step is not possible as the decision stands; the code `obstacle` says why."""

    reason = "DISCLOSURE_DECISION_REFUSED"
    advice = "The decision does not allow this now: the code `obstacle` says why. Read how it stands."


class NotDeciderError(CallError):
    """Whoever acts may not decide this; the code `obstacle` says why."""

    code = grpc.StatusCode.PERMISSION_DENIED
    reason = "DISCLOSURE_NOT_DECIDER"
    advice = (
        "Somebody else decides this: `decided_by` says who, and what needs two people is not the writer's."
    )
