"""The records about exchanges: what was taken, decided, released, held, answered, received."""

from collections.abc import Mapping
from typing import Final

from gateway.core.log.declaring import ACTOR, BOTH, RECIPIENT, SENDER, declare
from gateway.core.log.entries import RecordSpec, RecordType, Verb

# What the sender stated of an exchange as a whole.
_STATED: Final = (
    "exchange sender sender_kind document_type purpose lawful_bases conditions urgency release_kind marking "
    "seal_hash subject author_commitment necessity_commitment"
)
_STATED_MAYBE: Final = "sender_desk in_reply_to grounds_commitment"
# What was decided for one desk.
_DECIDED: Final = (
    "recipient recipient_kind regimes outcome categories_released categories_withheld categories_held holds "
    "escalates rules flags facts_known rulebook paths_commitment scope"
)
_DECIDED_MAYBE: Final = "reason agreement agreement_digest"
# A decision whether or not to tell, with all that the guidance wants recorded of it.
_DECISION_IDS: Final = (
    "mappa:L-05",
    "mappa:L-07",
    "mappa:L-31",
    "later:L01",
    "child:R-06",
    "adult:R-36",
    "adult:R-37",
    "adult:X-33",
)
_RELEASE_IDS: Final = (
    "mappa:L-06",
    "mappa:L-09",
    "mappa:L-22",
    "later:L04",
    "child:R-05",
    "child:G-01",
    "adult:R-21",
    "adult:R-22",
    "adult:R-32",
    "adult:X-28",
    "adult:X-30",
    "adult:K-14",
)
_S62: Final = "DPA 2018 s.62(2), (3); MAPPA 10.8"

EXCHANGE_SPECS: Final[Mapping[str, RecordSpec]] = {
    RecordType.COLLECTION: declare(
        Verb.COLLECTION,
        "An exchange was taken from its sender; what was decided follows in records of its own.",
        f"{_STATED} recipients sealed_at",
        f"{_STATED_MAYBE} mentioned facts_known",
        paragraphs="DPA 2018 s.62(1)(a)",
        satisfies=("child:R-05", "later:L18", "mappa:L-11"),
        parties=SENDER,
    ),
    RecordType.DISCLOSURE: declare(
        Verb.DISCLOSURE,
        "Something goes to a desk: all, a part, or later what had waited.",
        f"{_STATED} {_DECIDED} delivery not_after",
        f"{_STATED_MAYBE} {_DECIDED_MAYBE} supplementary_to",
        paragraphs="DPA 2018 s.62(1)(d), (3); MAPPA 10.4 to 10.8",
        satisfies=(*_DECISION_IDS, *_RELEASE_IDS),
        parties=BOTH,
    ),
    RecordType.HOLD: declare(
        Verb.HOLD,
        "Nothing goes to a desk yet: what it waits for is on record.",
        f"{_STATED} {_DECIDED}",
        f"{_STATED_MAYBE} {_DECIDED_MAYBE}",
        paragraphs=_S62,
        satisfies=_DECISION_IDS,
        parties=SENDER,
    ),
    RecordType.REFUSAL: declare(
        Verb.REFUSAL,
        "Nothing goes to a desk: it was decided not to tell.",
        f"{_STATED} {_DECIDED}",
        f"{_STATED_MAYBE} {_DECIDED_MAYBE}",
        paragraphs=f"{_S62}; MAPPA 7.26, 10.7",
        satisfies=(*_DECISION_IDS, "child:R-05"),
        parties=SENDER,
    ),
    RecordType.HOLD_GRANTED: declare(
        Verb.APPROVAL,
        "Somebody who may do so permitted what waits.",
        "exchange hold answered_in sender recipient prerequisite due in_time seal_hash author_commitment "
        "reason_commitment",
        paragraphs="MAPPA 10.5, 10.7; CPF 6.37",
        satisfies=("mappa:L-05", "later:L01", "child:R-06"),
        parties=SENDER,
    ),
    RecordType.HOLD_DECLINED: declare(
        Verb.APPROVAL,
        "Somebody who may do so declined what waits.",
        "exchange hold answered_in sender recipient prerequisite due in_time seal_hash author_commitment "
        "reason_commitment",
        paragraphs="MAPPA 10.5, 10.7; CPF 6.37",
        satisfies=("mappa:L-05", "later:L01", "child:R-06"),
        parties=SENDER,
    ),
    RecordType.HOLD_KEY_TURNED: declare(
        Verb.APPROVAL,
        "One of two people who are needed permitted what waits; it waits for the other.",
        "exchange hold answered_in sender recipient prerequisite due in_time seal_hash author_commitment "
        "reason_commitment",
        paragraphs="MAPPA 13b.16, 13b.29",
        parties=SENDER,
    ),
    RecordType.HOLD_ENDED: declare(
        Verb.HOLD,
        "A hold ended without an answer: nobody answered in time, it was needless, or its exchange was "
        "withdrawn.",
        "exchange hold organisation recipient prerequisite reason due",
        paragraphs="DPA 2018 s.62(1)(c)",
        parties=ACTOR,
    ),
    RecordType.EXCHANGE_RECALLED: declare(
        Verb.RECALL,
        "Its sender took an exchange back or corrected it: what had not left was stopped, and whoever had it "
        "was told.",
        "exchange asserted_in sender reason seal_hash author_commitment reason_commitment",
        "document_type replaced_by",
        paragraphs="DPA 2018 s.46, s.48; UK GDPR Articles 16, 19; MAPPA 9.8",
        parties=SENDER,
    ),
    RecordType.RECALL_CONFIRMED: declare(
        Verb.RECALL,
        "An organisation that had what was recalled said what it did about it.",
        "exchange item change answered_in organisation sender seal_hash author_commitment reason_commitment",
        "items",
        paragraphs="DPA 2018 s.48(3)",
        parties={**ACTOR, **SENDER},
    ),
    RecordType.FACTS_RECORDED: declare(
        Verb.ALTERATION,
        "Facts about an exchange were put on record, and it may be decided anew.",
        "exchange asserted_in sender facts facts_ignored seal_hash author_commitment",
        paragraphs="DPA 2018 s.62(1)(b)",
        satisfies=("mappa:L-06", "mappa:L-07"),
        parties=SENDER,
    ),
    RecordType.RECEIPT: declare(
        Verb.RECEIPT,
        "The recipient's service took delivery.",
        "exchange delivery recipient statement_hash disclosure",
        paragraphs="MAPPA 10.8: when it was done",
        satisfies=("mappa:L-05", "adult:R-06", "adult:R-21"),
        parties=RECIPIENT,
    ),
    RecordType.ACKNOWLEDGEMENT: declare(
        Verb.RECEIPT,
        "A person of the recipient's has it, or has understood it.",
        "exchange delivery recipient acknowledgement author_commitment",
        paragraphs="CPF 6.42, 14.6, 14.13; MAPPA 10.18",
        satisfies=("child:R-22", "mappa:L-06", "child:S-22"),
        parties=RECIPIENT,
    ),
    RecordType.DELIVERY_REFUSED: declare(
        Verb.RECEIPT,
        "The recipient's service could not verify a delivery, and did not take it.",
        "exchange delivery recipient statement_hash disclosure reason",
        parties=RECIPIENT,
    ),
    RecordType.DELIVERY_WITHDRAWN: declare(
        Verb.REFUSAL,
        "A release was stopped before it left: what it rested on has gone, or it was recalled.",
        "exchange delivery sender recipient disclosure reason",
        parties=SENDER,
    ),
    RecordType.REJECTION: declare(
        Verb.REFUSAL,
        "An exchange was not taken: its form, its sender or what it answers is wrong.",
        "exchange sender document_type seal_hash reason",
        parties=SENDER,
    ),
    RecordType.SUBMISSION_REFUSED: declare(
        Verb.REFUSAL,
        "A message can never be used: it does not open or does not verify.",
        "sender reason body_hash",
        parties=SENDER,
    ),
    RecordType.PREVIEW: declare(
        Verb.CONSULTATION,
        "Somebody asked what would become of an exchange. Nothing was taken and nothing left.",
        "exchange sender document_type purpose recipients outcomes rulebook author_commitment "
        "necessity_commitment",
        paragraphs="DPA 2018 s.62(1)(c), (2)",
        parties=SENDER,
    ),
    RecordType.PREVIEW_REJECTED: declare(
        Verb.REFUSAL,
        "A question what would become of an exchange was not answered: sending would be rejected.",
        "sender reason",
        parties=SENDER,
    ),
}
"""Types by name."""
