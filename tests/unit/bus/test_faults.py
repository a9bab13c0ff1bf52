import ssl

import pytest
from pika import exceptions
from pika.adapters.utils import connection_workflow as workflow

from services.kit.bus import BusError, BusSettingsError, CredentialsRefusedError, TlsRefusedError, faults


def wrapped(error: BaseException) -> BaseException:
    """As pika hands on what happened below: in a phase, in a workflow, in an error."""
    phase = workflow.AMQPConnectorTransportSetupError(error)
    return exceptions.AMQPConnectionError(workflow.AMQPConnectionWorkflowFailed([phase]))


REFUSED = exceptions.ProbableAuthenticationError("ConnectionClosedByBroker: (403) 'ACCESS_REFUSED'")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ssl.SSLCertVerificationError(1, "unknown authority"), TlsRefusedError),
        (ssl.SSLError(1, "alert"), TlsRefusedError),
        (
            exceptions.IncompatibleProtocolError("StreamLostError: (\"SSLError(1, 'alert')\",)"),
            TlsRefusedError,
        ),
        (REFUSED, CredentialsRefusedError),
        (exceptions.ProbableAccessDeniedError("ConnectionClosedByBroker: (530)"), CredentialsRefusedError),
        (BusSettingsError("no file"), BusSettingsError),
    ],
)
def test_a_refusal_is_permanent_however_deep(error: BaseException, expected: type[BusError]) -> None:
    for seen in (error, wrapped(error)):
        assert type(faults.permanent(seen)) is expected
        assert faults.reason(seen) == expected.__name__


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        ssl.SSLEOFError(8, "cut off"),
        ssl.SSLZeroReturnError(6, "closed"),
        exceptions.ProbableAuthenticationError("StreamLostError: the broker went away"),
        exceptions.IncompatibleProtocolError("StreamLostError: the broker went away"),
    ],
)
def test_a_broker_that_goes_away_is_not_a_refusal(error: BaseException) -> None:
    for seen in (error, wrapped(error)):
        assert faults.permanent(seen) is None
        assert faults.reason(seen) == type(error).__name__
