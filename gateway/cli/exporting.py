"""`ppg log export`: fetches an export of the log from a gateway, line by line, into a file."""

import argparse
import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import grpc.aio
from publicprotection.oversight.v1 import disclosure_log_service_pb2 as log_pb2
from publicprotection.oversight.v1.disclosure_log_service_pb2_grpc import DisclosureLogServiceStub
from publicprotection.oversight.v1.subject_service_pb2 import Acting

from gateway.cli.identity import NOBODY, read_identity
from services.kit.access.client import CallTokens, TokenUnavailableError
from services.kit.credentials import CredentialError, TlsIdentity
from services.kit.rpc.client import open_channel, read_refusal

WRITTEN, REFUSED, FAULTY = 0, 1, 2
"""Exit statuses: the file is whole; the gateway refused or cannot be reached; a file cannot be used."""

_PREFIX: Final = "LOG_PURPOSE_"
_PURPOSES: Final = [name.removeprefix(_PREFIX) for name in log_pb2.LogPurpose.keys()[1:]]


def add_log_export(actions: Any) -> None:
    """Adds `ppg log export`."""
    export = actions.add_parser("export", help="export the log as a file that proves itself")
    export.add_argument("--gateway", required=True, metavar="HOST:PORT")
    export.add_argument(
        "--identity",
        type=Path,
        required=True,
        metavar="FILE",
        help="which system asks, and where you sign in (docs/identity.md)",
    )
    export.add_argument("--purpose", choices=_PURPOSES, required=True, help="DPA 2018 section 62(4)")
    export.add_argument("--reason", required=True, help="why, in a sentence; it is on record")
    _add_scope(export)
    export.add_argument(
        "--out", type=Path, required=True, metavar="EXPORT.jsonl", help="a file not yet there"
    )
    export.set_defaults(run=_export)


def _add_scope(export: argparse.ArgumentParser) -> None:
    scope = export.add_mutually_exclusive_group(required=True)
    scope.add_argument("--exchange", metavar="ID", help="the records of one exchange")
    scope.add_argument("--subject", metavar="ID", help="the records about one subject, by its made-up id")
    scope.add_argument("--from", dest="since", type=_moment, metavar="TIME", help="a period, with --to")
    scope.add_argument("--all", action="store_true", help="every record")
    export.add_argument("--to", dest="until", type=_moment, metavar="TIME")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _export(options: argparse.Namespace) -> int:
    if (options.since is None) is not (options.until is None):
        return _say(FAULTY, "a period needs both --from and --to")
    if options.out.exists():
        return _say(FAULTY, f"{options.out} is there already: choose another name")
    part = options.out.with_name(f"{options.out.name}.part")
    try:
        identity = read_identity(options.identity)
        tls, tokens = identity.read_tls(), identity.get_tokens()
        octets = asyncio.run(_fetch(options, tls, tokens, part))
        part.rename(options.out)
    except (CredentialError, TokenUnavailableError, OSError, grpc.aio.AioRpcError) as error:
        return _explain(error, options.out)
    finally:
        part.unlink(missing_ok=True)
    print(f"{options.out}: {octets} bytes. `ppg log verify` needs nothing but it and the scheme's public key")
    return WRITTEN


def _explain(error: Exception, out: Path) -> int:
    if isinstance(error, CredentialError):
        return _say(FAULTY, str(error))
    if isinstance(error, TokenUnavailableError):
        return _say(REFUSED, NOBODY)
    if isinstance(error, grpc.aio.AioRpcError):
        refusal = read_refusal(error)
        return _say(REFUSED, f"refused: {refusal.reason or refusal.code.name} {refusal.advice}".rstrip())
    return _say(FAULTY, f"{out}: cannot be written ({type(error).__name__})")


def _say(status: int, what: str) -> int:
    print(what, file=sys.stderr)
    return status


async def _fetch(options: argparse.Namespace, tls: TlsIdentity, tokens: CallTokens, part: Path) -> int:
    """Writes beside the file, which gets its name at the end: a file by that name is whole."""
    octets = 0
    async with open_channel(options.gateway, tls, tokens=tokens) as channel:
        with part.open("wb") as file:
            async for piece in DisclosureLogServiceStub(channel).ExportRecords(_request(options)):
                octets += file.write(piece.lines)
    return octets


def _request(options: argparse.Namespace) -> log_pb2.ExportRecordsRequest:
    request = log_pb2.ExportRecordsRequest(
        purpose=log_pb2.LogPurpose.Value(_PREFIX + options.purpose),
        acting=Acting(reason=options.reason),
    )
    if options.exchange is not None:
        request.exchange_id = options.exchange
    elif options.subject is not None:
        request.subject.subject = options.subject
    elif options.since is not None:
        request.period.since.FromDatetime(options.since)
        request.period.until.FromDatetime(options.until)
    else:
        request.everything.SetInParent()
    return request
