"""The records about decisions whether to disclose to a third party, made outside of any exchange."""

from collections.abc import Mapping
from typing import Final

from gateway.core.log.declaring import SENDER, declare
from gateway.core.log.entries import RecordSpec, RecordType, Verb

DISCLOSURE_SPECS: Final[Mapping[str, RecordSpec]] = {
    RecordType.DISCLOSURE_DECIDED: declare(
        Verb.APPROVAL,
        "An organisation decided whether a third party is told, or amended that; also that nobody is.",
        "exchange sender document_type item change version subject flags seal_hash author_commitment "
        "grounds_commitment",
        "in_reply_to mentioned reason_commitment",
        paragraphs="MAPPA 7.26, 10.3 to 10.8, 10.20; DPA 2018 s.62(3)",
        satisfies=("mappa:L-05", "mappa:L-07", "later:L01", "adult:R-37"),
        parties=SENDER,
    ),
    RecordType.DISCLOSURE_TOLD: declare(
        Verb.DISCLOSURE,
        "A third party was told what had been decided.",
        "exchange sender document_type in_reply_to told_at seal_hash author_commitment grounds_commitment",
        paragraphs="MAPPA 10.7, 10.8, 10.18; DPA 2018 s.62(1)(d), (3)",
        satisfies=("mappa:L-05", "mappa:L-06", "later:L01"),
        parties=SENDER,
    ),
}
"""Types by name."""
