"""Refusals of a call: one type for each meaning, each with a stable reason.

A client reads `google.rpc.Status` with an `ErrorInfo` (reason, domain, codes) and, where fields are at fault,
a `BadRequest`. No refusal repeats a value that it was given: a value may be personal data.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

DOMAIN: Final = "publicprotection"

_MAX_VIOLATION_OCTETS: Final = 5_000
"""A status travels in gRPC's trailers, in base64 at worst, and a client takes 8 KiB of those by default."""

_FRAME_OCTETS: Final = 4
"""Tag and length of one violation among others."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One field that is not as it must be.

    Attributes:
        field: its path in the request, such as `document.restrictions[0].end`.
        advice: what to do, without the value.
    """

    field: str
    advice: str


class CallError(Exception):
    """A call is refused. Raise one of the subclasses.

    Attributes:
        code: gRPC status code.
        reason: stable, in capitals; clients may rely on it.
        advice: what to do, in plain English.
        retry_after_s: how long to wait before the same call may pass; None where waiting alone does not help.

    Args:
        codes: what else a client may need, as codes and ids only; never a person's data.
        violations: fields at fault.
    """

    code: ClassVar[grpc.StatusCode] = grpc.StatusCode.INTERNAL
    reason: ClassVar[str] = "INTERNAL"
    advice: ClassVar[str] = "Something failed here. Quote the correlation id to whoever runs this service."
    retry_after_s: float | None = None

    def __init__(self, codes: Mapping[str, str] | None = None, violations: Sequence[Violation] = ()) -> None:
        super().__init__(self.reason)
        self.codes = dict(codes or {})
        self.violations = tuple(violations)


class InternalError(CallError):
    """Something failed that nobody foresaw; carries a correlation id that stands in the log as well."""


class InvalidRequestError(CallError):
    """Fields are missing or malformed."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "INVALID_REQUEST"
    advice = "Correct the fields listed and send again."

    def __init__(self, violations: Sequence[Violation], codes: Mapping[str, str] | None = None) -> None:
        super().__init__(codes, violations)


class MalformedRequestError(CallError):
    """The bytes are no message of the method's type."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "MALFORMED_REQUEST"
    advice = "These bytes are not a request of this method: build it with the protos of this version."


class AccessRefusedError(CallError):
    """Whoever calls may not: these refusals are noted, since they may be somebody's attempt."""

    code = grpc.StatusCode.PERMISSION_DENIED


class UnidentifiedCallerError(AccessRefusedError):
    """The client's certificate names no organisation, or more than one."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "UNIDENTIFIED_CALLER"
    advice = "Use a certificate that names one organisation in its URI."


class SystemTokenMissingError(AccessRefusedError):
    """The call carries no token of the calling system."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "SYSTEM_TOKEN_MISSING"
    advice = "Send the system's access token in the metadata `authorization`, after the word Bearer."


class PersonMissingError(AccessRefusedError):
    """The method is for people, and the call does not say for whom it is made."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "PERSON_MISSING"
    advice = "Send the access token of the member of staff who acts in the metadata `ppg-person`."


class TokenInvalidError(AccessRefusedError):
    """A token is malformed, not signed by a key and algorithm of its issuer, or lacks a claim."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "TOKEN_INVALID"
    advice = "Get a new token from the identity provider in the settings; docs/identity.md lists its claims."


class TokenExpiredError(AccessRefusedError):
    """A token is not valid yet, or no longer."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "TOKEN_EXPIRED"
    advice = "Get a new token; if it is new, set the clocks right."


class TokenUnboundError(AccessRefusedError):
    """A token is bound to no certificate, or to another than the caller's."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "TOKEN_UNBOUND"
    advice = "Get the token with the certificate that you call with: it is bound to it (RFC 8705)."


class WrongAudienceError(AccessRefusedError):
    """A token was made for another service."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "WRONG_AUDIENCE"
    advice = "Ask the identity provider for a token whose audience is this service."


class UnknownIssuerError(AccessRefusedError):
    """A token's issuer is not among those that this service believes."""

    code = grpc.StatusCode.UNAUTHENTICATED
    reason = "UNKNOWN_ISSUER"
    advice = "Use a token of an identity provider that this service's settings name."


class WrongOrganisationError(AccessRefusedError):
    """The caller belongs to another organisation, or certificate and tokens name different ones."""

    reason = "WRONG_ORGANISATION"
    advice = (
        "Call your own organisation's service, with its certificate and tokens of its systems and people."
    )


class RoleNotAllowedError(AccessRefusedError):
    """None of the roles that the caller has may do this."""

    reason = "ROLE_NOT_ALLOWED"
    advice = "This is for another role: docs/identity.md says which may do what."


class ClearanceMissingError(AccessRefusedError):
    """What is asked for is for people with a clearance that the caller does not have."""

    reason = "CLEARANCE_MISSING"
    advice = "Ask somebody who is cleared for this to open it."


class AuthorNotCallerError(AccessRefusedError):
    """What is sent names another author than the person who sends it."""

    reason = "AUTHOR_NOT_CALLER"
    advice = "State the person who acts as author: name and role as the identity provider gives name and job."


class IdentityUnavailableError(CallError):
    """The keys of the identity provider cannot be had, so that nobody can be known."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = "IDENTITY_UNAVAILABLE"
    advice = "Try again later: the identity provider cannot be reached, and nobody is let in unknown."


class UnknownMethodError(CallError):
    """Nobody is let call this method."""

    code = grpc.StatusCode.UNIMPLEMENTED
    reason = "UNKNOWN_METHOD"
    advice = "This service has no such method: list its methods by reflection."


class UnknownRecipientError(CallError):
    """The directory has no such organisation or desk; both are public to those who take part."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "UNKNOWN_RECIPIENT"
    advice = "Choose organisations and desks that DirectoryService lists."


class RequestReusedError(CallError):
    """The request id was used before, with other content."""

    code = grpc.StatusCode.ALREADY_EXISTS
    reason = "REQUEST_ID_REUSED"
    advice = "This request id stands for another exchange: use a new one, or repeat the first unchanged."


class NotFoundError(CallError):
    """There is nothing here by that id."""

    code = grpc.StatusCode.NOT_FOUND
    reason = "NOT_FOUND"
    advice = "Check the id: there is nothing here by it."


class ConflictError(CallError):
    """What is asked is no longer possible, such as a second, different answer."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "CONFLICT"
    advice = "This was settled already: read how it stands."


class TooLargeError(CallError):
    """The message is well formed and too large to seal."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "TOO_LARGE"
    advice = "Send less at once, or refer to it in external_reference."


class OverloadedError(CallError):
    """Too many calls at once."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "OVERLOADED"
    advice = "Try again later: nothing was done."
    retry_after_s = 1.0


class TooManyCallsError(CallError):
    """One caller asks more often, or for more, than its share."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "TOO_MANY_CALLS"
    advice = "Call less often: wait as long as RetryInfo says. Nothing was done."

    def __init__(self, retry_after_s: float = 1.0) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s


class UnavailableError(CallError):
    """Something that the call needs cannot be reached now."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = "UNAVAILABLE"
    advice = "Try again later, with the same request id."


class TimedOutError(CallError):
    """The call took longer than the caller, or this service, allows."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED
    reason = "TIMED_OUT"
    advice = "Try again with the same request id: it may have been accepted, and nothing is sent twice."


def describe(error: CallError) -> Status:
    """The refusal as a client reads it; `more_violations` counts those for which there was no room."""
    listed = list(_list_fitting(error.violations))
    left = len(error.violations) - len(listed)
    codes = error.codes | ({"more_violations": str(left)} if left else {})
    status = Status(code=error.code.value[0], message=error.advice)
    _attach(status, ErrorInfo(reason=error.reason, domain=DOMAIN, metadata=codes))
    if listed:
        _attach(status, BadRequest(field_violations=listed))
    if error.retry_after_s is not None:
        _attach(status, _wait(error.retry_after_s))
    return status


def _wait(seconds: float) -> RetryInfo:
    wait = RetryInfo()
    wait.retry_delay.FromMilliseconds(math.ceil(seconds * 1000))
    return wait


def _list_fitting(violations: Sequence[Violation]) -> Iterator[BadRequest.FieldViolation]:
    left = _MAX_VIOLATION_OCTETS
    for violation in violations:
        found = BadRequest.FieldViolation(field=violation.field, description=violation.advice)
        left -= found.ByteSize() + _FRAME_OCTETS
        if left < 0:
            return
        yield found


def _attach(status: Status, detail: ErrorInfo | BadRequest | RetryInfo) -> None:
    packed = AnyMessage()
    packed.Pack(detail)
    status.details.append(packed)
