"""What the use cases need of the key store: keys and salts whose destruction erases what they protect."""

from collections.abc import Collection
from typing import Protocol

from gateway.app.log_rows import SignedHead


class KeyStoreUnavailableError(Exception):
    """The key store cannot be used now."""


class SecretBatch(Protocol):
    """Secrets of one unit of work. Saved before the unit commits: a record never lacks its salt."""

    async def data_key(self, scope: str) -> bytes:
        """The 32-byte key of a scope: the one kept, or a new one."""

    def salt(self, scope: str, name: str) -> bytes:
        """A new 16-byte salt, kept under scope and name."""

    async def find_keys(self, scopes: Collection[str]) -> dict[str, bytes]:
        """The keys of these scopes, kept or new in this unit; none for one whose key was erased."""

    async def save(self) -> None:
        """Makes new keys and salts durable.

        Raises:
            KeyStoreUnavailableError: they could not be.
        """


class KeyStore(Protocol):
    """Keys and salts whose destruction erases what they protect."""

    def batch(self) -> SecretBatch:
        """Secrets for one unit of work."""

    async def find_keys(self, scopes: Collection[str]) -> dict[str, bytes]:
        """The data keys kept for these scopes; none for one that never had a key, or whose key was erased.

        Raises:
            KeyStoreUnavailableError: they cannot be read now.
        """

    async def signed_head(self) -> SignedHead | None:
        """The last head of the log that was signed here, whatever the database says; None before the first.

        Raises:
            KeyStoreUnavailableError: it cannot be read now.
        """

    async def remember_head(self, head: SignedHead) -> None:
        """Notes a head as signed; a smaller one than that remembered changes nothing.

        Raises:
            KeyStoreUnavailableError: it could not be.
        """

    async def salt(self, scope: str, name: str) -> bytes | None:
        """The salt kept under scope and name, or none.

        Raises:
            KeyStoreUnavailableError: it cannot be read now.
        """

    async def count(self, scopes: Collection[str]) -> tuple[int, int]:
        """How many data keys and how many salts are kept for these scopes.

        Raises:
            KeyStoreUnavailableError: they cannot be read now.
        """

    async def destroy(self, scopes: Collection[str]) -> None:
        """Destroys keys and salts of scopes, so that no trace of them is left in any file. Twice is as once.

        Raises:
            KeyStoreUnavailableError: a trace may be left: to be done again.
        """

    def blind_index(self, data: bytes) -> bytes:
        """HMAC-SHA-256 under the blind-index key."""

    def digest(self, data: bytes) -> bytes:
        """HMAC-SHA-256 under the digest key."""
