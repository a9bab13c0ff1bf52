"""One gRPC call as octets on the wire (RFC 9113, RFC 7541): for what no client of gRPC would send."""

import socket
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from services.kit.credentials import TlsIdentity

_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_DATA, _HEADERS, _RESET, _SETTINGS, _GOAWAY = 0, 1, 3, 4, 7
_END_STREAM, _END_HEADERS, _ACKNOWLEDGED = 0x1, 0x4, 0x1
_LARGEST: Final = 16_384
_PATIENCE_S: Final = 20.0


class Ending(NamedTuple):
    """How a call ended: octets of answers, and whether the peer broke it off."""

    answered: int
    reset: bool


def call_raw(  # noqa: PLR0917  # what a call is made of
    address: str,
    tls: TlsIdentity,
    folder: Path,
    method: str,
    headers: Sequence[tuple[str, str]],
    message: bytes,
    *,
    compressed: bool = False,
) -> Ending:
    """Sends one request with these headers, whatever octets they hold, and reads how it ends."""
    pseudo = [(":method", "POST"), (":scheme", "https"), (":path", method), (":authority", "localhost")]
    fixed = [("content-type", "application/grpc"), ("te", "trailers")]
    block = b"".join(_literal(*each) for each in (*pseudo, *fixed, *headers))
    body = bytes([compressed]) + len(message).to_bytes(4) + message
    pieces = [body[at : at + _LARGEST] for at in range(0, len(body), _LARGEST)]
    with _connect(address, tls, folder) as connection:
        connection.sendall(_PREFACE + _frame(_SETTINGS, 0, 0, b"") + _frame(_HEADERS, _END_HEADERS, 1, block))
        for number, piece in enumerate(pieces, start=1):
            connection.sendall(_frame(_DATA, _END_STREAM if number == len(pieces) else 0, 1, piece))
        return _read(connection)


def _connect(address: str, tls: TlsIdentity, folder: Path) -> ssl.SSLSocket:
    pem = folder / "raw.pem"
    pem.write_bytes(tls.certificate + tls.key)
    context = ssl.create_default_context(cadata=tls.authority.decode())
    context.check_hostname = False
    context.load_cert_chain(pem)
    context.set_alpn_protocols(["h2"])
    host, _, port = address.rpartition(":")
    return context.wrap_socket(socket.create_connection((host, int(port)), timeout=_PATIENCE_S))


def _read(connection: ssl.SSLSocket) -> Ending:
    answered = 0
    with connection.makefile("rb") as stream:
        while head := stream.read(9):
            kind, flags, payload = head[3], head[4], stream.read(int.from_bytes(head[:3]))
            if kind == _SETTINGS and not flags & _ACKNOWLEDGED:
                connection.sendall(_frame(_SETTINGS, _ACKNOWLEDGED, 0, b""))
            answered += len(payload) if kind == _DATA else 0
            if kind in (_RESET, _GOAWAY):
                return Ending(answered, reset=True)
            if kind == _HEADERS and flags & _END_STREAM:
                return Ending(answered, reset=False)
    return Ending(answered, reset=True)


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def _literal(name: str, value: str) -> bytes:
    """A header without compression or an entry in a table (RFC 7541 6.2.2)."""
    return b"\0" + _string(name.encode("latin-1")) + _string(value.encode("latin-1"))


def _string(text: bytes) -> bytes:
    if len(text) < 0x7F:
        return bytes([len(text)]) + text
    rest, written = len(text) - 0x7F, bytearray([0x7F])
    while rest > 0x7F:
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes(written) + bytes([rest]) + text
