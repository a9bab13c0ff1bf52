"""Gets the two tokens that every call carries: your system's, and that of the person for whom it calls.

Prints an address. Whoever opens it in a browser and signs in is the person; the tokens are written beside
the certificate, as `tokens.json`. A web application leaves the second half to its framework's client of
OpenID Connect.
"""

import argparse
import json
import os
import secrets
import ssl
import sys
import time
import urllib.error
import urllib.request
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

DEADLINE_S = 15.0
PATIENCE_S = 300.0  # for somebody to sign in
PATH = "/signed-in"  # http://127.0.0.1/signed-in is what the provider knows of this program, on any port


class NotSignedInError(Exception):
    """Nobody signed in, or the answer was not to our question."""


def ask(provider: str, certificates: Path, **form: str) -> dict[str, Any]:
    """Ask the provider for a token: your certificate says which system asks, and the token is bound to it."""
    trust = ssl.create_default_context(cafile=certificates / "authority.crt")
    trust.load_cert_chain(certificates / "client.crt", certificates / "client.key")
    request = urllib.request.Request(f"{provider}/token", urlencode(form).encode())  # noqa: S310  # https
    with urllib.request.urlopen(request, timeout=DEADLINE_S, context=trust) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found


def ask_for_system(provider: str, client: str, certificates: Path) -> str:
    """Get the token of your system by itself; ask again before `expires_in` seconds are over."""
    answer = ask(provider, certificates, grant_type="client_credentials", client_id=client)
    return str(answer["access_token"])


def ask_for_person(provider: str, client: str, certificates: Path) -> str:
    """Get the token of a person: authorisation code with PKCE, answered on a port of this machine."""
    verifier, state, nonce = (secrets.token_urlsafe(48) for _ in range(3))
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with ThreadingHTTPServer(("127.0.0.1", 0), Arrival) as server:
        back = f"http://127.0.0.1:{server.server_port}{PATH}"
        question = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": back,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        print(f"{provider}/authorize?{urlencode(question)}", flush=True)
        code = await_code(server, state, provider)
    answer = ask(
        provider,
        certificates,
        grant_type="authorization_code",
        client_id=client,
        code=code,
        redirect_uri=back,
        code_verifier=verifier,
    )
    if read_claims(answer["id_token"])["nonce"] != nonce:
        raise NotSignedInError("the answer is not to our question")
    return str(answer["access_token"])


def await_code(server: ThreadingHTTPServer, state: str, provider: str) -> str:
    """Wait for the browser; what comes without our state, or from another provider, is not for us."""
    server.timeout, deadline = 0.2, time.monotonic() + PATIENCE_S
    while not Arrival.query and time.monotonic() < deadline:  # browsers ask for icons, too
        server.handle_request()
    arrived = Arrival.query
    if arrived.get("state") != [state] or arrived.get("iss") != [provider] or "code" not in arrived:
        raise NotSignedInError("nobody has signed in")
    return arrived["code"][0]


class Arrival(BaseHTTPRequestHandler):
    """The browser, sent back by the provider."""

    query: ClassVar[dict[str, list[str]]] = {}

    def do_GET(self) -> None:
        """Keep the query and tell the person."""
        asked = urlsplit(self.path)
        if asked.path != PATH:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"You can close this window.\n")
        Arrival.query = parse_qs(asked.query)

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds the code."""


def read_claims(token: str) -> dict[str, Any]:
    """Read a token that came straight from the provider; any other must be verified with its keys."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def write_private(path: Path, text: str) -> None:
    """Write a file that nobody else may read: a token is a secret until it ends."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    part.replace(path)


def main() -> int:
    """Get both and write them down."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--provider", required=True, help="address of your identity provider")
    arguments.add_argument("--client", required=True, help="your system's id there")
    arguments.add_argument(
        "--certificates", required=True, type=Path, help="folder of the caller's certificate"
    )
    given = arguments.parse_args()
    asked = given.provider, given.client, given.certificates
    try:
        tokens = {"system": ask_for_system(*asked), "person": ask_for_person(*asked)}
    except (NotSignedInError, urllib.error.URLError) as error:
        print(f"no tokens: {error}", file=sys.stderr)
        return 1
    write_private(given.certificates / "tokens.json", json.dumps(tokens))
    return 0


if __name__ == "__main__":
    sys.exit(main())
