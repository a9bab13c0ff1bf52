"""What of the story nobody may find at rest: every name, address, identifier and narrative that it tells."""

import base64
import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from google.protobuf.message import Message

from deploy.story.documents import build_document, build_header
from deploy.story.model import Story

# Codes, ids and names of organisations: what the gateway works with in clear.
_CODES: Final = {"organisation", "desk", "owner", "role", "prefix", "source_system", "request_id"}
PUBLISHED: Final = {"kent-police", "Marlfield prison", "01632 960111", "01632 960222", "01632 960333"}
"""Of organisations, not of people: the directory publishes them."""

_SHORTEST: Final = 6
# Of a shorter one too little is left that does not depend on its neighbours; megabytes hold it by chance.
_LEAST_ENCODED: Final = 8
_WINDOW: Final = 24


def secrets_told(story: Story) -> frozenset[str]:
    """Short texts whole, and of long ones the middle, which no quotation leaves out."""
    found: set[str] = set()
    for step in story.steps:
        if step.send is not None:
            today = date(2026, 11, 23)
            header = build_header(step.send, today, request_id="r", in_reply_to=None)
            for message in (build_document(step.send, today), header):
                found |= {_middle(text) for text in _texts(message)}
    return frozenset(text for text in found if len(text) >= _SHORTEST)


def forms(text: str) -> set[bytes]:
    """How a text may stand in a file.

    As it is, in UTF-16, as JSON or a URL writes it, in hexadecimal, in capitals or small letters, or inside
    either kind of base64 at any of its three offsets.
    """
    plain = text.encode()
    found = {plain, text.encode("utf-16-le"), text.upper().encode(), text.lower().encode()}
    found |= {json.dumps(text)[1:-1].encode(), quote(text, safe="").encode(), quote_plus(text).encode()}
    found |= {plain.hex().encode(), plain.hex().upper().encode(), repr(plain)[2:-1].encode()}
    for offset in range(3):
        whole = (offset + len(plain)) // 3 * 4
        for encode in (base64.urlsafe_b64encode, base64.standard_b64encode):
            # A group of three octets that lies in the text alone does not depend on its neighbours.
            encoded = encode(b"\x00" * offset + plain)[4 if offset else 0 : whole]
            if len(encoded) >= _LEAST_ENCODED:
                found.add(encoded)
    return found


def told_in(octets: bytes, secrets: Iterable[str]) -> set[str]:
    """The secrets that stand in some octets, however they are written."""
    return {secret for secret in secrets if any(form in octets for form in forms(secret))}


def find_named(folder: Path, secrets: Iterable[str]) -> set[str]:
    """Secrets in the names of a folder's files and folders."""
    names = "\n".join(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    return told_in(names.encode(), secrets)


def find_secrets(folder: Path, secrets: Iterable[str], *, but: Collection[str] = ()) -> set[tuple[str, str]]:
    """Secrets in the raw files of a folder, each with a file name; not in those named by their paths."""
    wanted = [(secret, form) for secret in secrets for form in forms(secret)]
    found: set[tuple[str, str]] = set()
    for path in folder.rglob("*"):
        if path.is_file() and path.relative_to(folder).as_posix() not in but:
            octets = path.read_bytes()
            found |= {(secret, path.name) for secret, form in wanted if form in octets}
    return found


def _middle(text: str) -> str:
    start = max(0, (len(text) - _WINDOW) // 2)
    return text[start : start + _WINDOW].strip()


def _texts(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        for each in value if field.is_repeated else [value]:
            if isinstance(each, Message):
                yield from _texts(each)
            elif isinstance(each, str) and field.name not in _CODES:
                yield each
