"""GatewayService: what an organisation's service asks while it waits for the answer."""

from typing import Any

import grpc.aio
from publicprotection.transport.v1 import gateway_service_pb2, gateway_service_pb2_grpc

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import StoreUnavailableError
from gateway.app.preview import DirectoryStaleError, Previewer, PreviewUnusableError
from gateway.app.proofs import LogProver, SizeUnknownError
from gateway.core.log.errors import TileMissingError
from gateway.rpc.limits import RateLimit
from services.kit.clock import Clock
from services.kit.keyring import NoSigningKeyError
from services.kit.rpc.authorisation import identify
from services.kit.rpc.errors import InvalidRequestError, OverloadedError, UnavailableError, Violation
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class GatewayServicer(gateway_service_pb2_grpc.GatewayServiceServicer):
    """Answers previews and questions of witnesses, each organisation so many a minute.

    Args:
        previewer: decides.
        prover: proves.
        limits: how often: previews, proofs.
        clock: the time.
    """

    def __init__(
        self, previewer: Previewer, prover: LogProver, limits: tuple[RateLimit, RateLimit], clock: Clock
    ) -> None:
        self._previewer = previewer
        self._prover = prover
        self._previews, self._proofs = limits
        self._clock = clock

    async def PreviewSubmission(
        self, request: gateway_service_pb2.PreviewSubmissionRequest, context: _Context
    ) -> gateway_service_pb2.PreviewSubmissionResponse:
        """Decides a sealed exchange without taking it."""
        caller = identify(context.auth_context())
        if not self._previews.take(caller.organisation, self._clock.now()):
            raise OverloadedError
        try:
            outcome = await self._previewer.preview(caller.organisation, request.packet)
        except PreviewUnusableError as error:
            advice = f"cannot be previewed ({error.reason}): seal it with your own key as a preview"
            raise InvalidRequestError([Violation("packet", advice)]) from None
        except (DirectoryStaleError, NoSigningKeyError, StoreUnavailableError, KeyStoreUnavailableError):
            raise UnavailableError from None
        return gateway_service_pb2.PreviewSubmissionResponse(outcome=outcome)

    async def ProveConsistency(
        self, request: gateway_service_pb2.ProveConsistencyRequest, context: _Context
    ) -> gateway_service_pb2.ProveConsistencyResponse:
        """Proves that the log of one size continues that of another."""
        caller = identify(context.auth_context())
        if not self._proofs.take(caller.organisation, self._clock.now()):
            raise OverloadedError
        try:
            hashes = await self._prover.prove_consistency(request.first_size, request.second_size)
        except SizeUnknownError:
            advice = "must not be larger than the log, nor smaller than first_size: give sizes of checkpoints"
            raise InvalidRequestError([Violation("second_size", advice)]) from None
        except (TileMissingError, StoreUnavailableError):
            raise UnavailableError from None
        return gateway_service_pb2.ProveConsistencyResponse(hashes=hashes)


def serve_gateway(
    previewer: Previewer, prover: LogProver, limits: tuple[RateLimit, RateLimit], clock: Clock
) -> ServedService:
    """The service, ready for a server."""
    file: Any = gateway_service_pb2.DESCRIPTOR
    return serve(
        gateway_service_pb2_grpc.add_GatewayServiceServicer_to_server,
        GatewayServicer(previewer, prover, limits, clock),
        file.services_by_name["GatewayService"],
    )
