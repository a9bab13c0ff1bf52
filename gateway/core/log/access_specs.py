"""The records about subject access: who looked for whom, who asked whom, who answered."""

from collections.abc import Mapping
from typing import Final

from gateway.core.log.declaring import BOTH, SENDER, declare
from gateway.core.log.entries import RecordSpec, RecordType, Verb

ACCESS_SPECS: Final[Mapping[str, RecordSpec]] = {
    RecordType.SUBJECT_LOCATED: declare(
        Verb.CONSULTATION,
        "Who answers a subject access request asked where data lies, and was told of its own alone.",
        "exchange sender purpose records seal_hash author_commitment",
        "subjects",
        paragraphs="DPA 2018 s.45(1), s.62(1)(c), (4)(a)",
        satisfies=("mappa:L-13",),
        parties=SENDER,
    ),
    RecordType.ACCESS_ENQUIRED: declare(
        Verb.CONSULTATION,
        "The owner of information was asked whether it may be given to the person whom it is about.",
        "exchange queried_exchange sender recipient purpose due records seal_hash author_commitment",
        paragraphs="MAPPA 13b.16, 13b.20",
        satisfies=("mappa:L-13", "child:S-14"),
        parties=BOTH,
    ),
    RecordType.ACCESS_ANSWERED: declare(
        Verb.APPROVAL,
        "The owner answered, item by item.",
        "exchange queried_exchange in_reply_to sender recipient due in_time records seal_hash "
        "author_commitment",
        paragraphs="MAPPA 13b.16, 13b.32",
        satisfies=("mappa:L-13", "child:S-14"),
        parties=BOTH,
    ),
    RecordType.TEXTS_MASKED: declare(
        Verb.CONSULTATION,
        "Texts were masked for the person whom they are about; none is kept.",
        "exchange in_reply_to sender purpose records seal_hash author_commitment",
        paragraphs="DPA 2018 s.45(4)(e), Sch. 2 para. 16",
        satisfies=("mappa:L-13",),
        parties=SENDER,
    ),
}
"""Types by name."""
