"""Asking the gateway for consistency paths, over gRPC."""

from collections.abc import Sequence
from typing import Any, Final

import grpc
import grpc.aio
import structlog
from publicprotection.transport.v1 import gateway_service_pb2, gateway_service_pb2_grpc

from services.kit.rpc.client import read_refusal
from services.kit.witness.witness import AskLog

_PATIENCE_S: Final = 20.0
"""A gateway that keeps silent is no answer either: the witness asks again at its next look."""

_log = structlog.get_logger(__name__)


def ask_over(channel: grpc.aio.Channel) -> AskLog:
    """Asks over a channel to the gateway."""
    stub: Any = gateway_service_pb2_grpc.GatewayServiceStub(channel)

    async def ask(first: int, second: int) -> Sequence[bytes] | None:
        request = gateway_service_pb2.ProveConsistencyRequest(first_size=first, second_size=second)
        try:
            answer = await stub.ProveConsistency(request, timeout=_PATIENCE_S)
        except grpc.aio.AioRpcError as error:
            _log.warning("consistency_unproved", reason=read_refusal(error).reason or error.code().name)
            return None
        return tuple(answer.hashes)

    return ask
