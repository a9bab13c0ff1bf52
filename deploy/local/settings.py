"""The settings file of each process of a world; paths are relative to the file's own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.broker.node import BrokerNode
from deploy.local.keys import SchemeFiles
from deploy.local.toml import Value, render

_TLS: Final = {
    "certificate_file": "tls/service.crt",
    "key_file": "tls/service.key",
    "authority_file": "tls/authority.crt",
}


def agency_settings(organisation: str, port: int, broker: BrokerNode, scheme: SchemeFiles) -> str:
    """Settings of one agency's process."""
    return render(
        {
            "organisation": organisation,
            "listen": {"port": port},
            "tls": dict(_TLS),
            "keys": {
                "signing_file": "signing.jwk",
                "encryption_files": ["encryption.jwk"],
                "at_rest_file": "at-rest.key",
            },
            "store": {"url": f"sqlite+aiosqlite:///{_database(scheme, organisation)}"},
            "broker": _broker(organisation, broker),
            "directory": _directory(scheme),
        }
    )


def _database(scheme: SchemeFiles, name: str) -> Path:
    """A URL of SQLAlchemy is not relative to the settings file, so this one path is absolute."""
    return scheme.directory.parent.parent / name / "store.db"


def _broker(user: str, broker: BrokerNode) -> dict[str, Value]:
    return {
        "host": broker.host,
        "port": broker.port,
        "virtual_host": broker.virtual_host,
        "user": user,
        "password_file": "broker.password",
        "ca_file": "tls/authority.crt",
        "certificate_file": "tls/service.crt",
        "key_file": "tls/service.key",
    }


def _directory(scheme: SchemeFiles) -> dict[str, Value]:
    return {
        "file": scheme.directory,
        "scheme_key_file": scheme.public_key,
        "scheme_key_fingerprint": scheme.fingerprint,
        "serial_file": "directory.serial",
    }


def gateway_settings(port: int, broker: BrokerNode, scheme: SchemeFiles) -> str:
    """Settings of the gateway."""
    raise NotImplementedError
