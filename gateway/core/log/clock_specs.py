"""The records about time limits: who was reminded, to whom it went, what was not kept."""

from collections.abc import Mapping
from typing import Final

from gateway.core.log.declaring import declare
from gateway.core.log.entries import RecordSpec, RecordType, Verb
from gateway.core.log.members import Seen

# Whoever was told sees it, and whoever sent what it is about, unless the sender must not learn of it. Who
# owes it is named to the unit alone: it may not know of an exchange that is held.
_PARTIES: Final = {"told": Seen.SENDER, "sender": Seen.SENDER}
_CLOCK: Final = "clock limit"
_CLOCK_MAYBE: Final = "exchange item hold sender owed_by told told_role started due document_type"


CLOCK_SPECS: Final[Mapping[str, RecordSpec]] = {
    RecordType.CLOCK_REMINDED: declare(
        Verb.HOLD,
        "Somebody was reminded of what is to be done by a time limit.",
        _CLOCK,
        _CLOCK_MAYBE,
        paragraphs="MAPPA and CPF: their time limits",
        parties=_PARTIES,
    ),
    RecordType.CLOCK_ESCALATED: declare(
        Verb.HOLD,
        "A time limit has ended, and the matter went to the next step.",
        _CLOCK,
        _CLOCK_MAYBE,
        paragraphs="CPF 6.30, 7.36",
        parties=_PARTIES,
    ),
    RecordType.CLOCK_OVERDUE: declare(
        Verb.HOLD,
        "A time limit was not kept.",
        _CLOCK,
        _CLOCK_MAYBE,
        paragraphs="MAPPA and CPF: their time limits",
        parties=_PARTIES,
    ),
    RecordType.CLOCK_ENDED: declare(
        Verb.HOLD,
        "What somebody was reminded of has come, or is needed no more.",
        f"{_CLOCK} outcome",
        _CLOCK_MAYBE,
        parties=_PARTIES,
    ),
    RecordType.CLOCK_COMPLETED: declare(
        Verb.HOLD,
        "Somebody says that what a clock waits for was done outside the gateway.",
        f"{_CLOCK} answered_in organisation in_time seal_hash author_commitment reason_commitment",
        _CLOCK_MAYBE,
        parties={"organisation": Seen.SENDER, **_PARTIES},
    ),
    RecordType.TELEPHONE_DISCLOSURE: declare(
        Verb.DISCLOSURE,
        "The content of an immediate exchange was told by telephone, since its arrival was not confirmed.",
        "exchange sender recipient told_at asserted_in seal_hash author_commitment grounds_commitment",
        "document_type",
        paragraphs="DPA 2018 s.62(1)(d), (3); MAPPA 10.8; CPF 7.35",
        parties={"sender": Seen.SENDER},
    ),
}
"""Types by name."""
