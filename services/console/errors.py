"""What a call can end in, as a page shows it: one type for each meaning. Their pages are in `faults.py`."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import grpc

from services.kit.rpc.client import Refusal, read_refusal
from services.kit.rpc.errors import Violation

_ENDED: Final = frozenset({"TOKEN_EXPIRED", "PERSON_MISSING", "TOKEN_UNBOUND"})
"""A token is bound to the console's certificate: when that is renewed, the person's has come to its end."""


class PageError(Exception):
    """The page cannot be shown as asked. Raise one of the subclasses.

    Attributes:
        status: of the HTTP answer.

    Args:
        reason: stable code, such as ROLE_NOT_ALLOWED; empty where there is none.
        advice: what the service said to do; in plain English, and without a person's data.
        codes: what else the service said, such as `obstacle`; empty where it said no more.
    """

    status: ClassVar[int] = 500

    def __init__(self, reason: str = "", advice: str = "") -> None:
        super().__init__(reason)
        self.reason: Final = reason
        self.advice: Final = advice
        self.codes: Mapping[str, str] = {}


class NotFoundError(PageError):
    """There is no such thing, or none that this person may know of."""

    status = 404


class RefusedError(PageError):
    """This person may not."""

    status = 403


class InvalidError(PageError):
    """Fields are missing or malformed.

    Attributes:
        fields: what is wrong, each with its path in the request and what to do.
    """

    status = 422

    def __init__(self, fields: Sequence[Violation] = (), reason: str = "", advice: str = "") -> None:
        super().__init__(reason, advice)
        self.fields: Final = tuple(fields)

    def advice_on(self, field: str) -> str:
        """What to do about a field, such as `reason`; empty where nothing is wrong with it."""
        return next((found.advice for found in self.fields if found.field == field), "")


class PreconditionError(PageError):
    """What is asked is not possible, or no longer. `message` says why, fit for the page."""

    status = 409

    @property
    def message(self) -> str:
        """Why, in plain English."""
        return self.advice or "This was settled already, or has changed since. Read how it stands now."


class BusyError(PageError):
    """Too much is asked at once. Nothing was done."""

    status = 429

    def __init__(self, reason: str = "", advice: str = "", retry_after_s: float = 1.0) -> None:
        super().__init__(reason, advice)
        self.retry_after_s: Final = retry_after_s


class TooLargeError(PageError):
    """More is sent at once than is taken."""

    status = 413


class UnavailableError(PageError):
    """Something that the page needs cannot be reached, or did not answer in time."""

    status = 503


class SignInEndedError(PageError):
    """The person's token has ended: whoever asks is to sign in again, and loses nothing by it."""

    status = 401


class FaultError(PageError):
    """Something failed that nobody foresaw."""


_BY_CODE: Final[dict[grpc.StatusCode, type[PageError]]] = {
    grpc.StatusCode.NOT_FOUND: NotFoundError,
    grpc.StatusCode.PERMISSION_DENIED: RefusedError,
    grpc.StatusCode.UNAUTHENTICATED: RefusedError,
    grpc.StatusCode.FAILED_PRECONDITION: PreconditionError,
    grpc.StatusCode.ALREADY_EXISTS: PreconditionError,
    grpc.StatusCode.ABORTED: PreconditionError,
    grpc.StatusCode.UNAVAILABLE: UnavailableError,
    grpc.StatusCode.DEADLINE_EXCEEDED: UnavailableError,
    grpc.StatusCode.CANCELLED: UnavailableError,
    grpc.StatusCode.UNIMPLEMENTED: UnavailableError,  # a service of an earlier version
}


def read_error(error: grpc.RpcError) -> PageError:
    """What a failed call means to whoever asked for the page."""
    refusal = read_refusal(error)  # type: ignore[arg-type]  # a synchronous one answers the same questions
    found = _name(refusal)
    found.codes = refusal.codes
    return found


def _name(refusal: Refusal) -> PageError:
    if refusal.reason in _ENDED:
        return SignInEndedError(refusal.reason, refusal.advice)
    if refusal.code is grpc.StatusCode.INVALID_ARGUMENT:
        return InvalidError(refusal.violations, refusal.reason, refusal.advice)
    if refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return _exhausted(refusal)
    return _BY_CODE.get(refusal.code, FaultError)(refusal.reason, refusal.advice)


def _exhausted(refusal: Refusal) -> PageError:
    if refusal.retry_after_s is None:
        return TooLargeError(refusal.reason, refusal.advice)
    return BusyError(refusal.reason, refusal.advice, refusal.retry_after_s)
