"""Signing in from a command: the browser is sent back to a port of this machine (RFC 8252 section 7.3)."""

import ssl
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Final

from services.kit.access.client import TokenUnavailableError
from services.kit.access.sign_in import SCOPE, PersonToken, SignIn

HOST: Final = "127.0.0.1"
PATH: Final = "/signed-in"
"""`http://127.0.0.1/signed-in` is to be registered at the provider; the port is whichever is free."""

_DONE: Final = b"You are signed in. You can close this window.\n"
_FAILED: Final = b"This did not work. Go back to the command that you have started.\n"


class _Server(ThreadingHTTPServer):
    """Takes requests side by side: browsers open connections that they do not use."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), _Arrival)
        self.arrived: Final[SimpleQueue[str]] = SimpleQueue()
        self.finished: Final[SimpleQueue[bool]] = SimpleQueue()


class _Arrival(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        if not self.path.startswith(f"{PATH}?"):
            self.send_error(404)
            return
        self.server.arrived.put(f"http://{HOST}:{self.server.server_port}{self.path}")
        text = _DONE if self.server.finished.get() else _FAILED
        self.send_response(200)
        for name, value in (
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(text))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nothing: the address holds the code."""


def sign_in_at_browser(  # noqa: PLR0913  # as `SignIn`
    issuer: str,
    client_id: str,
    trust: ssl.SSLContext,
    *,
    tell: Callable[[str], None],
    scope: str = SCOPE,
    patience_s: float = 300,
) -> PersonToken:
    """Lets somebody sign in, and waits for it.

    Args:
        issuer: the provider.
        client_id: the client's id there.
        trust: its certificate, and whom it believes.
        tell: is given the address that the person must open in a browser of this machine.
        scope: as `SignIn`.
        patience_s: how long to wait.

    Raises:
        TokenUnavailableError: nobody signed in, or the provider refused.
    """
    with _Server() as server:
        asked = SignIn(issuer, client_id, f"http://{HOST}:{server.server_port}{PATH}", trust, scope=scope)
        tell(asked.start())
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        try:
            return _await(server, asked, time.monotonic() + patience_s)
        finally:
            server.shutdown()
            asked.close()


def _await(server: _Server, asked: SignIn, deadline: float) -> PersonToken:
    """The token for the first answer; who else on this machine calls the port can only end the waiting."""
    try:
        arrived = server.arrived.get(timeout=max(0.0, deadline - time.monotonic()))
    except Empty:
        raise TokenUnavailableError from None
    is_good = False
    try:
        token = asked.finish(arrived)
        is_good = True
    finally:
        server.finished.put(is_good)
    return token
