"""Signed notes (C2SP signed-note): a text, an empty line, and lines of signatures over the text.

A note is read strictly: whatever two readers could understand differently is refused. Signatures by keys that
the reader does not know are passed over, as the specification has it; one by a key that it knows must verify.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from services.kit.evidence.errors import CheckpointRefusedError
from services.kit.evidence.keys import SigningKey, VerifyingKey

MAX_NOTE_OCTETS: Final = 1 << 18
KEY_ID_OCTETS: Final = 4
ED25519: Final = 0x01
"""Signature type: Ed25519 over the text."""

_DASH: Final = "\u2014"


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One signature.

    Attributes:
        name: of the key.
        key_id: 4 octets that tell keys of one name apart; no more than a hint.
        signature: in the form of the key's signature type.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """The line, without its newline."""
        return f"{_DASH} {self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures, none of them verified yet.

    Attributes:
        text: ends in a newline.
        lines: at least one.
    """

    text: str
    lines: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        """The note as it is written."""
        return self.text + "\n" + "".join(f"{line}\n" for line in self.lines)

    def signed_by(self, name: str, key_id: bytes) -> tuple[SignatureLine, ...]:
        """The lines of one key."""
        return tuple(line for line in self.lines if (line.name, line.key_id) == (name, key_id))

    def with_lines(self, lines: Iterable[SignatureLine]) -> "Note":
        """The note with more signatures; of one key the first is kept."""
        kept: dict[tuple[str, bytes], SignatureLine] = {}
        for line in (*self.lines, *lines):
            kept.setdefault((line.name, line.key_id), line)
        return Note(self.text, tuple(kept.values()))


def read_note(written: str) -> Note:
    """Reads a note.

    Raises:
        CheckpointRefusedError: `note_too_large`, `malformed_note` or `malformed_signature_line`.
    """
    _check_characters(written)
    head, gap, signatures = written.rpartition("\n\n")
    if not head or not gap or not signatures.endswith("\n"):
        raise CheckpointRefusedError("malformed_note")
    return Note(head + "\n", tuple(read_line(line) for line in signatures[:-1].split("\n")))


def read_line(line: str) -> SignatureLine:
    """Reads a signature line, without its newline; CheckpointRefusedError `malformed_signature_line`."""
    match line.split(" "):
        case [dash, name, encoded] if dash == _DASH and _is_name(name):
            octets = _decode(encoded)
            return SignatureLine(name, octets[:KEY_ID_OCTETS], octets[KEY_ID_OCTETS:])
        case _:
            raise CheckpointRefusedError("malformed_signature_line")


def key_id(name: str, kind: int, key: VerifyingKey) -> bytes:
    """The id of a key under a name, for signatures of a type."""
    preimage = name.encode() + b"\n" + bytes([kind]) + raw_public(key)
    return hashlib.sha256(preimage).digest()[:KEY_ID_OCTETS]


def sign_line(name: str, kind: int, key: SigningKey, message: bytes, prefix: bytes = b"") -> SignatureLine:
    """Signs a message.

    Args:
        name: of the key: no spaces, no plus.
        kind: signature type.
        key: the signer's.
        message: what is signed.
        prefix: what stands before the signature, as the type has it.
    """
    if not _is_name(name):
        raise CheckpointRefusedError("name_refused")
    signature = key.jwk.private_key.sign(message)  # type: ignore[union-attr]
    return SignatureLine(name, key_id(name, kind, key.public), prefix + signature)


def raw_public(key: VerifyingKey) -> bytes:
    """The 32 octets of an Ed25519 public key."""
    return key.jwk.public_key.public_bytes_raw()


def _check_characters(written: str) -> None:
    try:
        octets = written.encode("utf-8")
    except UnicodeEncodeError:
        raise CheckpointRefusedError("malformed_note") from None
    if len(octets) > MAX_NOTE_OCTETS:
        raise CheckpointRefusedError("note_too_large")
    if any(octet < 0x20 and octet != 0x0A for octet in octets):  # noqa: PLR2004  # control characters
        raise CheckpointRefusedError("malformed_note")


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(map(str.isspace, name)) and name.isprintable()


def _decode(encoded: str) -> bytes:
    try:
        octets = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        octets = b""
    if len(octets) <= KEY_ID_OCTETS or base64.b64encode(octets).decode("ascii") != encoded:
        raise CheckpointRefusedError("malformed_signature_line")
    return octets
