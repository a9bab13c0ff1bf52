"""Checkpoints of the disclosure log (C2SP tlog-checkpoint), and cosignatures of them (tlog-cosignature v1).

The log signs its checkpoint twice: over the text, as every reader of transparency logs expects it, and with
a time, as a witness does. A witness's name is its organisation's id, its key one of those with which the
organisation signs. What these keys sign elsewhere is a JWS, which begins with other octets than either text.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography.exceptions import InvalidSignature

from services.kit.evidence.errors import CheckpointRefusedError
from services.kit.evidence.keys import SigningKey, VerifyingKey
from services.kit.evidence.merkle import HASH_OCTETS
from services.kit.evidence.note import ED25519, Note, SignatureLine, key_id, read_note, sign_line

ORIGIN: Final = "publicprotection.gateway"
"""Name of the log, and of the gateway's keys in its checkpoints."""

COSIGNATURE: Final = 0x04
"""Signature type: a time, and Ed25519 over the time and the text."""

_TEXT_LINES: Final = 3
_TIME_OCTETS: Final = 8
_MAX_SIZE: Final = 1 << 63
_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")
_LATEST: Final = int(datetime.max.replace(tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and root: 32 octets."""

    size: int
    root: bytes
    origin: str = ORIGIN

    def __str__(self) -> str:
        """The note's text."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode('ascii')}\n"


@dataclass(frozen=True, slots=True)
class StatedCheckpoint:
    """A checkpoint of which the log stated when it signed it.

    Attributes:
        checkpoint: size and root.
        at: when the log says it signed; whole seconds.
        note: as received, with all its signature lines.
    """

    checkpoint: Checkpoint
    at: datetime
    note: Note


@dataclass(frozen=True, slots=True)
class SignedCheckpoint(StatedCheckpoint):
    """A checkpoint whose signatures by the log verify.

    Attributes:
        key: the log's key that signed.
    """

    key: VerifyingKey

    def with_votes(self, votes: Iterable["Cosignature"] = ()) -> Note:
        """The note to keep: the log's own lines and verified cosignatures.

        A line that nobody could verify when it came may be one that does not verify once its key is known,
        and would then spoil the whole note.
        """
        own = (line for line in self.note.lines if line.name == self.checkpoint.origin)
        return Note(self.note.text, (*own, *(vote.line for vote in votes)))


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A verified cosignature.

    Attributes:
        witness: the organisation that cosigned.
        at: when it says it did; whole seconds.
        key: its key. Whether that key may be used at a time is for the caller to check.
        line: the signature line.
    """

    witness: str
    at: datetime
    key: VerifyingKey
    line: SignatureLine


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey, at: datetime) -> str:
    """Signs a checkpoint, for the log: the note.

    Args:
        checkpoint: size and root.
        key: the gateway's.
        at: now, aware; kept to whole seconds.
    """
    text = str(checkpoint)
    plain = sign_line(checkpoint.origin, ED25519, key, text.encode())
    return str(Note(text, (plain, _sign_with_time(text, checkpoint.origin, key, at))))


def cosign(note: Note, key: SigningKey, at: datetime) -> SignatureLine:
    """Cosigns a checkpoint, for a witness that has verified its consistency with all it saw before.

    Args:
        note: the log's.
        key: the witness's; its owner is the name.
        at: now, aware; kept to whole seconds.
    """
    return _sign_with_time(note.text, key.owner, key, at)


def read_checkpoint(note: Note) -> Checkpoint:
    """Reads a note's text, verifying nothing; CheckpointRefusedError `malformed_checkpoint`."""
    lines = note.text.splitlines()
    # Extension lines are not recommended and this log writes none: refused, so that none can mean anything.
    if len(lines) != _TEXT_LINES or not lines[0] or not _SIZE.fullmatch(lines[1]):
        raise CheckpointRefusedError("malformed_checkpoint")
    checkpoint = Checkpoint(int(lines[1]), _decode_root(lines[2]), lines[0])
    if str(checkpoint) != note.text or checkpoint.size >= _MAX_SIZE:
        raise CheckpointRefusedError("malformed_checkpoint")
    return checkpoint


def verify_checkpoint(
    written: str, keys: Iterable[VerifyingKey], *, origin: str = ORIGIN
) -> SignedCheckpoint:
    """Verifies both signatures by the log on a checkpoint.

    Args:
        written: the note.
        keys: those of the gateway that the reader accepts for the note, such as
            `directory.keys.verifying_keys(GATEWAY, now)`.
        origin: which log.

    Raises:
        CheckpointRefusedError: malformed (see `read_note`, `read_checkpoint`), `other_log`,
            `log_signature_missing`, `log_time_missing` or `signature_refused`.
    """
    note = read_note(written)
    checkpoint = read_checkpoint(note)
    if checkpoint.origin != origin:
        raise CheckpointRefusedError("other_log")
    for key in keys:
        if _verify_plain(note, origin, key):
            timed = _timed(note, origin, key)
            if not timed:
                raise CheckpointRefusedError("log_time_missing")
            return SignedCheckpoint(checkpoint, timed[0].at, note, key)
    raise CheckpointRefusedError("log_signature_missing")


def verify_cosignatures(note: Note, keys: Iterable[VerifyingKey]) -> tuple[Cosignature, ...]:
    """Verifies all cosignatures by known keys; lines of other keys are passed over.

    Args:
        note: the checkpoint's.
        keys: of witnesses; a key's owner is the witness's name.

    Returns:
        One for each line, in no order. A witness that rotated its key may stand there twice.

    Raises:
        CheckpointRefusedError: `signature_refused`: a line of a known key does not verify.
    """
    return tuple(found for key in keys for found in _timed(note, key.owner, key))


def _sign_with_time(text: str, name: str, key: SigningKey, at: datetime) -> SignatureLine:
    seconds = int(at.timestamp())
    prefix = seconds.to_bytes(_TIME_OCTETS, "big")
    return sign_line(name, COSIGNATURE, key, _message(seconds, text), prefix)


def _message(seconds: int, text: str) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def _verify_plain(note: Note, name: str, key: VerifyingKey) -> bool:
    """Whether there is a plain signature by the key; CheckpointRefusedError if one does not verify."""
    lines = note.signed_by(name, key_id(name, ED25519, key))
    for line in lines:
        _verify(key, line.signature, note.text.encode())
    return bool(lines)


def _timed(note: Note, name: str, key: VerifyingKey) -> list[Cosignature]:
    lines = note.signed_by(name, key_id(name, COSIGNATURE, key))
    return [_verify_timed(note, line, key) for line in lines]


def _verify_timed(note: Note, line: SignatureLine, key: VerifyingKey) -> Cosignature:
    seconds = int.from_bytes(line.signature[:_TIME_OCTETS], "big")
    _verify(key, line.signature[_TIME_OCTETS:], _message(seconds, note.text))
    if seconds > _LATEST:
        raise CheckpointRefusedError("signature_refused")
    return Cosignature(line.name, datetime.fromtimestamp(seconds, UTC), key, line)


def _verify(key: VerifyingKey, signature: bytes, message: bytes) -> None:
    try:
        key.jwk.public_key.verify(signature, message)  # type: ignore[union-attr]
    except InvalidSignature:
        raise CheckpointRefusedError("signature_refused") from None


def _decode_root(encoded: str) -> bytes:
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != HASH_OCTETS:
        raise CheckpointRefusedError("malformed_checkpoint")
    return root
