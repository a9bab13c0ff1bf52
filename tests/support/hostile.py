"""What somebody tries who wants the system to say, or write down, what it was told: one act of each kind.

Every act carries texts of the story where they do not belong, is refused, and leaves behind what it was told
in answer: status, details, trailers, bodies.
"""

import urllib.parse
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import grpc
import grpc.aio
from google.protobuf.message import Message
from publicprotection.exchange.v1.header_pb2 import Header

from deploy.certificates import CertificateAuthority
from deploy.local.world import World
from deploy.story.clients import AgencyClient, find_service, find_verb
from deploy.story.model import Story
from services.kit.credentials import TlsIdentity
from tests.support.world import build, sending

PRISON: Final = "marlfield-prison"
POLICE: Final = "kent-police"
STEP: Final = "release-notice"
_CALL_S: Final = 15.0
_RECORDS: Final = "\n".join
Tried = tuple[str, str, bytes, list[tuple[str, str]], TlsIdentity]
"""A call: name of the act, method, request, metadata, who calls."""


@dataclass(frozen=True)
class Told:
    """What an act was told in answer.

    Attributes:
        act: its name.
        text: all of it.
        is_refused: whether it was refused.
    """

    act: str
    text: str
    is_refused: bool


async def try_everything(world: World, story: Story, secrets: Sequence[str]) -> list[Told]:
    """Does every act against an agency's service with texts of the story."""
    told = [each async for each in _call(world, story, secrets)]
    told += [each async for each in _send(world, story, secrets)]
    return told


async def _call(world: World, story: Story, secrets: Sequence[str]) -> AsyncIterator[Told]:
    """Calls that are wrong before they are read: method, bytes, metadata, certificate."""
    own, other = world.endpoint(PRISON), world.endpoint(POLICE)
    verb = find_verb(find_service("prison"), build(sending(story, STEP))[1].DESCRIPTOR.full_name)
    path = f"/{verb.containing_service.full_name}/{verb.name}"
    text = " ".join(secrets).encode("ascii", "ignore")[:6000]
    token = ("authorization", f"Bearer {text.decode()[:2000]}")
    person = ("ppg-person", f'{text.decode()[:500]}"}} {{"event": "forged"')
    tries: list[Tried] = [
        (
            "unknown method",
            f"/{secrets[0].replace(' ', '')}/{secrets[1].replace(' ', '')}",
            text,
            [],
            own.tls,
        ),
        ("bytes that are no request", path, text, [], own.tls),
        ("a token that is none", path, text, [token], own.tls),
        ("a person that is none", path, text, [token, person], own.tls),
        (
            "metadata of other names",
            path,
            text,
            [(f"x-{i}", each) for i, each in enumerate(plain(secrets))],
            own.tls,
        ),
        ("another organisation's certificate", path, text, [], other.tls),
        ("a name for a certificate", path, text, [], _named(world.authority, secrets[0], own.tls)),
        (
            "a certificate of nobody's",
            path,
            text,
            [],
            _named(CertificateAuthority.create(), secrets[0], own.tls),
        ),
    ]
    for tried in tries:
        yield await _call_raw(own.address, tried)


def plain(secrets: Iterable[str]) -> list[str]:
    """Those that gRPC's metadata can carry."""
    return [each for each in secrets if each.isascii() and each.isprintable()][:40]


def _named(authority: CertificateAuthority, name: str, like: TlsIdentity) -> TlsIdentity:
    """A certificate whose organisation is a text of the story."""
    certificate, key = authority.issue(name, urllib.parse.quote(name))
    return TlsIdentity(certificate, key, like.authority)


async def _call_raw(address: str, tried: Tried) -> Told:
    act, method, body, metadata, tls = tried
    credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
    async with grpc.aio.secure_channel(address, credentials) as channel:
        call = channel.unary_unary(method, request_serializer=bytes, response_deserializer=bytes)
        try:
            answer = await call(body, metadata=metadata, timeout=_CALL_S)
        except grpc.aio.AioRpcError as error:
            return Told(act, _read(error), is_refused=True)
    return Told(act, repr(answer), is_refused=False)


def _read(error: grpc.aio.AioRpcError) -> str:
    """Everything that a refusal carries: status, details, initial and trailing metadata."""
    pairs = [*(error.initial_metadata() or ()), *(error.trailing_metadata() or ())]
    # Binary metadata, such as google.rpc.Status, has its texts as they are.
    values = [
        f"{key} {value.decode('utf-8', 'replace') if isinstance(value, bytes) else value}"
        for key, value in pairs
    ]
    return _RECORDS([str(error.code()), error.details() or "", *values])


Spoil = Callable[[Header, Any, Sequence[str]], None]


def _line_break(header: Header, _document: Any, secrets: Sequence[str]) -> None:
    header.request_id = f'{secrets[0]}\n{{"event": "forged", "reason": "{secrets[1]}"}}'


def _unknown_desk(header: Header, _document: Any, secrets: Sequence[str]) -> None:
    header.recipients[0].desk = secrets[0]


def _unknown_organisation(header: Header, _document: Any, secrets: Sequence[str]) -> None:
    header.recipients[0].organisation = secrets[0]


def _nul(_header: Header, document: Any, secrets: Sequence[str]) -> None:
    document.subject.name.family = f"{secrets[0]}\x00"


def _no_date(_header: Header, document: Any, _secrets: Sequence[str]) -> None:
    document.ClearField("release_date")


def _no_such_date(_header: Header, document: Any, _secrets: Sequence[str]) -> None:
    document.release_date.month = 13


def _oversized(_header: Header, document: Any, secrets: Sequence[str]) -> None:
    document.intelligence = " ".join(secrets) * (4 * 1024**2 // len(" ".join(secrets)) + 1)


def _answer_to_nothing(header: Header, _document: Any, secrets: Sequence[str]) -> None:
    header.in_reply_to = secrets[0]


SPOILS: Final[dict[str, Spoil]] = {
    "a line break in an id": _line_break,
    "a desk that is none": _unknown_desk,
    "an organisation that is none": _unknown_organisation,
    "a character that is none": _nul,
    "a field left out": _no_date,
    "a date that is none": _no_such_date,
    "too much": _oversized,
    "an answer to nothing": _answer_to_nothing,
}


async def _send(world: World, story: Story, secrets: Sequence[str]) -> AsyncIterator[Told]:
    """The story's own document, in the story's own words, spoilt in one place."""
    client = AgencyClient(world.endpoint(PRISON))
    try:
        for act, spoil in SPOILS.items():
            header, document = build(sending(story, STEP))
            spoil(header, document, secrets)
            yield await _submit(client, act, header, document)
    finally:
        await client.close()


async def _submit(client: AgencyClient, act: str, header: Header, document: Message) -> Told:
    try:
        answer = await client.send(header, document)
    except grpc.aio.AioRpcError as error:
        return Told(act, _read(error), is_refused=True)
    return Told(act, str(answer), is_refused=False)
