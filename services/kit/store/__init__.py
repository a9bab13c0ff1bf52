"""An organisation's own database: what it sent and received, encrypted at rest."""

from services.kit.store.engine import Store, open_store
from services.kit.store.errors import StoreError, StoreUnavailableError, VaultError
from services.kit.store.vault import Place, Vault

__all__ = ["Place", "Store", "StoreError", "StoreUnavailableError", "Vault", "VaultError", "open_store"]
