"""A system with a good certificate and good tokens against the service that it calls: by what it sends."""

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import grpc.aio
import pytest
from google.protobuf.any_pb2 import Any as AnyMessage
from joserfc import jwe
from publicprotection.exchange.v1 import directory_service_pb2_grpc
from publicprotection.exchange.v1.directory_service_pb2 import ListOrganisationsRequest

from deploy.certificates import CertificateAuthority
from deploy.story.documents import build_document
from deploy.story.model import read_story
from services.kit.access.actor import Role
from services.kit.evidence.canonical import parse_strictly
from services.kit.evidence.errors import CanonicalFormError, EvidenceError
from services.kit.evidence.hop import decrypt_hop, encrypt_hop
from services.kit.evidence.keys import DecryptionKey, decryption_lookup
from services.kit.exchange.preview_service import _unpack
from services.kit.rpc.client import read_refusal
from services.kit.rpc.errors import InvalidRequestError
from services.kit.settings import Limits
from services.partner.profile import PROFILE
from tests.attack.catalogue import Finder, attack
from tests.attack.raw_http2 import call_raw
from tests.support.agency_server import OWN, Served, issue, run_service
from tests.support.gateway import TODAY
from tests.support.identity import as_person, tokens_for

LIMIT = 256 * 1024
METHOD = "/publicprotection.exchange.v1.DirectoryService/ListOrganisations"
FALSE_LINE = '{"event": "log_verified", "level": "info"}'


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    limits = Limits(max_message_octets=LIMIT, shutdown_grace_s=0.1, calls_per_minute=60, tick_s=0.001)
    async with run_service(PROFILE, authority=CertificateAuthority.create(), limits=limits) as running:
        yield running


class Reply(NamedTuple):
    """How a call ended: code, and reason where it has one of ours."""

    code: grpc.StatusCode
    reason: str = ""


async def call(
    served: Served, body: bytes, *, metadata: Sequence[tuple[str, str | bytes]] = (), **how: Any
) -> Reply:
    """Sends octets as the request of a method, whatever they are."""
    async with served.channel() as channel:
        stub: Any = channel.unary_unary(METHOD)
        try:
            await stub(body, timeout=20, metadata=tuple(metadata), **how)
        except grpc.aio.AioRpcError as error:
            return Reply(error.code(), read_refusal(error).reason)
    return Reply(grpc.StatusCode.OK)


async def is_well(served: Served) -> bool:
    """Whether the service answers others still."""
    async with served.channel() as channel:
        stub: Any = directory_service_pb2_grpc.DirectoryServiceStub(channel)
        answer = await stub.ListOrganisations(ListOrganisationsRequest(), timeout=20)
    return bool(answer.organisations)


def unknown_field(octets: int) -> bytes:
    """A request with a field that this version does not know, of so many zeros."""
    return field_head(octets) + bytes(octets)


def field_head(length: int) -> bytes:
    written = bytearray(b"\xfa\x01")
    while length > 0x7F:
        written.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes(written) + bytes([length])


@attack("sends a request of more octets than are taken", Finder.CALLED, soon="at once")
async def test_sends_too_much(served: Served, attacked: bool) -> None:
    reply = await call(served, unknown_field(LIMIT + 1 if attacked else LIMIT // 2))
    assert reply.code is (grpc.StatusCode.RESOURCE_EXHAUSTED if attacked else grpc.StatusCode.OK)
    assert await is_well(served)


def peak_kib() -> int:
    """The most memory that this process had at once since the peak was reset."""
    [line] = [each for each in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in each]
    return int(line.split()[1])


def reset_peak_kib() -> int:
    """Has the peak begin anew: what that is now."""
    Path("/proc/self/clear_refs").write_text("5")  # proc(5): resets VmHWM
    return peak_kib()


def deflate(octets: int) -> bytes:
    """So many zeros, and what makes them a field, as gzip; never all of them at once."""
    packer = zlib.compressobj(9, wbits=31)
    pieces = [packer.compress(field_head(octets))]
    pieces += [packer.compress(bytes(LIMIT // 4)) for _ in range(octets // (LIMIT // 4))]
    return b"".join((*pieces, packer.flush()))


@attack(
    "sends little that unpacks to much: a compressed request a thousand times its size",
    Finder.CALLED,
    soon="at once: little more is unpacked than would be taken",
)
async def test_sends_a_compressed_bomb(served: Served, attacked: bool, tmp_path: Path) -> None:
    tls = issue(served.authority, OWN)
    who = as_person(OWN, Role.SUPERVISOR, desk="desk")
    tokens = await tokens_for(tls, OWN, who, audience=[OWN]).metadata()
    body = deflate((60 << 20) if attacked else LIMIT // 2)
    assert len(body) < 65_000  # what a peer may send at once
    before = reset_peak_kib()
    headers = [*tokens, ("grpc-encoding", "gzip")]
    ending = await asyncio.to_thread(
        call_raw, served.address, tls, tmp_path, METHOD, headers, body, compressed=True
    )
    assert (ending.answered == 0) is attacked
    assert peak_kib() - before < 20 << 10
    assert await is_well(served)


@attack("nests a request ten thousand deep", Finder.CALLED, soon="at once")
async def test_nests_a_request(served: Served, attacked: bool) -> None:
    depth = 10_000 if attacked else 50
    groups = b"\xfb\x01" * depth + b"\xfc\x01" * depth
    reply = await call(served, groups)
    expected = Reply(grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_REQUEST")
    assert reply == (expected if attacked else Reply(grpc.StatusCode.OK))
    assert await is_well(served)


@attack(
    "packs a document in a document in a document, hundreds deep",
    Finder.CALLED,
    soon="at once: what is packed is not unpacked before its type is known",
)
async def test_packs_documents_into_each_other(attacked: bool) -> None:
    send = next(each.send for each in read_story().steps if each.id == "release-notice")
    assert send is not None
    document, packed = build_document(send, TODAY), AnyMessage()
    packed.Pack(document)
    if not attacked:
        assert _unpack(packed) == document
        return
    for _ in range(500):
        outer = AnyMessage()
        outer.Pack(packed)
        packed = outer
    with pytest.raises(InvalidRequestError):
        _unpack(packed)


@attack("nests the JSON of what it signed a hundred thousand deep", Finder.CALLED, soon="when it is read")
async def test_nests_json(attacked: bool) -> None:
    depth = 100_000 if attacked else 5
    text = b"[" * depth + b"]" * depth
    if attacked:
        with pytest.raises(CanonicalFormError):
            parse_strictly(text)
    else:
        assert parse_strictly(text) == json.loads(text)


@attack("compresses what it encrypts, so that it unpacks to much", Finder.CALLED, soon="before it is opened")
async def test_compresses_what_is_encrypted(attacked: bool) -> None:
    key = DecryptionKey.generate(owner=OWN)
    lookup = decryption_lookup([key])
    if not attacked:
        assert decrypt_hop(encrypt_hop(b"packet", key.public), lookup) == b"packet"
        return
    header = {"alg": "ECDH-ES", "enc": "A256GCM", "kid": key.kid, "typ": "hop+jwe", "zip": "DEF"}
    registry = jwe.JWERegistry(algorithms=["ECDH-ES", "A256GCM", "DEF"])
    bomb = jwe.encrypt_compact(header, bytes(8 << 20), key.public.jwk, registry=registry)
    assert len(bomb) < 20_000
    with pytest.raises(EvidenceError, match="header_not_in_profile"):
        decrypt_hop(bomb, lookup)


@attack(
    "sends metadata that is longer than is taken, or thousands of entries of it",
    Finder.CALLED,
    soon="at once",
)
async def test_sends_much_metadata(served: Served, attacked: bool) -> None:
    entries = [("x-padding", "x" * 60)] * (5000 if attacked else 5)
    reply = await call(served, b"", metadata=entries)
    assert reply.code is (grpc.StatusCode.RESOURCE_EXHAUSTED if attacked else grpc.StatusCode.OK)
    assert await is_well(served)


@attack(
    "puts further headers, or lines of a log, into a header: such as the tokens of somebody else",
    Finder.CALLED,
    soon="at once: the call is broken off, or goes without them, and no metadata is logged",
)
async def test_puts_headers_into_a_header(
    served: Served, attacked: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tls = issue(served.authority, OWN)
    who = as_person(OWN, Role.SUPERVISOR, desk="desk")
    tokens = await tokens_for(tls, OWN, who, audience=[OWN]).metadata()
    written = "".join(f"\r\n{name}: {value}" for name, value in tokens)
    for note in (f"x{written}\r\n{FALSE_LINE}", FALSE_LINE, "x\0y") if attacked else ("plain",):
        headers = [("x-note", note)] if attacked else [*tokens, ("x-note", note)]
        ending = await asyncio.to_thread(call_raw, served.address, tls, tmp_path, METHOD, headers, b"")
        assert (ending.answered == 0) is attacked
    logged = capsys.readouterr()
    assert "log_verified" not in logged.out + logged.err
    assert await is_well(served)


@attack(
    "calls without a pause, to keep others from being served",
    Finder.CALLED,
    soon="once its share is used up; others have theirs",
)
async def test_calls_without_a_pause(served: Served, attacked: bool) -> None:
    replies = [await call(served, b"") for _ in range(65 if attacked else 20)]
    refused = [each for each in replies if each.code is not grpc.StatusCode.OK]
    assert bool(refused) is attacked
    assert {each.reason for each in refused} <= {"TOO_MANY_CALLS"}
    async with served.channel("kent-prison") as channel:  # it is refused for what it is, not for us
        stub: Any = directory_service_pb2_grpc.DirectoryServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as other:
            await stub.ListOrganisations(ListOrganisationsRequest(), timeout=20)
    assert read_refusal(other.value).reason != "TOO_MANY_CALLS"
