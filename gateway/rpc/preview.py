"""GatewayService: what an organisation's service asks while it waits for the answer."""

from typing import Any, Final

import grpc.aio
from publicprotection.transport.v1 import gateway_service_pb2, gateway_service_pb2_grpc

from gateway.app.key_ports import KeyStoreUnavailableError
from gateway.app.ports import StoreUnavailableError
from gateway.app.preview import DirectoryStaleError, Previewer, PreviewUnusableError
from gateway.app.proofs import LogProver, SizeUnknownError
from gateway.core.log.errors import TileMissingError
from services.kit.access.actor import current_actor
from services.kit.keyring import NoSigningKeyError
from services.kit.rpc.errors import InvalidRequestError, UnavailableError, Violation
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]

_SERVICE: Final = "/publicprotection.transport.v1.GatewayService"
PREVIEW: Final = f"{_SERVICE}/PreviewSubmission"
PROVE: Final = f"{_SERVICE}/ProveConsistency"
"""What an organisation may ask less often than the rest."""


class GatewayServicer(gateway_service_pb2_grpc.GatewayServiceServicer):
    """Answers previews and questions of witnesses.

    Args:
        previewer: decides.
        prover: proves.
    """

    def __init__(self, previewer: Previewer, prover: LogProver) -> None:
        self._previewer = previewer
        self._prover = prover

    async def PreviewSubmission(
        self, request: gateway_service_pb2.PreviewSubmissionRequest, _context: _Context
    ) -> gateway_service_pb2.PreviewSubmissionResponse:
        """Decides a sealed exchange without taking it."""
        caller = current_actor()
        try:
            outcome = await self._previewer.preview(caller.organisation, request.packet)
        except PreviewUnusableError as error:
            advice = f"cannot be previewed ({error.reason}): seal it with your own key as a preview"
            raise InvalidRequestError([Violation("packet", advice)]) from None
        except (DirectoryStaleError, NoSigningKeyError, StoreUnavailableError, KeyStoreUnavailableError):
            raise UnavailableError from None
        return gateway_service_pb2.PreviewSubmissionResponse(outcome=outcome)

    async def ProveConsistency(
        self, request: gateway_service_pb2.ProveConsistencyRequest, _context: _Context
    ) -> gateway_service_pb2.ProveConsistencyResponse:
        """Proves that the log of one size continues that of another."""
        try:
            hashes = await self._prover.prove_consistency(request.first_size, request.second_size)
        except SizeUnknownError:
            advice = "must not be larger than the log, nor smaller than first_size: give sizes of checkpoints"
            raise InvalidRequestError([Violation("second_size", advice)]) from None
        except (TileMissingError, StoreUnavailableError):
            raise UnavailableError from None
        return gateway_service_pb2.ProveConsistencyResponse(hashes=hashes)


def serve_gateway(previewer: Previewer, prover: LogProver) -> ServedService:
    """The service, ready for a server."""
    file: Any = gateway_service_pb2.DESCRIPTOR
    return serve(
        gateway_service_pb2_grpc.add_GatewayServiceServicer_to_server,
        GatewayServicer(previewer, prover),
        file.services_by_name["GatewayService"],
    )
