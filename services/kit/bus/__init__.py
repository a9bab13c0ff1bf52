"""Messages between processes: at least once, confirmed, in batches, over RabbitMQ.

`Bus` is the real one, `MemoryBus` one for tests; depend on `BusPort`.
"""

from services.kit.bus.bus import Bus
from services.kit.bus.errors import (
    BusClosedError,
    BusError,
    BusSettingsError,
    BusUnavailableError,
    CredentialsRefusedError,
    QueueRefusedError,
    TlsRefusedError,
)
from services.kit.bus.memory import MemoryBroker, MemoryBus
from services.kit.bus.messages import Batch, BusHealth, Message, Publication, PublishResult, Received
from services.kit.bus.port import BusPort, SubscriptionPort
from services.kit.bus.settings import BusSettings

__all__ = [
    "Batch",
    "Bus",
    "BusClosedError",
    "BusError",
    "BusHealth",
    "BusPort",
    "BusSettings",
    "BusSettingsError",
    "BusUnavailableError",
    "CredentialsRefusedError",
    "MemoryBroker",
    "MemoryBus",
    "Message",
    "Publication",
    "PublishResult",
    "QueueRefusedError",
    "Received",
    "SubscriptionPort",
    "TlsRefusedError",
]
