"""What the pieces of an exchange cost one by one: leaves, seal, hop, statement, canonical form, commits."""

import asyncio
import hashlib
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from publicprotection.documents.v1.custody_pb2 import ReleaseNotice

from gateway.adapters.database import DatabaseStore, open_store
from gateway.app.rows import RecordRow
from services.kit.evidence.canonical import canonical
from services.kit.evidence.hop import decrypt_hop, encrypt_hop
from services.kit.evidence.keys import DecryptionKey, KeyRecord, KeySet, SigningKey, decryption_lookup
from services.kit.evidence.leaves import flatten, unflatten
from services.kit.evidence.opening import open_seal
from services.kit.evidence.seal import TYPE_PATH, seal, select
from services.kit.evidence.statement import Recipient, Statement, sign_statement, verify_statement
from tests.bench.measure import Times, summarise, time_calls
from tests.bench.workload import DESK, RECIPIENT, SENDER, make_document, make_header

_COMMITS: Final = 150
_DAY: Final = timedelta(days=1)
_NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)


def measure_pieces() -> dict[str, Times]:
    """Each piece by name, with a narrative."""
    document, header = make_document(narrative=True), make_header("bench-pieces")
    leaves = flatten(document, prefix="document")
    everything = {TYPE_PATH: "ReleaseNotice", **flatten(header, prefix="header"), **leaves}
    pieces: dict[str, Callable[[], Any]] = {
        "flatten 60 leaves": lambda: flatten(document, prefix="document"),
        "unflatten 60 leaves": lambda: unflatten(leaves, ReleaseNotice, prefix="document"),
        "canonical form of all leaves": lambda: canonical(everything),
        **_signed(everything),
    }
    return {name: time_calls(piece, 0.4) for name, piece in pieces.items()} | asyncio.run(_commits())


def _signed(leaves: dict[str, Any]) -> dict[str, Callable[[], Any]]:
    sender, gateway = SigningKey.generate(owner=SENDER), SigningKey.generate(owner="gateway")
    keys = KeySet([KeyRecord(each.public, _NOW - _DAY, _NOW + _DAY) for each in (sender, gateway)])
    known, hop = keys.verifying_at(_NOW), DecryptionKey.generate(owner="gateway")
    sealed = seal(leaves, exchange_id="bench", issued_at=_NOW, key=sender)
    opened = open_seal(sealed.compact, known)
    packet = sealed.compact.encode()
    token, lookup = encrypt_hop(packet, hop.public), decryption_lookup([hop])
    said = _statement(sealed.seal_hash, sorted(leaves))
    written = sign_statement(said, key=gateway)
    return {
        "seal": lambda: seal(leaves, exchange_id="bench", issued_at=_NOW, key=sender),
        "open a seal": lambda: open_seal(sealed.compact, known),
        "choose disclosures": lambda: select(opened.seal, leaves),
        "encrypt to the next hop": lambda: encrypt_hop(packet, hop.public),
        "decrypt from the last hop": lambda: decrypt_hop(token, lookup),
        "sign a statement": lambda: sign_statement(said, key=gateway),
        "verify a statement": lambda: verify_statement(written, keys=known, gateway="gateway"),
    }


def _statement(seal_hash: str, paths: list[str]) -> Statement:
    return Statement(
        exchange_id="bench",
        delivery_id="bench-delivery",
        seal_hash=seal_hash,
        sender=SENDER,
        recipient=Recipient(organisation=RECIPIENT, desk=DESK),
        disclosed=tuple(paths),
        rulebook="bench",
        record_hash="0" * 64,
        issued_at=_NOW,
    )


async def _commits() -> dict[str, Times]:
    """One record in a transaction of its own, and fifty in one; on the disk of temporary files."""
    with tempfile.TemporaryDirectory(prefix="ppg-bench-") as folder:
        async with await open_store(f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}") as store:
            alone = [await _commit(store, 1, batch) for batch in range(_COMMITS)]
            many = [await _commit(store, 50, batch + _COMMITS) for batch in range(20)]
    return {
        "record and commit one": summarise(alone),
        "the same, each of fifty": summarise([each / 50 for each in many]),
    }


async def _commit(store: DatabaseStore, records: int, batch: int) -> float:
    begun = perf_counter()
    async with store.writing() as unit:
        for number in range(records):
            leaf = hashlib.sha256(f"{batch}.{number}".encode()).hexdigest()
            await unit.log.append(RecordRow("{}", leaf, "BENCH", None, _NOW))
    return perf_counter() - begun
