"""The provider's server: TLS, with the client's certificate where there is one; browsers have none."""

import ssl

import structlog
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from flask import Flask

from services.identity.application import LARGEST_REQUEST
from services.identity.settings import Settings

THREADS = 8
_LARGEST_HEAD = 32 * 1024
_TIMEOUT_S = 10

_log = structlog.get_logger(__name__)


class _QuietServer(Server):
    """Logs as everything else here does: texts of the library may quote what a stranger sent."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:  # noqa: FBT001, FBT002
        del msg, traceback
        _log.log(max(level, 10), "server_message")


def make_server(app: Flask, settings: Settings) -> Server:
    """A server that is prepared and not yet listening.

    Raises:
        OSError, ssl.SSLError: certificate, key or authority cannot be used.
    """
    tls, listen = settings.tls, settings.listen
    adapter = BuiltinSSLAdapter(str(tls.certificate_file), str(tls.key_file))
    adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    adapter.context.load_verify_locations(cafile=str(tls.authority_file))
    adapter.context.verify_mode = ssl.CERT_OPTIONAL
    server = _QuietServer(
        (listen.host, listen.port), app, numthreads=THREADS, server_name="identity", timeout=_TIMEOUT_S
    )
    server.ssl_adapter = adapter
    server.max_request_header_size = _LARGEST_HEAD
    server.max_request_body_size = LARGEST_REQUEST
    return server
