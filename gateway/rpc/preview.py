"""GatewayService: what an organisation's service asks while somebody waits for the answer."""

from typing import Any

import grpc.aio
from publicprotection.transport.v1 import gateway_service_pb2, gateway_service_pb2_grpc

from gateway.app.ports import KeyStoreUnavailableError, StoreUnavailableError
from gateway.app.preview import DirectoryStaleError, Previewer, PreviewUnusableError
from gateway.rpc.limits import RateLimit
from services.kit.clock import Clock
from services.kit.rpc.authorisation import identify
from services.kit.rpc.errors import InvalidRequestError, OverloadedError, UnavailableError, Violation
from services.kit.rpc.service import ServedService, serve

_Context = grpc.aio.ServicerContext[Any, Any]


class GatewayServicer(gateway_service_pb2_grpc.GatewayServiceServicer):
    """Answers previews, each organisation so many a minute.

    Args:
        previewer: decides.
        limit: how often.
        clock: the time.
    """

    def __init__(self, previewer: Previewer, limit: RateLimit, clock: Clock) -> None:
        self._previewer = previewer
        self._limit = limit
        self._clock = clock

    async def PreviewSubmission(
        self, request: gateway_service_pb2.PreviewSubmissionRequest, context: _Context
    ) -> gateway_service_pb2.PreviewSubmissionResponse:
        """Decides a sealed exchange without taking it."""
        caller = identify(context.auth_context())
        if not self._limit.take(caller.organisation, self._clock.now()):
            raise OverloadedError
        try:
            outcome = await self._previewer.preview(caller.organisation, request.packet)
        except PreviewUnusableError as error:
            advice = f"cannot be previewed ({error.reason}): seal it with your own key as a preview"
            raise InvalidRequestError([Violation("packet", advice)]) from None
        except (DirectoryStaleError, StoreUnavailableError, KeyStoreUnavailableError):
            raise UnavailableError from None
        return gateway_service_pb2.PreviewSubmissionResponse(outcome=outcome)


def serve_previews(previewer: Previewer, limit: RateLimit, clock: Clock) -> ServedService:
    """The service, ready for a server."""
    file: Any = gateway_service_pb2.DESCRIPTOR
    return serve(
        gateway_service_pb2_grpc.add_GatewayServiceServicer_to_server,
        GatewayServicer(previewer, limit, clock),
        file.services_by_name["GatewayService"],
    )
