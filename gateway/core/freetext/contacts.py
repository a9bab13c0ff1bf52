"""E-mail addresses, handles and links: whatever leads to a person on a network."""

import re
from collections.abc import Iterator
from typing import Final

from gateway.core.freetext.model import Span, SpanKind
from gateway.core.freetext.scanning import Scan

_EMAIL: Final = re.compile(r"[\w.+'\-]{1,64}@[\w\-]+(?:\.[\w\-]+)+")
_OBSCURED: Final = re.compile(
    r"[\w.+\-]{1,64}\s?(?:\(at\)|\[at\]|\bat\b)\s?[\w\-]+(?:\s?(?:\(dot\)|\[dot\]|\bdot\b)\s?[\w\-]+)+",
    re.IGNORECASE,
)
_AT_HANDLE: Final = re.compile(r"(?<![\w.])@[A-Za-z0-9_][\w.\-]{1,40}(?<![.\-])")
_CUED_HANDLE: Final = re.compile(
    r"\b(?:insta(?:gram)?|snap(?:chat)?|tik ?tok|twitter|facebook|fb|discord|telegram"
    r"|whatsapp|kik|psn|xbox|roblox"
    r"|gamer ?tag|user ?name|user|handle|profile|account|screen ?name|goes by"
    r"|posts as|post as|posting as|online as|skype|steam)\b"
    r"(?: (?:name|handle|is|as|called|account|profile|id|user)){0,3}[\s:=\-]*[\"'\u201c\u2018@(]*"
    r"((?=[\w.\-]*(?:[_\d]|\w\.\w))[A-Za-z][\w.\-]{2,40}(?<![.\-]))",
    re.IGNORECASE,
)
_CUES: Final = (
    "insta", "snap", "tik", "twitter", "facebook", "fb", "discord", "telegram", "whatsapp", "kik", "psn",
    "xbox", "roblox", "gamer", "user", "handle", "profile", "account", "screen", "goes by", "posts as",
    "post as", "posting as", "online as", "skype", "steam",
)  # fmt: skip
_UNDERSCORED: Final = re.compile(r"(?<![\w/])[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+(?![\w/])")
_LINK: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;]", re.IGNORECASE)


def find_contacts(scan: Scan) -> Iterator[Span]:
    """E-mail addresses, handles and links of a text, in no order."""
    text, lowered = scan.text, scan.lowered
    if "@" in text:
        yield from _spans(_EMAIL, text, SpanKind.EMAIL)
        yield from _spans(_AT_HANDLE, text, SpanKind.HANDLE)
    if "dot" in lowered:
        yield from _spans(_OBSCURED, text, SpanKind.EMAIL)
    if "_" in text:
        yield from _spans(_UNDERSCORED, text, SpanKind.HANDLE)
    if "www." in lowered or "://" in lowered:
        yield from _spans(_LINK, text, SpanKind.HANDLE)
    handles = scan.matches(_CUED_HANDLE, _CUES)
    yield from (Span(each.start(1), each.end(1), SpanKind.HANDLE) for each in handles)


def _spans(pattern: re.Pattern[str], text: str, kind: SpanKind) -> Iterator[Span]:
    return (Span(each.start(), each.end(), kind) for each in pattern.finditer(text))
