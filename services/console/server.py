"""The console's server: HTTP/1.1 over TLS, for browsers."""

import ssl
from socket import socket
from typing import Any, Final

import structlog
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server
from flask import Flask

from services.console.application import LARGEST_REQUEST
from services.console.renewed import EXTENSION, Renewed
from services.console.settings import Settings
from services.kit.settings import TlsFiles
from services.kit.shown import ShownCertificate

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


class _RenewingAdapter(BuiltinSSLAdapter):
    """Shows each new connection what lies in the files then; those that are open stay."""

    def __init__(self, files: TlsFiles, shown: ShownCertificate) -> None:
        super().__init__(str(files.certificate_file), str(files.key_file))
        self._contexts: Final = Renewed(shown, lambda _: _open_context(files))

    def wrap(self, sock: socket) -> tuple[ssl.SSLSocket, dict[str, Any]]:
        self.context = self._contexts.get()
        wrapped: tuple[ssl.SSLSocket, dict[str, Any]] = super().wrap(sock)  # type: ignore[no-untyped-call]  # cheroot
        return wrapped


def _open_context(files: TlsFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(files.certificate_file, files.key_file)
    return context


def make_server(app: Flask, settings: Settings) -> Server:
    """A server that is prepared and not yet listening.

    Args:
        app: from `compose`.
        settings: of the console.

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
    server.ssl_adapter = _RenewingAdapter(settings.tls, app.extensions[EXTENSION])
    server.max_request_header_size = _LARGEST_HEAD
    server.max_request_body_size = _REFUSED_PLAINLY * LARGEST_REQUEST
    return server
