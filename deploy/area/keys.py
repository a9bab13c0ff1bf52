"""A key store that digests as another does and keeps the rest in memory: a rehearsal leaves nothing there."""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from gateway.app.key_ports import KeyStore
from gateway.app.log_rows import SignedHead

_KEY: Final = 32
_SALT: Final = 16


@dataclass
class RehearsalKeys:
    """See gateway.app.key_ports.KeyStore, and its batch at once: nothing of it is ever durable.

    Attributes:
        real: whose keyed digests it gives.
        keys: by scope.
        salts: by scope and name.
    """

    real: KeyStore = field(repr=False)
    keys: dict[str, bytes] = field(default_factory=dict, repr=False)
    salts: dict[tuple[str, str], bytes] = field(default_factory=dict, repr=False)

    def batch(self) -> "RehearsalBatch":
        """As the port."""
        return RehearsalBatch(self)

    def blind_index(self, data: bytes) -> bytes:
        """As the port."""
        return self.real.blind_index(data)

    def digest(self, data: bytes) -> bytes:
        """As the port."""
        return self.real.digest(data)

    async def find_keys(self, scopes: Collection[str]) -> dict[str, bytes]:
        """As the port."""
        return {scope: self.keys[scope] for scope in scopes if scope in self.keys}

    async def salt(self, scope: str, name: str) -> bytes | None:
        """As the port."""
        return self.salts.get((scope, name))

    async def signed_head(self) -> SignedHead | None:
        """None: nothing of a rehearsal is signed for."""
        return None

    async def remember_head(self, head: SignedHead) -> None:
        """As the port; nothing is remembered."""

    async def count(self, scopes: Collection[str]) -> tuple[int, int]:
        """As the port."""
        wanted = set(scopes)
        return len(wanted & self.keys.keys()), sum(scope in wanted for scope, _ in self.salts)

    async def destroy(self, scopes: Collection[str]) -> None:
        """As the port."""
        for scope in scopes:
            self.keys.pop(scope, None)
        self.salts = {place: salt for place, salt in self.salts.items() if place[0] not in set(scopes)}


@dataclass(frozen=True, slots=True)
class RehearsalBatch:
    """See gateway.app.key_ports.SecretBatch."""

    store: RehearsalKeys

    async def data_key(self, scope: str) -> bytes:
        """As the port."""
        return self.store.keys.setdefault(scope, os.urandom(_KEY))

    def salt(self, scope: str, name: str) -> bytes:
        """As the port."""
        made = self.store.salts[scope, name] = os.urandom(_SALT)
        return made

    async def find_keys(self, scopes: Collection[str]) -> dict[str, bytes]:
        """As the port."""
        return await self.store.find_keys(scopes)

    async def save(self) -> None:
        """As the port; it is kept already."""
