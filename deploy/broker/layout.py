"""The files and the environment of a private RabbitMQ node: all it needs, nothing of the machine's own.

Names follow https://www.rabbitmq.com/docs/configure and the `rabbitmq-env` script of the server.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
from dataclasses import dataclass, field
from pathlib import Path

from deploy.broker.definitions import Definitions
from deploy.certificates import CertificateAuthority, IssuedFiles, write_private

LOOPBACK = "127.0.0.1"
_DIST_ON_LOOPBACK = "-kernel inet_dist_use_interface {127,0,0,1}"
# Below the range that Linux gives to outgoing connections, so that a restarted node finds its port free.
_PORTS = range(20_000, 32_000)
# How old the depth of a quorum queue may be when it is asked for, in milliseconds.
_ADVANCED = b"[{rabbit, [{quorum_tick_interval, 1000}]}].\n"


@dataclass(frozen=True)
class Limits:
    """Bounds of the node.

    Attributes:
        message_octets: The largest message; a larger one closes the sender's channel.
        free_disk_octets: Below this much free disk, publishers are blocked.
        consumer_timeout_s: How long a delivery may stay unsettled before it is given to somebody else.
        heartbeat_s: Proposed to clients; two missed ones and a connection counts as lost.
    """

    message_octets: int = 8 * 1024**2
    free_disk_octets: int = 50 * 1000**2
    consumer_timeout_s: int = 1800
    heartbeat_s: int = 20


@dataclass(frozen=True)
class Ports:
    """The node's loopback ports: AMQP over TLS, Erlang distribution, Erlang's port mapper, and its tools."""

    amqps: int
    distribution: int
    mapper: int
    tools: int

    @classmethod
    def choose(cls) -> Ports:
        """Choose four that are free now."""
        return cls(*(_free_port() for _ in range(4)))


@dataclass(frozen=True)
class Layout:
    """Where the node's files are (all under one directory, mode 0700) and what it is called."""

    directory: Path
    ports: Ports = field(default_factory=Ports.choose)

    @property
    def name(self) -> str:
        """The node's name. The store is kept under it, so it follows from the directory."""
        digest = hashlib.sha256(str(self.directory.resolve()).encode()).hexdigest()
        return f"ppg-{digest[:12]}@localhost"

    @property
    def config(self) -> Path:
        """`rabbitmq.conf`."""
        return self.directory / "rabbitmq.conf"

    @property
    def definitions(self) -> Path:
        """The definitions, imported at each start."""
        return self.directory / "definitions.json"

    @property
    def log(self) -> Path:
        """The node's own log."""
        return self.directory / "log" / "node.log"

    @property
    def output(self) -> Path:
        """What the node's processes print."""
        return self.directory / "log" / "output.log"

    def write(self, authority: CertificateAuthority, definitions: Definitions, limits: Limits) -> None:
        """Write everything that the node reads; an existing message store is left alone."""
        for directory in ("home", "data", "log", "schema", "generated"):
            (self.directory / directory).mkdir(parents=True, exist_ok=True, mode=0o700)
        files = authority.issue_files(self.directory / "tls", "broker", "broker")
        write_private(self.definitions, json.dumps(definitions).encode())
        write_private(self.config, _config(self, files, limits).encode())
        write_private(self.directory / "plugins", b"[].\n")
        write_private(self.directory / "advanced.config", _ADVANCED)
        write_private(self.directory / "env.conf", b"")
        write_private(self.directory / "home" / ".erlang.cookie", secrets.token_hex(32).encode())

    def environment(self) -> dict[str, str]:
        """The environment of the node and of its tools; nothing of the machine's own broker is read."""
        home = str(self.directory)
        return {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": f"{home}/home",
            "ERL_EPMD_PORT": str(self.ports.mapper),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_CTL_DIST_PORT_MIN": str(self.ports.tools),
            "RABBITMQ_CTL_DIST_PORT_MAX": str(self.ports.tools + 9),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _DIST_ON_LOOPBACK,
            "RABBITMQ_CTL_ERL_ARGS": _DIST_ON_LOOPBACK,
            "RABBITMQ_CONF_ENV_FILE": f"{home}/env.conf",
            "RABBITMQ_CONFIG_FILE": str(self.config),
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{home}/advanced.config",
            "RABBITMQ_GENERATED_CONFIG_DIR": f"{home}/generated",
            "RABBITMQ_SCHEMA_DIR": f"{home}/schema",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{home}/plugins",
            "RABBITMQ_MNESIA_BASE": f"{home}/data",
            "RABBITMQ_LOG_BASE": f"{home}/log",
            "RABBITMQ_LOGS": str(self.log),
        }


def _config(layout: Layout, tls: IssuedFiles, limits: Limits) -> str:
    """TLS only, 1.2 or later, on loopback, and only to clients with a certificate of our authority.

    With definitions to load, the broker makes no default user: there is no guest.
    """
    lines = {
        "listeners.tcp": "none",
        "listeners.ssl.default": f"{LOOPBACK}:{layout.ports.amqps}",
        "ssl_options.cacertfile": tls.authority,
        "ssl_options.certfile": tls.certificate,
        "ssl_options.keyfile": tls.key,
        "ssl_options.verify": "verify_peer",
        "ssl_options.fail_if_no_peer_cert": "true",
        "ssl_options.versions.1": "tlsv1.3",
        "ssl_options.versions.2": "tlsv1.2",
        "load_definitions": layout.definitions,
        "max_message_size": limits.message_octets,
        "disk_free_limit.absolute": limits.free_disk_octets,
        "consumer_timeout": limits.consumer_timeout_s * 1000,
        "heartbeat": limits.heartbeat_s,
        "raft.wal_max_size_bytes": 64 * 1024**2,
        "log.file.level": "warning",
    }
    return "".join(f"{key} = {value}\n" for key, value in lines.items())


def _free_port() -> int:
    for _ in range(200):
        port = secrets.choice(_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise OSError("no free port on the loopback interface")
