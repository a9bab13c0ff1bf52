"""The settings file of each process of a world; paths are relative to the file's own folder."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.broker.definitions import GATEWAY
from deploy.broker.node import BrokerNode
from deploy.local.keys import KEY_FOLDER, SchemeFiles
from deploy.local.places import Place
from deploy.local.toml import Value, render

_ROOT: Final = Path(__file__).resolve().parent.parent.parent
_RECONNECT_LIMIT_S: Final = 1.0  # one machine: nobody is spared by waiting longer
_POLL_S: Final = 1.0
_HEARTBEAT_S: Final = 1.0  # nobody watching a demonstration waits a minute
_TLS: Final = {
    "certificate_file": "tls/service.crt",
    "key_file": "tls/service.key",
    "authority_file": "tls/authority.crt",
}


def agency_settings(place: Place, gateway: str, broker: BrokerNode, scheme: SchemeFiles, issuer: str) -> str:
    """Settings of one agency's process; `gateway` is where the gateway answers questions."""
    client = {"client_id": place.name, "token_url": f"{issuer}/token", "ca_file": "tls/authority.crt"}
    return render(
        {
            "organisation": place.name,
            "listen": {"port": place.port},
            "tls": dict(_TLS),
            "keys": {
                "folder": KEY_FOLDER,
                "at_rest_file": "at-rest.key",
            },
            "store": {"url": _database(place.folder, "store.db")},
            "broker": _broker(place.name, broker),
            "directory": describe_directory(scheme),
            "gateway": {"address": gateway},
            "identity": {"issuers": trusted_issuers(issuer, [place.name]), "client": client},
        }
    )


def gateway_settings(
    place: Place, broker: BrokerNode, scheme: SchemeFiles, issuer: str, organisations: list[str]
) -> str:
    """Settings of the gateway, with the rulebook and the agreements of this repository."""
    return render(
        {
            "listen": {"port": place.port},
            "tls": dict(_TLS),
            "keys": {"folder": KEY_FOLDER},
            "database": {"url": _database(place.folder, "gateway.db")},
            "key_store": {"file": "key-store/keys.db"},
            "broker": _broker(GATEWAY, broker),
            "directory": describe_directory(scheme),
            "rulebook": {"folder": _ROOT / "gateway" / "rulebook"},
            "agreements": {"folder": _ROOT / "deploy" / "agreements"},
            "identity": {"issuers": trusted_issuers(issuer, [*organisations, GATEWAY])},
            "limits": {"heartbeat_interval_s": _HEARTBEAT_S},
        }
    )


def trusted_issuers(issuer: str, organisations: list[str]) -> list[dict[str, Value]]:
    """The world's own provider, for the organisations that it speaks for, as settings name it."""
    return [
        {
            "issuer": issuer,
            "jwks_url": f"{issuer}/jwks",
            "ca_file": "tls/authority.crt",
            "organisations": organisations,
        }
    ]


def _database(folder: Path, name: str) -> str:
    """A URL, unlike a path, is not relative to the settings file."""
    return f"sqlite+aiosqlite:///{folder / name}"


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
        "backoff_limit_s": _RECONNECT_LIMIT_S,
    }


def describe_directory(scheme: SchemeFiles) -> dict[str, Value]:
    """The table of settings that says where the signed directory is."""
    return {
        "file": scheme.directory,
        "scheme_key_file": scheme.public_key,
        "scheme_key_fingerprint": scheme.fingerprint,
        "serial_file": "directory.serial",
        "poll_s": _POLL_S,
    }
