"""What could not be audited is said to be so; what is known to be vulnerable is not passed over."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools import audit
from tools.audit import Audit, audit_python, find_obstacle, read_node


@contextmanager
def source(status: int, body: bytes) -> Iterator[str]:
    """An advisory source on this machine that always says the same."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_source_that_knows_vulnerabilities_can_be_asked() -> None:
    with source(200, b'{"vulnerabilities": []}') as address:
        assert find_obstacle(address) is None


@pytest.mark.parametrize(
    ("status", "body"), [(404, b""), (200, b"<html>"), (200, b"{}"), (200, b"[]"), (502, b"")]
)
def test_whatever_else_answers_is_no_source(status: int, body: bytes) -> None:
    with source(status, body) as address:
        assert find_obstacle(address) is not None


def test_without_a_source_nothing_is_claimed() -> None:
    done = audit_python(source="http://127.0.0.1:9/{name}/{version}")

    assert (done.is_done, done.is_good) == (False, True)
    assert "cannot be reached" in done.says


def test_npm_is_read_by_its_counts() -> None:
    counts = {"info": 0, "low": 0, "moderate": 1, "high": 2, "critical": 0, "total": 3}
    found = read_node("x", json.dumps({"metadata": {"vulnerabilities": counts}}))
    assert (found.is_done, found.is_good, found.says) == (True, False, "1 moderate, 2 high")

    clean = read_node("x", json.dumps({"metadata": {"vulnerabilities": dict.fromkeys(counts, 0)}}))
    assert (clean.is_done, clean.is_good) == (True, True)
    for nothing in ("", "{}", '{"error": {"summary": "audit endpoint returned an error"}}', "npm error"):
        assert not read_node("x", nothing).is_done


@pytest.mark.parametrize(
    ("asked", "status", "word"),
    [
        (Audit("it", True, True, "fine"), 0, "audited: it: fine"),  # noqa: FBT003
        (Audit("it", False, True, "nobody"), 0, "not audited: it: nobody"),  # noqa: FBT003
        (Audit("it", True, False, "bad"), 1, "audited: it: bad"),  # noqa: FBT003
    ],
)
def test_the_command_says_which(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], asked: Audit, status: int, word: str
) -> None:
    monkeypatch.setattr(audit, "audit_python", lambda: asked)
    monkeypatch.setattr(audit, "NPM_LOCKS", ())

    assert audit.main() == status
    assert capsys.readouterr().out.splitlines() == [word]
