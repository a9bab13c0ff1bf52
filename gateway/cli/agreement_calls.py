"""`ppg agreement list, show, diff, import, export, sign`: what the gateway's database holds, over gRPC."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc.aio
from publicprotection.oversight.v1 import agreement_service_pb2 as pb2
from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceStub

from gateway.cli.identity import NOBODY, read_identity
from services.kit.access.client import TokenUnavailableError
from services.kit.credentials import CredentialError
from services.kit.rpc.client import open_channel, read_refusal

if TYPE_CHECKING:
    from publicprotection.oversight.v1.agreement_service_pb2_grpc import AgreementServiceAsyncStub

DONE, REFUSED, FAULTY = 0, 1, 2
"""Exit statuses: done; the gateway refused or cannot be reached; a file cannot be used."""

_TIMEOUT_S: Final = 60
_STANDING: Final = "AGREEMENT_STANDING_"
_CHANGE: Final = "AGREEMENT_CHANGE_"

_Work = Callable[["AgreementServiceAsyncStub", argparse.Namespace], Awaitable[None]]


def add_calls(actions: Any) -> None:
    """Adds the actions that ask the gateway."""
    _add(actions, "list", "agreements, where each stands, and who has still to sign", _list)
    show = _add(actions, "show", "one version in words: parties, clauses, what it changes", _show)
    _add_named(show, "the latest that all have signed")
    diff = _add(actions, "diff", "what is different from one version to another, clause by clause", _diff)
    diff.add_argument("agreement", metavar="ID")
    for name in ("from_version", "to_version"):
        diff.add_argument(name, metavar="VERSION")
    propose = _add(actions, "import", "propose versions from files; all parties sign afterwards", _import)
    propose.add_argument("files", nargs="+", type=Path, metavar="FILE.yaml")
    propose.add_argument("--reason", default="", help="why, for those who are to sign")
    export = _add(actions, "export", "write versions as files, as `import` and `check` read them", _export)
    export.add_argument("folder", type=Path)
    export.add_argument("--all", action="store_true", help="every version, not only those in force")
    sign = _add(actions, "sign", "sign a version, by the digest of the text that you read", _sign)
    sign.add_argument("agreement", metavar="ID")
    for name in ("version", "digest"):
        sign.add_argument(name, metavar=name.upper())


def _add(actions: Any, name: str, says: str, work: _Work) -> argparse.ArgumentParser:
    action: argparse.ArgumentParser = actions.add_parser(name, help=says)
    action.add_argument("--gateway", required=True, metavar="HOST:PORT")
    says = "which system asks, and where you sign in (docs/identity.md)"
    action.add_argument("--identity", type=Path, required=True, metavar="FILE", help=says)
    action.set_defaults(run=lambda options: _run(work, options))
    return action


def _add_named(action: argparse.ArgumentParser, otherwise: str) -> None:
    action.add_argument("agreement", metavar="ID")
    action.add_argument("--version", default="", help=f"if not given: {otherwise}")


def _run(work: _Work, options: argparse.Namespace) -> int:
    try:
        identity = read_identity(options.identity)
        tls, tokens = identity.read_tls(), identity.get_tokens()

        async def call() -> None:
            async with open_channel(options.gateway, tls, tokens=tokens) as channel:
                await work(AgreementServiceStub(channel), options)

        asyncio.run(call())
    except CredentialError as error:
        return _say(FAULTY, str(error))
    except OSError as error:
        return _say(FAULTY, f"{error.filename or 'a file'} cannot be used ({type(error).__name__})")
    except TokenUnavailableError:
        return _say(REFUSED, NOBODY)
    except grpc.aio.AioRpcError as error:
        return _say(REFUSED, "\n".join(_explain(error)))
    return DONE


def _explain(error: grpc.aio.AioRpcError) -> Iterable[str]:
    refusal = read_refusal(error)
    yield f"refused: {refusal.reason or refusal.code.name} {refusal.advice}".rstrip()
    for each in refusal.violations:
        yield f"  {each.field}: {each.advice}"


def _say(status: int, what: str) -> int:
    print(what, file=sys.stderr)
    return status


async def _list(stub: "AgreementServiceAsyncStub", _: argparse.Namespace) -> None:
    found = await stub.ListAgreements(pb2.ListAgreementsRequest(), timeout=_TIMEOUT_S)
    for each in found.agreements:
        print("\n  ".join(_summary(each)))


async def _show(stub: "AgreementServiceAsyncStub", options: argparse.Namespace) -> None:
    request = pb2.GetAgreementRequest(agreement_id=options.agreement, version=options.version)
    found = await stub.GetAgreement(request, timeout=_TIMEOUT_S)
    print("\n  ".join(_summary(found.agreement)))
    for clause in found.clauses:
        print(f"clause {clause.clause} ({clause.paragraph}): {clause.words}")
    _print_differences(found.differences)


async def _diff(stub: "AgreementServiceAsyncStub", options: argparse.Namespace) -> None:
    named = {name: getattr(options, name) for name in ("from_version", "to_version")}
    request = pb2.CompareAgreementsRequest(agreement_id=options.agreement, **named)
    _print_differences((await stub.CompareAgreements(request, timeout=_TIMEOUT_S)).differences)


async def _import(stub: "AgreementServiceAsyncStub", options: argparse.Namespace) -> None:
    for file in options.files:
        text = file.read_text(encoding="utf-8")
        request = pb2.ProposeAgreementRequest(yaml=text, reason=options.reason)
        done = await stub.ProposeAgreement(request, timeout=_TIMEOUT_S)
        print("\n  ".join(_summary(done.agreement)))
        _print_differences(done.differences)


async def _export(stub: "AgreementServiceAsyncStub", options: argparse.Namespace) -> None:
    wanted = [] if options.all else [pb2.AGREEMENT_STANDING_IN_FORCE]
    listed = await stub.ListAgreements(pb2.ListAgreementsRequest(standings=wanted), timeout=_TIMEOUT_S)
    options.folder.mkdir(parents=True, exist_ok=True)
    for each in listed.agreements:
        request = pb2.GetAgreementRequest(agreement_id=each.agreement_id, version=each.version)
        found = await stub.GetAgreement(request, timeout=_TIMEOUT_S)
        name = f"{each.agreement_id}-{each.version}.yaml" if options.all else f"{each.agreement_id}.yaml"
        with (options.folder / name).open("x", encoding="utf-8") as file:  # nothing is written over
            file.write(found.yaml)
        print(options.folder / name)


async def _sign(stub: "AgreementServiceAsyncStub", options: argparse.Namespace) -> None:
    request = pb2.SignAgreementRequest(
        agreement_id=options.agreement, version=options.version, digest=options.digest
    )
    done = await stub.SignAgreement(request, timeout=_TIMEOUT_S)
    print("\n  ".join(_summary(done.agreement)))


def _summary(each: pb2.AgreementVersion) -> Iterable[str]:
    standing = pb2.AgreementStanding.Name(each.standing).removeprefix(_STANDING)
    yield f"{each.agreement_id} version {each.version}: {standing}, {each.title}"
    yield f"digest {each.digest}"
    review = f"review {each.review}{' IS DUE' if each.review_due else ''}"
    yield f"{each.starts} to {each.expiry}, {review}, owner {each.owner}"
    for party in each.parties:
        signed = f", signed by {party.signatures_given} of {party.signatures_needed}"
        stopped = ", SUSPENDED" if party.suspended else ""
        yield f"{party.organisation}: {party.status}{signed if party.signatures_needed else ''}{stopped}"


def _print_differences(differences: Iterable[pb2.AgreementDifference]) -> None:
    for each in differences:
        change = pb2.AgreementChange.Name(each.change).removeprefix(_CHANGE)
        print(f"{change} {each.part}: {each.words}")
