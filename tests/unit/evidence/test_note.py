"""Signed notes, checkpoints and cosignatures: the C2SP specifications' own examples, and what is refused."""

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.kit.evidence.checkpoint import (
    ORIGIN,
    Checkpoint,
    cosign,
    read_checkpoint,
    sign_checkpoint,
    verify_checkpoint,
    verify_cosignatures,
)
from services.kit.evidence.errors import CheckpointRefusedError
from services.kit.evidence.keys import SigningKey, VerifyingKey
from services.kit.evidence.note import ED25519, key_id, read_line, read_note
from tests.support.specimen import Dice

AT = datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC)
LOG = SigningKey.generate(owner="gateway", entropy=Dice(1))
WITNESS = SigningKey.generate(owner="kent-police", entropy=Dice(2))
OTHER = SigningKey.generate(owner="kent-police", entropy=Dice(3))
ROOT = bytes(range(32))
NOTE = sign_checkpoint(Checkpoint(7, ROOT), LOG, AT)

VECTORS = Path(__file__).parents[2] / "vectors" / "log" / "notes.json"
OTHERS: dict[str, Any] = json.loads(VECTORS.read_bytes())


def _reason(written: str) -> str:
    with pytest.raises(CheckpointRefusedError) as caught:
        verify_checkpoint(written, [LOG.public])
    return caught.value.reason


def test_the_example_of_the_specification_reads_back() -> None:
    note = read_note(OTHERS["cosignature"])
    assert str(note) == OTHERS["cosignature"]
    checkpoint = read_checkpoint(note)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert str(checkpoint) == note.text
    assert int.from_bytes(note.lines[1].signature[:8], "big") == 1679315147  # as its signed message has it


def test_a_text_may_hold_empty_lines() -> None:
    note = read_note(NOTE.replace("\n7\n", "\n\n7\n"))
    assert note.text == f"{ORIGIN}\n\n7\n" + "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"


def test_a_checkpoint_of_another_implementation_verifies() -> None:
    name, hint, encoded = OTHERS["go-checksum-database"]["key"].split("+", 2)
    kind, *public = base64.b64decode(encoded)
    x = base64.urlsafe_b64encode(bytes(public)).decode().rstrip("=")
    key = VerifyingKey.from_jwk({"kty": "OKP", "crv": "Ed25519", "x": x}, owner=name)
    note = read_note(OTHERS["go-checksum-database"]["note"])
    assert (kind, key_id(name, ED25519, key).hex()) == (ED25519, hint)
    (line,) = note.signed_by(name, bytes.fromhex(hint))
    key.jwk.public_key.verify(line.signature, note.text.encode())  # type: ignore[union-attr]
    assert read_checkpoint(note).size == 6476701


def test_a_checkpoint_verifies() -> None:
    signed = verify_checkpoint(NOTE, [OTHER.public, LOG.public])
    assert (signed.checkpoint, signed.at, signed.key.kid) == (Checkpoint(7, ROOT), AT, LOG.kid)
    assert NOTE.startswith(f"{ORIGIN}\n7\nAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n\n\u2014 {ORIGIN} ")


def test_cosignatures_verify_and_those_of_strangers_are_passed_over() -> None:
    note = read_note(NOTE)
    later = AT + timedelta(minutes=1)
    both = note.with_lines([cosign(note, WITNESS, later), cosign(note, OTHER, later)])
    (found,) = verify_cosignatures(both, [WITNESS.public])
    assert (found.witness, found.at, found.key.kid) == ("kent-police", later, WITNESS.kid)
    assert verify_checkpoint(str(both), [LOG.public]).checkpoint.size == 7
    assert verify_cosignatures(note, [WITNESS.public]) == ()


def test_a_line_is_kept_once() -> None:
    note = read_note(NOTE)
    first, second = (cosign(note, WITNESS, AT + timedelta(minutes=minute)) for minute in (1, 2))
    assert note.with_lines([first, second, first]).lines == (*note.lines, first)
    assert read_line(str(first)) == first


def test_the_log_is_no_witness_of_itself() -> None:
    """The log's own line with a time is under the log's name, and no organisation has that."""
    assert verify_cosignatures(read_note(NOTE), [LOG.public]) == ()


@pytest.mark.parametrize("line", [0, 1])
def test_a_signature_of_the_log_that_does_not_verify(line: int) -> None:
    other = sign_checkpoint(Checkpoint(8, ROOT), LOG, AT)
    lines = NOTE.splitlines(keepends=True)
    lines[4 + line] = other.splitlines(keepends=True)[4 + line]
    assert _reason("".join(lines)) == "signature_refused"


def test_a_cosignature_with_another_time() -> None:
    note = read_note(NOTE)
    line = cosign(note, WITNESS, AT)
    moved = line.signature[:7] + bytes([line.signature[7] ^ 1]) + line.signature[8:]
    with pytest.raises(CheckpointRefusedError):
        verify_cosignatures(note.with_lines([type(line)(line.name, line.key_id, moved)]), [WITNESS.public])


def test_a_signature_of_the_log_that_is_missing() -> None:
    lines = NOTE.splitlines(keepends=True)
    assert _reason("".join([*lines[:4], lines[5]])) == "log_signature_missing"
    assert _reason("".join(lines[:5])) == "log_time_missing"
    assert _reason(sign_checkpoint(Checkpoint(7, ROOT), OTHER, AT)) == "log_signature_missing"


def test_the_checkpoint_of_another_log() -> None:
    assert _reason(sign_checkpoint(Checkpoint(7, ROOT, "example.org/log"), LOG, AT)) == "other_log"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("\n7\n", "\n07\n", "malformed_checkpoint"),
        ("\n7\n", "\n-7\n", "malformed_checkpoint"),
        ("\n7\n", "\n7 \n", "malformed_checkpoint"),
        ("\n7\n", "\n9223372036854775808\n", "malformed_checkpoint"),
        ("\n7\n", "\n7\nextension\n", "malformed_checkpoint"),
        ("Hh8=", "Hh9=", "malformed_checkpoint"),
        ("Hh8=", "Hg==", "malformed_checkpoint"),
        (f"{ORIGIN}\n7", "\n7", "malformed_checkpoint"),
        ("\n\n", "\n", "malformed_note"),
        ("\n7\n", "\n7\r\n", "malformed_note"),
        ("\n7\n", "\n7\x00\n", "malformed_note"),
        ("\n7\n", "\n7\ud800\n", "malformed_note"),
        ("\u2014 ", "- ", "malformed_signature_line"),
        (f"\u2014 {ORIGIN} ", "\u2014  ", "malformed_signature_line"),
        (f"\u2014 {ORIGIN} ", "\u2014 a+b ", "malformed_signature_line"),
        (f"\u2014 {ORIGIN} ", "\u2014 a\u00a0b ", "malformed_signature_line"),
        (f"\u2014 {ORIGIN} ", f"\u2014 {ORIGIN} !", "malformed_signature_line"),
        ("\n\n", "\n\n\u2014 name AAAAAA==\n", "malformed_signature_line"),
        ("\n\n", "\n\n" + "\u2014 name AAAAAAA=\n" * 17000, "note_too_large"),
    ],
)
def test_notes_of_another_form(old: str, new: str, reason: str) -> None:
    changed = NOTE.replace(old, new, 1)
    assert changed != NOTE
    assert _reason(changed) == reason


def test_a_note_without_its_last_newline() -> None:
    assert _reason(NOTE[:-1]) == "malformed_note"


def test_a_witness_whose_name_could_not_be_read_back() -> None:
    for name in ("", "kent police", "kent+police", "kent\npolice"):
        key = SigningKey.generate(owner=name, entropy=Dice(4))
        with pytest.raises(CheckpointRefusedError):
            cosign(read_note(NOTE), key, AT)
