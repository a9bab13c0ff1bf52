"""The store's tables by what they hold, and the signals that go with them."""

from dataclasses import dataclass, field
from typing import Self

from services.kit.exchange.signals import Signals
from services.kit.store.access import AccessCases, AccessEnquiries
from services.kit.store.checkpoints import Checkpoints
from services.kit.store.clocks import Confirmations, KnownClocks
from services.kit.store.disclosures import DisclosureDecisions
from services.kit.store.engine import Store
from services.kit.store.inbox import Inbox
from services.kit.store.minutes import MinutesRequests
from services.kit.store.outcomes import Alarms, Holds, Outcomes
from services.kit.store.readings import Readings
from services.kit.store.recalls import Recalls
from services.kit.store.sent import SentExchanges
from services.kit.store.waiting import WaitingMessages


@dataclass(frozen=True, slots=True)
class Records:
    """Everything that an organisation's process keeps. One per process: the signals are shared."""

    store: Store
    sent: SentExchanges
    inbox: Inbox
    outcomes: Outcomes
    holds: Holds
    alarms: Alarms
    waiting: WaitingMessages
    readings: Readings
    access_cases: AccessCases
    access_enquiries: AccessEnquiries
    clocks: KnownClocks
    recalls: Recalls
    minutes: MinutesRequests
    disclosures: DisclosureDecisions
    confirmations: Confirmations = field(default_factory=Confirmations)
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    signals: Signals = field(default_factory=Signals)

    @classmethod
    def of(cls, store: Store) -> Self:
        """The tables of a store."""
        vault = store.vault
        return cls(
            store,
            SentExchanges(vault),
            Inbox(vault),
            Outcomes(vault),
            Holds(vault),
            Alarms(vault),
            WaitingMessages(vault),
            Readings(vault),
            AccessCases(vault),
            AccessEnquiries(vault),
            KnownClocks(vault),
            Recalls(vault),
            MinutesRequests(vault),
            DisclosureDecisions(vault),
        )
