"""`ppg verify` and `ppg log verify`: evidence, checked with the file and the scheme's public key alone."""

import argparse
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from services.kit.credentials import CredentialError, read_verifying_key
from services.kit.evidence.bundle import Report, verify_bundle
from services.kit.evidence.bundle_faults import explain
from services.kit.evidence.bundle_form import MAX_LINE_OCTETS, ScopeKind
from services.kit.evidence.delivery_evidence import (
    MAX_OCTETS,
    DeliveryReport,
    read_evidence,
    verify_evidence,
)
from services.kit.evidence.errors import BundleRefusedError
from services.kit.evidence.quorum import WITNESSED_WITHIN, Standing
from services.kit.evidence.vouching import OpenTrust
from services.kit.log_trust import trust_opener
from services.kit.subject_access.proof import PackReport, is_pack, verify_pack

PROVEN, REFUSED, FAULTY = 0, 1, 2
"""Exit statuses: all verifies; something does not; a file could not be read."""

_WHAT: Final = {
    ScopeKind.ALL: "everything",
    ScopeKind.PERIOD: "a period",
    ScopeKind.EXCHANGE: "one exchange",
    ScopeKind.SUBJECT: "one subject",
}


def add_verify(commands: Any) -> None:
    """Adds `ppg verify`."""
    verify = commands.add_parser(
        "verify", help="verify the evidence of one delivery, or a subject access pack"
    )
    verify.add_argument("file", type=Path, metavar="EVIDENCE.json")
    verify.add_argument("--pdf", type=Path, help="the letter that belongs to a subject access pack")
    _add_trust(verify)
    verify.set_defaults(run=_verify_delivery)


def add_log_verify(actions: Any) -> None:
    """Adds `ppg log verify`."""
    verify = actions.add_parser("verify", help="verify an export of the log")
    verify.add_argument("file", type=Path, metavar="EXPORT.jsonl")
    _add_trust(verify)
    verify.set_defaults(run=_verify_log)


def _add_trust(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scheme-key", type=Path, required=True, help="the scheme's public key, a JWK")
    parser.add_argument("--fingerprint", required=True, help="of that key, from where you trust it")
    parser.add_argument("--lowest-serial", type=int, default=0, help="refuse older directories")
    parser.add_argument("--at", type=_read_moment, help="verify as of this time, such as 2026-11-23T12:00Z")


def _verify_log(options: argparse.Namespace) -> int:
    def verify(trust: OpenTrust, now: datetime) -> None:
        with options.file.open("rb") as file:
            _print_export(verify_bundle(_lines(file), trust, now=now))

    return _run(options, verify)


def _verify_delivery(options: argparse.Namespace) -> int:
    def verify(trust: OpenTrust, now: datetime) -> None:
        with options.file.open("rb") as file:
            octets = file.read(MAX_OCTETS)
        if is_pack(octets):
            pdf = options.pdf.read_bytes() if options.pdf else None
            _print_pack(verify_pack(octets, pdf, trust, now=now))
        else:
            _print_delivery(verify_evidence(read_evidence(octets), trust, now=now))

    return _run(options, verify)


def _run(options: argparse.Namespace, verify: Callable[[OpenTrust, datetime], None]) -> int:
    """Runs a verification, and says in one line what is wrong where something is."""
    try:
        scheme = read_verifying_key(options.scheme_key, "scheme")
        trust = trust_opener(scheme, options.fingerprint, lowest_serial=options.lowest_serial)
        verify(trust, options.at or datetime.now(UTC))
    except BundleRefusedError as error:
        print(f"{options.file}: NOT PROVEN: {explain(error)}")
        return REFUSED
    except CredentialError as error:
        print(f"ppg: {error}")
        return FAULTY
    return PROVEN


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines, each read no further than the form allows."""
    while line := file.readline(MAX_LINE_OCTETS + 1):
        yield line


def _print_export(report: Report) -> None:
    what = _WHAT[report.scope.kind]
    print(f"{_heading(report.standing)}: {report.records} records about {what}, each as it stands in the log")
    if report.scope.kind in (ScopeKind.ALL, ScopeKind.PERIOD):
        print("complete: none between the first and the last is missing")
    else:
        print("whether the log holds more about it, only an export of everything can show")
    print(f"log: {report.size} records, root {report.root.hex()}, signed {_written(report.signed_at)}")
    print(f"directory: serial {report.serial}")
    print(f"pruned, only the hash is left: {report.pruned}; texts shown: {report.opened}")
    _print_standing(report.standing, report.witnesses, report.uncovered)


def _print_delivery(report: DeliveryReport) -> None:
    said = report.release.statement
    print(f"{_heading(report.standing)}: delivery {said.delivery_id} of exchange {said.exchange_id}")
    print(f"sealed by {said.sender}, for {said.recipient.organisation}, desk {said.recipient.desk}")
    print(f"disclosed: {len(said.disclosed)} leaves; in derived form: {len(said.derived)}")
    print(f"released {_written(said.issued_at)} under rulebook {said.rulebook}")
    if said.not_after is not None:
        print(f"not to be used from {_written(said.not_after)}")
    print(f"on record: {report.index} of {report.size}, under a checkpoint of {_written(report.signed_at)}")
    print(f"directory: serial {report.serial}")
    _print_standing(report.standing, report.witnesses, 1)


def _print_pack(report: PackReport) -> None:
    print(f"PROVEN: answer {report.reference} to a subject access request")
    print(f"signed by {report.organisation}, dated {report.date}")
    print("letter: the one that was signed" if report.pdf else "letter: not checked; name it with --pdf")
    print(f"directory: serial {report.serial}")


def _heading(standing: Standing) -> str:
    return "PROVEN" if standing is Standing.MET else "PROVEN BY THE LOG, NOT YET BY ITS WITNESSES"


def _print_standing(standing: Standing, witnesses: str, uncovered: int) -> None:
    print(f"witnesses: {witnesses}")
    if standing is Standing.PENDING:
        hours = int(WITNESSED_WITHIN.total_seconds() // 3600)
        print(f"NOT YET DUE: {uncovered} of the records are younger than {hours} hours; verify again then")


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("write an offset, such as Z")
    return moment
