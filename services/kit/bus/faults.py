"""What pika's exceptions mean to us. Their texts are not logged; a reason is one of a few words."""

from __future__ import annotations

import ssl
from collections.abc import Iterator

from pika import exceptions
from pika.adapters.utils import connection_workflow

from services.kit.bus.errors import BusError, BusSettingsError, CredentialsRefusedError, TlsRefusedError

# Replies of the broker that concern one message or queue, not the connection (AMQP 0-9-1, "Constants").
ACCESS_REFUSED = 403
NOT_FOUND = 404
PRECONDITION_FAILED = 406
REFUSALS = frozenset({ACCESS_REFUSED, NOT_FOUND, PRECONDITION_FAILED})

_PROBABLE_REFUSALS = (exceptions.ProbableAuthenticationError, exceptions.ProbableAccessDeniedError)
# The other end went away in the middle of a handshake, as a broker that stops does: not a refusal.
_CUT_OFF = (ssl.SSLEOFError, ssl.SSLZeroReturnError)
_CLOSED_BY_BROKER = exceptions.ConnectionClosedByBroker.__name__


def permanent(error: BaseException) -> BusError | None:
    """Return the typed error if trying again cannot help until somebody changes something, else None."""
    for cause in _causes(error):
        if isinstance(cause, BusSettingsError):
            return cause
        if isinstance(cause, ssl.SSLError) and not isinstance(cause, _CUT_OFF):
            return TlsRefusedError(
                f"TLS with the broker failed: {getattr(cause, 'reason', None) or 'refused'}"
            )
        if isinstance(cause, _PROBABLE_REFUSALS) and _CLOSED_BY_BROKER in str(cause):
            return CredentialsRefusedError("the broker refused the user, the password or the virtual host")
        if isinstance(cause, exceptions.IncompatibleProtocolError) and ssl.SSLError.__name__ in str(cause):
            # Under TLS 1.3 a client's certificate is refused only after its handshake is complete, and pika
            # keeps no more than the text of that.
            return TlsRefusedError("the broker refused our certificate")
    return None


def reason(error: BaseException) -> str:
    """Return a short, stable word for logs."""
    fault = permanent(error)
    if fault is not None:
        return type(fault).__name__
    return type(list(_causes(error))[-1]).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Unwrap what pika wraps: a workflow has the errors of its attempts, a phase the error under it."""
    yield error
    inner: BaseException | None = None
    if isinstance(error, connection_workflow.AMQPConnectionWorkflowFailed):
        inner = error.exceptions[-1]
    elif isinstance(error, connection_workflow.AMQPConnectorPhaseErrorBase):
        inner = error.exception
    elif error.args and isinstance(error.args[0], BaseException):
        inner = error.args[0]
    if inner is not None:
        yield from _causes(inner)
