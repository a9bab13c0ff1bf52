"""The client's side: a channel over mutual TLS, and refusals as a caller reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import grpc.aio
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from services.kit.access.client import CallTokens, make_interceptors
from services.kit.credentials import TlsIdentity
from services.kit.rpc.errors import DOMAIN, Violation
from services.kit.settings import MEBIBYTE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call was refused.

    Attributes:
        code: gRPC status code.
        reason: stable, in capitals; empty where gRPC itself refused.
        advice: what to do.
        codes: further codes and ids.
        violations: fields at fault.
        retry_after_s: how long to wait before the same call may pass; None if it does not say.
    """

    code: grpc.StatusCode
    reason: str
    advice: str
    codes: Mapping[str, str]
    violations: Sequence[Violation]
    retry_after_s: float | None = None


def open_channel(
    address: str,
    tls: TlsIdentity,
    *,
    tokens: CallTokens | None = None,
    max_message_octets: int = 16 * MEBIBYTE,
) -> grpc.aio.Channel:
    """A channel to a process of this project.

    Args:
        address: host and port, as in the server's certificate.
        tls: the caller's certificate and key, and the authority that issued the server's.
        tokens: go with each call that does not bring its own; None where each call does.
        max_message_octets: larger answers are refused.
    """
    credentials = grpc.ssl_channel_credentials(
        root_certificates=tls.authority, private_key=tls.key, certificate_chain=tls.certificate
    )
    return grpc.aio.secure_channel(
        address,
        credentials,
        options=[("grpc.max_receive_message_length", max_message_octets)],
        interceptors=make_interceptors(tokens) if tokens is not None else None,
    )


def read_refusal(error: grpc.aio.AioRpcError) -> Refusal:
    """What a failed call says, whether this project or gRPC itself refused it."""
    status: Status = rpc_status.from_call(error) or Status()  # type: ignore[arg-type]
    info: Any = _find(status, ErrorInfo()) or ErrorInfo()
    fields: Any = _find(status, BadRequest()) or BadRequest()
    wait: Any = _find(status, RetryInfo())
    return Refusal(
        code=error.code(),
        reason=info.reason if info.domain == DOMAIN else "",
        advice=error.details() or "",
        codes=dict(info.metadata),
        violations=[Violation(found.field, found.description) for found in fields.field_violations],
        retry_after_s=None if wait is None else wait.retry_delay.ToTimedelta().total_seconds(),
    )


def _find(status: Status, into: Any) -> Any:
    for detail in status.details:
        if detail.Unpack(into):
            return into
    return None
