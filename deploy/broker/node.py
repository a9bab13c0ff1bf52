"""A private RabbitMQ node, started and stopped as a subprocess of whoever needs a broker.

The node shares nothing with a broker that the machine may already run: its own name, ports, cookie, message
store, logs and port mapper. It listens on the loopback interface only. It ends with the thread that started
it, so that a test run that is killed leaves nothing behind.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from deploy.broker.definitions import VIRTUAL_HOST, Definitions
from deploy.broker.layout import LOOPBACK, Layout, Limits
from deploy.certificates import CertificateAuthority, IssuedFiles

_SERVER_DIRECTORIES: Final = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/opt/rabbitmq/sbin")
_AMQP_GREETING: Final = b"AMQP\x00\x00\x09\x01"
_POLL_S: Final = 0.1


class BrokerNodeError(RuntimeError):
    """The node could not be started, asked or stopped; the message names its log."""


class BrokerNode:
    """One node. Use as a context manager, or call `start` and `stop`.

    Args:
        directory: For everything the node keeps; made if absent. A node started there again has its messages.
        authority: Issues the node's certificate, and whose clients are let in.
        definitions: From `deploy.broker.definitions.define`.
        limits: Of messages, disk and time.
        boot_timeout_s: How long a start may take.
    """

    host: Final = "localhost"
    virtual_host: Final = VIRTUAL_HOST

    def __init__(
        self,
        directory: Path,
        authority: CertificateAuthority,
        definitions: Definitions,
        *,
        limits: Limits = Limits(),  # noqa: B008 - frozen
        boot_timeout_s: float = 90,
    ) -> None:
        self.layout: Final = Layout(directory)
        self._boot_timeout_s = boot_timeout_s
        self._mapper: subprocess.Popen[bytes] | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._queues: Final = {queue["name"] for queue in definitions["queues"]}
        self._probe: Final = _probe_identity(directory, authority)
        self.layout.write(authority, definitions, limits)

    @property
    def port(self) -> int:
        """The AMQPS port on 127.0.0.1; the same after a restart."""
        return self.layout.ports.amqps

    @property
    def running(self) -> bool:
        """Whether the node was started and has not ended."""
        return self._server is not None and self._server.poll() is None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the node and wait until clients can log in.

        Raises:
            BrokerNodeError: The server is not installed, ended, was not ready in time or lacks queues.
        """
        if self._server is not None:
            raise BrokerNodeError("the node is already running")
        server = _program("rabbitmq-server")
        port = self.layout.ports.mapper
        self._mapper = self._launch([_program("epmd"), "-address", LOOPBACK, "-port", str(port)])
        try:
            # First, or the server would start a port mapper of its own that outlives it.
            self._await(self._mapper, "the port mapper", lambda: _listens(port))
            self._server = self._launch([server])
            self._await(self._server, "the broker", self._answers)
            self._refuse_missing_queues()
        except BaseException:
            self.kill()
            raise

    def stop(self, timeout_s: float = 30) -> None:
        """Stop in good order; kill what has not ended after `timeout_s` seconds."""
        if self._server is not None and self.running:
            self._server.terminate()
            with suppress(subprocess.TimeoutExpired):  # `kill` ends what is left
                self._server.wait(timeout_s)
        self.kill()

    def kill(self) -> None:
        """End the node's own processes at once, as a power cut would; its store survives."""
        for process in (self._server, self._mapper):
            if process is not None:
                _kill_group(process)
        self._server = self._mapper = None

    def restart(self) -> None:
        """Stop and start; queues and messages are kept."""
        self.stop()
        self.start()

    def block_publishers(self) -> None:
        """Raise the memory alarm: the broker stops reading from every connection that publishes."""
        self.control("set_vm_memory_high_watermark", "0")

    def unblock_publishers(self) -> None:
        """Clear the memory alarm."""
        self.control("set_vm_memory_high_watermark", "0.4")

    def depths(self) -> dict[str, int]:
        """Messages per queue, ready and unsettled together, as of about a second ago."""
        text = self.control("list_queues", "-p", VIRTUAL_HOST, "name", "messages", "--formatter", "json")
        return {row["name"]: int(row["messages"]) for row in json.loads(text)}

    def control(self, *arguments: str, timeout_s: float = 60) -> str:
        """Run `rabbitmqctl --quiet` against this node and return what it prints.

        Raises:
            BrokerNodeError: It failed, or took longer than `timeout_s`.
        """
        if not self.running:  # the tool would start a port mapper that outlives it
            raise BrokerNodeError("the node is not running")
        command = [_program("rabbitmqctl"), "--quiet", "--node", self.layout.name, *arguments]
        try:
            done = subprocess.run(
                command, env=self.layout.environment(), capture_output=True, timeout=timeout_s, check=True
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise BrokerNodeError(f"rabbitmqctl {arguments[0]} failed; see {self.layout.log}") from error
        return done.stdout.decode()

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        """Start in a process group of its own, so that a stop reaches exactly what was started here."""
        tied = [_program("setpriv"), "--pdeathsig", "TERM", "--", *command]
        with self.layout.output.open("ab") as output:
            return subprocess.Popen(
                tied,
                env=self.layout.environment(),
                cwd=self.layout.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def _await(self, process: subprocess.Popen[bytes], name: str, ready: Callable[[], bool]) -> None:
        logs = f"see {self.layout.log} and {self.layout.output}"
        deadline = time.monotonic() + self._boot_timeout_s
        while not ready():
            if process.poll() is not None:
                raise BrokerNodeError(f"{name} ended while starting; {logs}")
            if time.monotonic() > deadline:
                raise BrokerNodeError(f"{name} was not ready after {self._boot_timeout_s} s; {logs}")
            time.sleep(_POLL_S)

    def _refuse_missing_queues(self) -> None:
        """Refuse a node without what was defined: the server passes over some mistakes in definitions."""
        missing = self._queues - self.depths().keys()
        if missing:
            raise BrokerNodeError(f"{len(missing)} queues were not made; see {self.layout.log}")

    def _answers(self) -> bool:
        """Whether a TLS client gets the broker's greeting: listeners open last, after the definitions."""
        try:
            with (
                socket.create_connection((LOOPBACK, self.port), timeout=5) as plain,
                _context(self._probe).wrap_socket(plain, server_hostname=self.host) as connection,
            ):
                connection.sendall(_AMQP_GREETING)
                return connection.recv(1) == b"\x01"  # a method frame: Connection.Start
        except OSError:
            return False


def _probe_identity(directory: Path, authority: CertificateAuthority) -> IssuedFiles:
    return authority.issue_files(directory / "tls", "probe", "broker")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _context(identity: IssuedFiles) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(identity.authority))
    context.load_cert_chain(str(identity.certificate), str(identity.key))
    return context


def _program(name: str) -> str:
    """Find a program; Debian's wrapper in /usr/sbin changes user, so the real one comes first."""
    for directory in _SERVER_DIRECTORIES:
        if os.access(f"{directory}/{name}", os.X_OK):
            return f"{directory}/{name}"
    found = shutil.which(name)
    if found is None:
        raise BrokerNodeError(f"{name} is not installed (on Debian: apt-get install rabbitmq-server)")
    return found


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):  # it and its children may have ended
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
