"""Checks of running processes: one's own, and the gateway. Each step is told apart: TCP, TLS, health."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import grpc
from cryptography import x509
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from publicprotection.transport.v1.gateway_service_pb2 import (
    PreviewSubmissionRequest,
    PreviewSubmissionResponse,
)

from services.kit.access.client import TokenUnavailableError, metadata_of
from services.kit.certificates import name_organisations
from services.kit.credentials import CredentialError, read_tls
from services.kit.directory import GATEWAY
from services.kit.doctor.at_provider import fetch_token
from services.kit.doctor.finding import Finding, failed, passed, warned
from services.kit.doctor.own_process import find_fault, own_place
from services.kit.doctor.patient import ConsolePatient, Examined
from services.kit.doctor.wire import UnreachableError, reach, secure
from services.kit.rpc.client import read_refusal
from services.kit.rpc.health import TIME_KEY

_CALL_S: Final = 5.0
_CHECK: Final = "/grpc.health.v1.Health/Check"
_PREVIEW: Final = "/publicprotection.transport.v1.GatewayService/PreviewSubmission"
_ADVICE: Final = {
    "store": "the database does not answer",
    "directory": "the directory in force is stale",
    "broker": "the broker is not reached, or asks to pause",
    "directory-is-latest": "the directory's file could not be used; the last good one is in force",
    "directory-is-lasting": "the directory is about to end",
    "keys-are-latest": "a key file cannot be read; the last good keys are in force",
    "keys-are-lasting": "a use has no key that lasts",
    "signing-key": "no key may sign now",
    "certificate-is-latest": "the certificate's files could not be used; the last good ones are in force",
    "certificate-is-lasting": "the certificate is about to end",
}
"""The parts of health that are asked for, and what one that does not serve means."""

Metadata = tuple[tuple[str, str], ...]
Ask = Callable[["Visit", grpc.Channel, Metadata], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a process: for whom, of which check, where, as whom it must show itself, what is asked."""

    patient: Examined
    check: str
    address: tuple[str, int]
    organisation: str
    ask: Ask


def check_gateway(patient: Examined) -> Iterator[Finding]:
    """Whether the gateway answers; the gateway itself has none."""
    if patient.gateway is not None:
        yield from _visit(Visit(patient, "gateway", _part_address(patient.gateway), GATEWAY, _ask_gateway))


def check_agency(patient: ConsolePatient) -> Iterator[Finding]:
    """Whether the service of a console's organisation answers."""
    yield from _visit(Visit(patient, "agency", _part_address(patient.agency), patient.owner, _ask_health))


def check_process(patient: Examined) -> Iterator[Finding]:
    """Whether one's own process runs, and what its health says."""
    place = own_place(patient.listen)
    fault = find_fault(place)
    if fault is not None:
        yield fault
    else:
        yield from _visit(Visit(patient, "process", place, patient.owner, _ask_health))


def _visit(visit: Visit) -> Iterator[Finding]:
    tls, check = visit.patient.tls, visit.check
    try:
        identity = read_tls(tls.certificate_file, tls.key_file, tls.authority_file)
        named = _see(visit)
    except (UnreachableError, CredentialError) as error:
        yield failed(check, str(error))
        return
    if named != {visit.organisation}:
        other = ", ".join(sorted(named)) or "no organisation"
        yield failed(
            check, f"shows a certificate of {other}, and not of {visit.organisation}: correct the address"
        )
        return
    metadata = _metadata(visit.patient, visit.organisation)
    credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate)
    with grpc.secure_channel(_join(*visit.address), credentials) as channel:
        try:
            yield from visit.ask(visit, channel, metadata)
        except grpc.RpcError as error:
            yield _refused(check, error, has_token=bool(metadata))


def _see(visit: Visit) -> frozenset[str]:
    """The organisations that the certificate names which is shown there."""
    (host, port), tls = visit.address, visit.patient.tls
    pair = (tls.certificate_file, tls.key_file)
    with reach(host, port) as connection, secure(connection, host, tls.authority_file, pair, "h2") as secured:
        shown = secured.getpeercert(binary_form=True)
    return name_organisations(x509.load_der_x509_certificate(shown)) if shown else frozenset()


def _part_address(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host.strip("[]"), int(port)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _metadata(patient: Examined, service: str) -> Metadata:
    try:
        token = fetch_token(patient, service)
    except (TokenUnavailableError, CredentialError):
        token = None  # which the check of the token has said
    return () if token is None else tuple(metadata_of(token))


def _ask_gateway(visit: Visit, channel: grpc.Channel, metadata: Metadata) -> Iterator[Finding]:
    """Asks what an agency may ask, and asks it wrongly: who is let in is told that it is wrong."""
    ask: Any = channel.unary_unary(
        _PREVIEW,
        request_serializer=PreviewSubmissionRequest.SerializeToString,
        response_deserializer=PreviewSubmissionResponse.FromString,
    )
    try:
        ask(PreviewSubmissionRequest(), timeout=_CALL_S, metadata=metadata)
    except grpc.RpcError as error:
        if getattr(error, "code", lambda: None)() is not grpc.StatusCode.INVALID_ARGUMENT:
            raise
    yield passed(visit.check, "answers over mutual TLS, and lets this service in")


def _ask_health(visit: Visit, channel: grpc.Channel, metadata: Metadata) -> Iterator[Finding]:
    answer, told = _health(channel, "", metadata)
    if told is not None:
        visit.patient.note(f"the {visit.check}'s clock", told, is_now=True)
    yield _whole(visit.check, answer)
    for part in _ADVICE:
        yield from _part(channel, visit.check, part, metadata)


def _whole(check: str, answer: int) -> Finding:
    if answer == HealthCheckResponse.SERVING:
        return passed(check, "answers over mutual TLS, and serves")
    return failed(
        check, "answers, and says that it does not serve: see its log and the checks around this one"
    )


def _part(channel: grpc.Channel, check: str, part: str, metadata: Metadata) -> Iterator[Finding]:
    try:
        answer, _ = _health(channel, part, metadata)
    except grpc.RpcError:
        return  # a part that this process does not have
    if answer != HealthCheckResponse.SERVING:
        yield warned(f"{check}-{part}", f"{_ADVICE[part]}: see its log, and docs/keys.md")


def _refused(check: str, error: grpc.RpcError, *, has_token: bool) -> Finding:
    code = getattr(error, "code", lambda: None)()  # not every RpcError is a call
    if code is grpc.StatusCode.UNAVAILABLE:
        return failed(
            check, "speaks TLS and takes no calls: it refuses our certificate, or is stopping. See its log"
        )
    if code is grpc.StatusCode.UNAUTHENTICATED and not has_token:
        return passed(check, "answers over mutual TLS; its health is for callers with a token")
    reason = read_refusal(error).reason  # type: ignore[arg-type]  # one of a call that waited
    return failed(check, f"does not let this service in ({reason or code}): {_details(error)}")


def _details(error: grpc.RpcError) -> str:
    """The advice that our refusals carry: a fixed text."""
    return str(getattr(error, "details", str)() or "have its operator look at who may call it")


def _health(channel: grpc.Channel, part: str, metadata: Metadata) -> tuple[int, datetime | None]:
    ask: Any = channel.unary_unary(
        _CHECK,
        request_serializer=HealthCheckRequest.SerializeToString,
        response_deserializer=HealthCheckResponse.FromString,
    )
    answer, call = ask.with_call(HealthCheckRequest(service=part), timeout=_CALL_S, metadata=metadata)
    told = dict(call.trailing_metadata() or ()).get(TIME_KEY)
    return int(answer.status), _read_time(told)


def _read_time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None
