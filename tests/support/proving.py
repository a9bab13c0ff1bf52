"""A made-up delivery with everything that proves it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from services.kit.evidence.bundle_form import Witnessed
from services.kit.evidence.delivery_evidence import DeliveryEvidence, write_evidence
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.merkle import record_hash
from services.kit.evidence.seal import seal, select
from services.kit.evidence.statement import Recipient, Statement, sign_statement
from tests.support.exporting import KEYS, LOG, SIGNED, START, Log, directory
from tests.support.sealing import LEAVES
from tests.support.specimen import Dice

SENDER = KEYS["kent-police"]
RECIPIENT = Recipient(organisation="kent-probation", desk="offender-management")
INDEX = 41


@dataclass
class Delivery:
    """A release of some leaves, on record as number 41 of 60, under a checkpoint that nobody cosigned.

    A minute later there are 90 records, under a checkpoint that all witnesses cosigned.
    """

    log: Log
    seal: str
    statement: Statement
    evidence: DeliveryEvidence


def delivery(*, sender: SigningKey = SENDER, gateway: SigningKey = LOG, **changes: Any) -> Delivery:
    """A delivery with its evidence; changes are of the statement's members."""
    log = Log.of(90)
    whole = seal(LEAVES, exchange_id="exchange-1", issued_at=START, key=sender, entropy=Dice(5))
    kept = sorted(LEAVES)[:6]
    members: dict[str, Any] = {
        "exchange_id": "exchange-1",
        "delivery_id": "delivery-1",
        "seal_hash": whole.seal_hash,
        "sender": sender.owner,
        "recipient": RECIPIENT,
        "disclosed": tuple(kept),
        "rulebook": "2026.1",
        "record_hash": record_hash(log.entries[INDEX].encode()),
        "issued_at": START + timedelta(seconds=INDEX),
    }
    said = Statement(**{**members, **changes})
    evidence = DeliveryEvidence(
        seal=select(whole, kept),
        statement=sign_statement(said, key=gateway),
        checkpoint=log.note(60, by=()),
        index=INDEX,
        path=tuple(log.tree.inclusion(INDEX, 60)),
        directory=directory(),
        later=Witnessed(log.note(90, at=SIGNED + timedelta(minutes=1)), tuple(log.tree.consistency(60, 90))),
    )
    return Delivery(log, evidence.seal, said, evidence)


def evidence_of_a_delivery() -> str:
    """The file."""
    return write_evidence(delivery().evidence)
