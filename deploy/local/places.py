"""Where each process of a world lives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import LOOPBACK
from services.kit.credentials import TlsIdentity, read_tls


@dataclass(frozen=True)
class Place:
    """Where one process lives.

    Attributes:
        name: Organisation id, or `gateway`.
        role: The role of an agency's process; empty for the gateway.
        folder: Its settings, keys and database.
        port: Of its gRPC service, on 127.0.0.1.
        log: What it prints.
    """

    name: str
    role: str
    folder: Path
    port: int
    log: Path

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def settings(self) -> Path:
        """Its settings file."""
        return self.folder / "settings.toml"

    @property
    def client(self) -> TlsIdentity:
        """Identity of one of the organisation's own systems, made for callers of its service."""
        folder = self.folder / "client"
        return read_tls(folder / "client.crt", folder / "client.key", folder / "authority.crt")
