"""A private PostgreSQL server: its own folder, socket and port, run as somebody other than root."""

import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import psycopg

from deploy.certificates import CertificateAuthority
from deploy.local.ports import LOOPBACK, choose_ports
from services.kit.database import DatabaseAccess

USER: Final = "ppg"
_DEBIAN: Final = Path("/usr/lib/postgresql")
_BOOT_S: Final = 60.0
# As durable as in production, but small.
_SETTINGS: Final = {
    "unix_socket_permissions": "0700",
    "shared_buffers": "32MB",
    "max_connections": "150",
    "max_wal_size": "128MB",
    "log_error_verbosity": "terse",
    "ssl": "on",
    "ssl_cert_file": "server.crt",
    "ssl_key_file": "server.key",
}
# Whoever may enter the socket's folder is its owner, or root. Over the network: TLS and a password.
_RULES: Final = """\
local all all trust
hostssl all all 127.0.0.1/32 scram-sha-256
"""


class PostgresMissingError(RuntimeError):
    """PostgreSQL's programs are not installed."""


class PostgresCluster:
    """One server. Use as a context manager, or call `start` and `stop`.

    Attributes:
        folder: everything is in here; only the server's user and root may enter.
        port: of the socket, and on 127.0.0.1.
        authority: issued the server's certificate, for `localhost`.
    """

    def __init__(self) -> None:
        self.folder: Final = Path(tempfile.mkdtemp(prefix="ppg-postgres-"))
        self.authority: Final = CertificateAuthority.create()
        [self.port] = choose_ports(1)
        self._password: Final = secrets.token_urlsafe(24)
        self._data: Final = self.folder / "data"
        self._programs: Final = find_programs()
        self._process: subprocess.Popen[bytes] | None = None
        self._make()

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stops it, and removes everything that it kept."""
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Starts it, and waits until it answers. It ends with the thread that started it."""
        tied = ["setpriv", "--pdeathsig", "INT", *_other_user(), "--"]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*tied, str(self._programs / "postgres"), "-D", str(self._data)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self._await()

    def stop(self, mode: str = "fast") -> None:
        """Stops it: `fast` ends every session first, `immediate` is as a power cut."""
        if self._process is None:
            return
        if self.running:
            self._run("pg_ctl", "stop", "-D", str(self._data), "-m", mode, "-s", "-w", "-t", "30")
        self._process.wait(30)
        self._process = None

    def url(self, database: str) -> str:
        """By the socket."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}&port={self.port}"

    def network_url(self, database: str, host: str = "localhost") -> str:
        """By TCP, as from another machine."""
        return f"postgresql+psycopg://{USER}@{host}:{self.port}/{database}"

    def access(self, folder: Path) -> DatabaseAccess:
        """Files for the URL by TCP, written into a folder."""
        password, authority = folder / "database.password", folder / "database-ca.crt"
        password.touch(mode=0o600)
        password.write_text(self._password + "\n")
        authority.write_bytes(self.authority.certificate_pem)
        return DatabaseAccess(password_file=password, ca_file=authority)

    def log(self) -> str:
        """What the server wrote."""
        return (self.folder / "server.log").read_text(errors="replace")

    def _make(self) -> None:
        _give(self.folder)
        password = self.folder / "password"
        password.write_text(self._password)
        _give(password)
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1"]
        self._run("initdb", "-D", str(self._data), "-U", USER, f"--pwfile={password}", *options)
        certificate, key = self.authority.issue("postgres", "postgres")
        network = {
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": str(self.folder),
        }
        lines = [f"{name} = '{value}'" for name, value in (_SETTINGS | network).items()]
        self._append("postgresql.conf", "\n".join([*lines, ""]).encode())
        for name, content in {
            "pg_hba.conf": _RULES.encode(),
            "server.crt": certificate,
            "server.key": key,
        }.items():
            (self._data / name).unlink(missing_ok=True)
            self._append(name, content)

    def _append(self, name: str, content: bytes) -> None:
        path = self._data / name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(content)
        _give(path)

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_as_other_user(), str(self._programs / program), *arguments]
        # Not captured by pipes: a server that outlived its tool would keep them open.
        with tempfile.TemporaryFile() as output:
            done = subprocess.run(
                command, stdout=output, stderr=output, cwd=self.folder, check=False, timeout=60
            )
            output.seek(0)
            said = output.read().decode(errors="replace")
        if done.returncode:
            raise RuntimeError(f"{program} failed: {said}")

    def _await(self) -> None:
        deadline = time.monotonic() + _BOOT_S
        while time.monotonic() < deadline and self.running:
            with suppress(psycopg.OperationalError):
                psycopg.connect(host=str(self.folder), port=self.port, user=USER, dbname="postgres").close()
                return
            time.sleep(0.05)
        raise RuntimeError(f"the server does not answer: {self.log()[-2000:]}")


def find_programs() -> Path:
    """The folder of the newest PostgreSQL's programs.

    Raises:
        PostgresMissingError: there is none, which no test is skipped for.
    """
    found = [path.parent for path in _DEBIAN.glob("*/bin/initdb")]
    beside = shutil.which("initdb")
    if not found and beside is not None:
        found = [Path(beside).resolve().parent]
    if not found:
        raise PostgresMissingError("PostgreSQL is not installed: run tools/setup.sh, which installs it")
    return max(found, key=lambda path: float(path.parent.name) if path.parent.name.isdigit() else 0.0)


def _other_user() -> list[str]:
    """PostgreSQL refuses to run as root; Debian's package makes a user for it."""
    if os.geteuid() != 0:
        return []
    return ["--reuid=postgres", "--regid=postgres", "--clear-groups"]


def _as_other_user() -> list[str]:
    other = _other_user()
    return ["setpriv", *other, "--"] if other else []


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(path, owner.pw_uid, owner.pw_gid)
