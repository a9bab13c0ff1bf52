"""An organisation's own database: what it sent and received, encrypted at rest."""

from services.kit.store.engine import MIGRATIONS, Store, matches_key, open_store
from services.kit.store.errors import StoreError, StoreUnavailableError, VaultError
from services.kit.store.vault import Place, Vault

__all__ = [
    "MIGRATIONS",
    "Place",
    "Store",
    "StoreError",
    "StoreUnavailableError",
    "Vault",
    "VaultError",
    "matches_key",
    "open_store",
]
