"""A channel to your own agency's service, and its refusals in a form that a program can act on."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from grpc_status import rpc_status

DEADLINE_S = 15.0  # each call has one: what is not answered in time is tried again with the same request id


@dataclass(frozen=True)
class Refusal:
    """Why a call was refused: the code, the stable reason, what to do, and the fields at fault."""

    code: grpc.StatusCode
    reason: str
    advice: str
    fields: dict[str, str]


def parser(description: str | None) -> argparse.ArgumentParser:
    """Where the service is, and the folder with `client.crt`, `client.key` and `authority.crt`."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--address", required=True, help="host:port of your own agency's service")
    made.add_argument("--certificates", required=True, type=Path, help="folder of the caller's certificate")
    return made


def connect(address: str, certificates: Path) -> grpc.Channel:
    """Open a channel over mutual TLS, with your system's token and the person's on every call."""
    credentials = grpc.ssl_channel_credentials(
        root_certificates=(certificates / "authority.crt").read_bytes(),
        private_key=(certificates / "client.key").read_bytes(),
        certificate_chain=(certificates / "client.crt").read_bytes(),
    )
    with_tokens = grpc.composite_channel_credentials(
        credentials, grpc.metadata_call_credentials(Tokens(certificates))
    )
    # A delivery may be larger than gRPC's default of 4 MiB: it carries the document and its proofs.
    return grpc.secure_channel(address, with_tokens, [("grpc.max_receive_message_length", 16 << 20)])


class Tokens(grpc.AuthMetadataPlugin):
    """Puts on each call the two tokens that `tokens.py` has written beside the certificate."""

    def __init__(self, certificates: Path) -> None:
        self._file = certificates / "tokens.json"

    def __call__(self, _context: Any, callback: Any) -> None:
        """Read them anew: they last some minutes, and whoever renews them writes the file again."""
        tokens = json.loads(self._file.read_text(encoding="utf-8"))
        callback((("authorization", f"Bearer {tokens['system']}"), ("ppg-person", tokens["person"])), None)


def read_refusal(error: Any) -> Refusal:
    """Read `google.rpc.Status` with its `ErrorInfo` and `BadRequest`, where the service sent them."""
    info, bad, status = ErrorInfo(), BadRequest(), rpc_status.from_call(error)
    for detail in status.details if status else ():
        _ = detail.Unpack(info) or detail.Unpack(bad)
    fields = {violation.field: violation.description for violation in bad.field_violations}
    return Refusal(error.code(), info.reason, error.details(), fields)
