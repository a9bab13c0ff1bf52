"""Refusals of the register of requests. Each is a `CallError`, so a client gets its reason and code."""

import grpc

from services.kit.rpc.errors import CallError, ConflictError, InvalidRequestError


class MinutesRefusedError(ConflictError):
    """A step is not possible as the request stands; the code `obstacle` says why."""

    reason = "MINUTES_REQUEST_REFUSED"
    advice = "The request does not allow this now: the code `obstacle` says why. Read how it stands."


class NotApproverError(CallError):
    """Whoever acts may not approve this reply; the code `obstacle` says why."""

    code = grpc.StatusCode.PERMISSION_DENIED
    reason = "MINUTES_NOT_APPROVER"
    advice = "Somebody else approves this: whoever wrote it does not, and only who decides on minutes does."


class ExemptionsRefusedError(InvalidRequestError):
    """What is left out, or claimed, cannot be; each violation names an item and a code."""

    reason = "MINUTES_EXEMPTIONS_REFUSED"
    advice = "Each item must stand in the summary, with a ground and a reason of its own: see the violations."


class BlanketLeftOutError(CallError):
    """Everything is left out, and not each item for a reason of its own."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "BLANKET_EXEMPTION"
    advice = "There is no blanket exemption: give each item its own reason, or leave some of them in."
