"""The console's server: HTTP/1.1 over TLS, for browsers."""

import ssl
from pathlib import Path
from typing import Final

import structlog
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from flask import Flask

from services.console.application import LARGEST_REQUEST
from services.console.settings import Settings

_LARGEST_HEAD: Final = 32 * 1024
_TIMEOUT_S: Final = 10
_REFUSED_PLAINLY: Final = 16
"""So many times too large, and a request is refused without a page that says what to do."""

_WAITING: Final = 64

_log = structlog.get_logger(__name__)


class _QuietServer(Server):
    """Logs as everything else here does: texts of the library may quote what a stranger sent."""

    def error_log(self, msg: str = "", level: int = 20, traceback: bool = False) -> None:  # noqa: FBT001, FBT002
        del msg, traceback
        _log.log(max(level, 10), "server_message")


def make_server(app: Flask, settings: Settings) -> Server:
    """A server that is prepared and not yet listening.

    Raises:
        OSError, ssl.SSLError: certificate or key cannot be used.
    """
    listen, limits = settings.listen, settings.limits
    server = _QuietServer(
        (listen.host, listen.port),
        app,
        numthreads=limits.threads,
        server_name="console",
        timeout=_TIMEOUT_S,
        request_queue_size=_WAITING,
    )
    server.ssl_adapter = _make_adapter(settings.tls.certificate_file, settings.tls.key_file)
    server.max_request_header_size = _LARGEST_HEAD
    server.max_request_body_size = _REFUSED_PLAINLY * LARGEST_REQUEST
    return server


def _make_adapter(certificate: Path, key: Path) -> BuiltinSSLAdapter:
    adapter = BuiltinSSLAdapter(str(certificate), str(key))
    adapter.context.minimum_version = ssl.TLSVersion.TLSv1_2
    return adapter
