"""The private node keeps to itself and cleans up after itself."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.broker.definitions import GATEWAY, Account, Definitions, define
from deploy.broker.node import BrokerNode, BrokerNodeError
from deploy.certificates import CertificateAuthority
from tests.support.broker import TestBroker

DEFINITIONS = define([Account.create("kent-police", "x")], Account.create(GATEWAY, "y"))
NOBODY = 65534
LOOPBACK = {"127.0.0.1", "[::1]"}


class NobodysNode(BrokerNode):
    """A node whose processes run as an ordinary user, though the test runs as root."""

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        for path in (self.layout.directory, *self.layout.directory.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--"]
        return super()._launch([*user, *command])


@pytest.fixture
def open_directory() -> Iterator[Path]:
    """A directory that another user can reach; pytest's own are for their owner only."""
    directory = Path(tempfile.mkdtemp(prefix="ppg-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def listeners(session: int) -> set[str]:
    """Addresses on which any process of the session listens."""
    rows = subprocess.run(["ss", "-Hltnp"], capture_output=True, check=True, text=True).stdout.splitlines()
    found = set()
    for row in rows:
        pids = [int(part.partition(",")[0]) for part in row.split("pid=")[1:]]
        if any(os.getsid(pid) == session for pid in pids):
            found.add(row.split()[3].rpartition(":")[0])
    return found


def test_nothing_listens_beyond_the_loopback_interface(broker: TestBroker) -> None:
    node = broker.node
    assert node._server is not None
    assert node._mapper is not None
    for process in (node._server, node._mapper):
        found = listeners(process.pid)
        assert found
        assert found <= LOOPBACK


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs every other test here as such")
def test_an_ordinary_user_can_run_it_and_a_stop_leaves_no_process(open_directory: Path) -> None:
    node = NobodysNode(open_directory / "node", CertificateAuthority.create(), DEFINITIONS)
    node.start()
    try:
        assert node._server is not None
        assert node._mapper is not None
        groups = [node._server.pid, node._mapper.pid]
        assert Path(f"/proc/{groups[1]}").stat().st_uid == NOBODY
    finally:
        node.stop()
    assert not node.running
    for group in groups:
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)


def refused_queue() -> dict[str, object]:
    return {**DEFINITIONS["queues"][0], "arguments": {"x-max-length": "many"}}


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (DEFINITIONS | {"users": 5}, r"ended while starting; see .*node\.log"),
        (DEFINITIONS | {"queues": [refused_queue()]}, r"1 queues were not made; see .*node\.log"),
    ],
)
def test_a_start_that_fails_names_the_log(tmp_path: Path, broken: Definitions, message: str) -> None:
    node = BrokerNode(tmp_path / "node", CertificateAuthority.create(), broken)
    with pytest.raises(BrokerNodeError, match=message):
        node.start()
    assert not node.running
    assert node.layout.log.read_text()


@pytest.mark.large
def test_a_start_without_its_port_is_given_up(tmp_path: Path) -> None:
    """The server goes on without a listener, so nothing but time tells."""
    node = BrokerNode(tmp_path / "node", CertificateAuthority.create(), DEFINITIONS, boot_timeout_s=15)
    with (
        socket.create_server(("127.0.0.1", node.port)),
        pytest.raises(BrokerNodeError, match=r"not ready after 15 s; see .*node.log"),
    ):
        node.start()
    assert not node.running


def test_a_program_that_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.broker.node._SERVER_DIRECTORIES", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    node = BrokerNode(tmp_path / "node", CertificateAuthority.create(), DEFINITIONS)
    with pytest.raises(BrokerNodeError, match="apt-get install rabbitmq-server"):
        node.start()


STARTER = """
import sys, time
from pathlib import Path
from deploy.broker.node import BrokerNode
from deploy.certificates import CertificateAuthority
from tests.integration.bus.test_node import DEFINITIONS
node = BrokerNode(Path(sys.argv[1]), CertificateAuthority.create(), DEFINITIONS)
node.start()
print(node.port, flush=True)
time.sleep(600)
"""


@pytest.mark.large
def test_it_ends_when_whoever_started_it_is_killed(tmp_path: Path, repository: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, str(tmp_path / "node")], stdout=subprocess.PIPE, cwd=repository
    )
    assert starter.stdout is not None
    port = int(starter.stdout.readline())
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    deadline = time.monotonic() + 30
    while listening(port):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def listening(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
