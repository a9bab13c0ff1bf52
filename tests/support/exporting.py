"""A made-up log with its scheme, witnesses and keys, and exports of it by the project's own writer."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from publicprotection.common.v1 import organisation_pb2 as common
from publicprotection.exchange.v1 import directory_service_pb2 as pb

from gateway.core.log.bundle_writing import ExportRecord, RecordWriter, begins_tile, plan_tile, write_header
from gateway.core.log.tiles import TILE_WIDTH, TreeHashes
from services.kit.directory import sign_directory
from services.kit.evidence.bundle import Report, verify_bundle
from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.bundle_form import Header, Opened, Run, Scope, ScopeKind, Witnessed
from services.kit.evidence.canonical import canonical
from services.kit.evidence.checkpoint import Checkpoint, cosign, sign_checkpoint
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.merkle import leaf_hash
from services.kit.evidence.note import read_note
from services.kit.evidence.vouching import OpenTrust
from services.kit.log_trust import trust_opener
from tests.support.growing import Tree
from tests.support.specimen import Dice

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SIGNED = START + timedelta(hours=1)
NOW = START + timedelta(hours=2)
WITNESSES = ("kent-police", "kent-probation", "surrey-prison", "kent-adults", "surrey-childrens")


def _key(owner: str, seed: int) -> SigningKey:
    return SigningKey.generate(owner=owner, entropy=Dice(seed))


SCHEME = _key("scheme", 1)
LOG = _key("gateway", 2)
KEYS = {name: _key(name, 10 + number) for number, name in enumerate(WITNESSES)}
SALT = bytes(range(16))


def _public(key: SigningKey, **changes: Any) -> pb.PublicKey:
    entry = pb.PublicKey(
        key_id=key.kid, use=pb.KEY_USE_SIGNING, jwk=canonical(key.public.to_jwk()).decode(), **changes
    )
    entry.valid_from.FromDatetime(START - timedelta(days=30))
    entry.valid_until.FromDatetime(START + timedelta(days=300))
    return entry


def directory(
    witnesses: Iterable[str] = WITNESSES, *, key: SigningKey = SCHEME, log: Sequence[pb.PublicKey] = ()
) -> str:
    """A signed directory in which these organisations witness the log."""
    message = pb.Directory(serial=7, gateway_keys=log or [_public(LOG)])
    message.issued_at.FromDatetime(START - timedelta(days=1))
    message.valid_until.FromDatetime(START + timedelta(days=30))
    for name in WITNESSES:
        message.organisations.add(
            organisation=name,
            name=name,
            kind=common.ORGANISATION_KIND_POLICE,
            keys=[_public(KEYS[name])],
            witnesses_log=name in set(witnesses),
        )
    return sign_directory(message, key)


def revoked_log_key(since: datetime) -> pb.PublicKey:
    """The log's key, revoked since then."""
    entry = _public(LOG, revoked=True)
    entry.revoked_at.FromDatetime(since)
    return entry


def opener(**changes: Any) -> OpenTrust:
    """Trust in this scheme."""
    return trust_opener(SCHEME.public, changes.pop("fingerprint", SCHEME.kid), **changes)


def verify(lines: Iterable[bytes], **changes: Any) -> Report:
    """Verifies an export; changes are `now`, and `trust` as `opener` takes it."""
    return verify_bundle(lines, opener(**changes.get("trust", {})), now=changes.get("now", NOW))


def refusal(lines: Iterable[bytes], **changes: Any) -> BundleRefusedError:
    """Why an export is refused; its words name the reason."""
    with pytest.raises(BundleRefusedError) as caught:
        verify(lines, **changes)
    assert caught.value.reason in explain(caught.value)
    return caught.value


def commitment(value: Any) -> str:
    """What an entry holds in place of a text."""
    return hashlib.sha256(SALT + canonical(value)).hexdigest()


@dataclass
class Log:
    """A log of made-up entries, one a second."""

    entries: list[str] = field(default_factory=list)
    tree: Tree = field(default_factory=Tree)
    pruned: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, size: int) -> "Log":
        """A log of that many entries."""
        log = cls()
        log.add(log.entry(number) for number in range(size))
        return log

    def add(self, entries: Iterable[str]) -> None:
        """Appends entries."""
        fresh = list(entries)
        self.entries += fresh
        self.tree.grow(each.encode() for each in fresh)

    @staticmethod
    def entry(number: int, **changes: Any) -> str:
        """A made-up entry."""
        at = START + timedelta(seconds=number)
        members = {
            "v": 1,
            "type": "DISCLOSURE",
            "at": at.isoformat(timespec="milliseconds"),
            "nonce": f"{number:032x}",
            "exchange": f"exchange-{number % 5}",
            "necessity": commitment(f"reason {number}"),
        }
        return canonical(members | changes).decode()

    def note(
        self, size: int | None = None, *, by: Iterable[str] = WITNESSES, at: datetime = SIGNED, **changes: Any
    ) -> str:
        """The checkpoint of a size, cosigned a minute later."""
        checkpoint = Checkpoint(*self._sized(size))
        note = read_note(sign_checkpoint(checkpoint, changes.get("key", LOG), at))
        when = changes.get("cosigned_at", at + timedelta(minutes=1))
        return str(note.with_lines(cosign(note, KEYS[name], when) for name in by))

    def _sized(self, size: int | None) -> tuple[int, bytes]:
        size = self.tree.size if size is None else size
        return size, self.tree.root(size)

    def witnessed(self, size: int, **changes: Any) -> Witnessed:
        """An earlier checkpoint with its path to the newest."""
        return Witnessed(self.note(size, **changes), tuple(self.tree.consistency(size, self.tree.size)))

    def record(self, index: int, opened: tuple[Opened, ...] = ()) -> ExportRecord:
        """One record."""
        entry = self.entries[index]
        kept = None if index in self.pruned else entry
        return ExportRecord(index, kept, leaf_hash(entry.encode()), opened)

    def export(self, scope: Scope, run: Run | None = None, **changes: Any) -> list[bytes]:
        """The lines of an export.

        Args:
            scope: of what.
            run: the run, for a period.
            changes: `checkpoint`, `directory`, `witnessed`, `opened` (by index).
        """
        if scope.kind is ScopeKind.ALL:
            run = Run(0, self.tree.size)
        header = Header(
            scope=scope,
            checkpoint=changes.get("checkpoint") or self.note(),
            directory=changes.get("directory") or directory(),
            witnessed=changes.get("witnessed"),
            run=run,
        )
        opened: dict[int, tuple[Opened, ...]] = changes.get("opened", {})
        body = self._run(run, opened) if run else self._each(scope, opened)
        return [write_header(header), *body]

    def _run(self, run: Run, opened: dict[int, tuple[Opened, ...]]) -> Iterator[bytes]:
        writer = RecordWriter()
        for index in range(run.start, run.end):
            if begins_tile(index, run.start):
                plan = plan_tile(index // TILE_WIDTH, self.tree.size)
                tiles = {tile: self.tree.tiles[tile] for tile in plan.tiles}
                yield plan.line(tiles, TreeHashes(tiles))
            yield writer.write(self.record(index, opened.get(index, ())))
        yield writer.close()

    def _each(self, scope: Scope, opened: dict[int, tuple[Opened, ...]]) -> Iterator[bytes]:
        writer = RecordWriter()
        for index, entry in enumerate(self.entries):
            if scope.exchange is None or f'"{scope.exchange}"' in entry:
                path = self.tree.inclusion(index, self.tree.size)
                yield writer.write(self.record(index, opened.get(index, ())), path)
        yield writer.close()
