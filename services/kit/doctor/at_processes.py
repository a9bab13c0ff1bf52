"""Checks of running processes: one's own, and the gateway. Each step is told apart: TCP, TLS, health."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import grpc
from cryptography import x509
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from services.kit.certificates import name_organisations
from services.kit.credentials import CredentialError, TlsIdentity, read_tls
from services.kit.directory import GATEWAY
from services.kit.doctor.finding import Finding, failed, passed, warned
from services.kit.doctor.patient import Patient
from services.kit.doctor.wire import UnreachableError, reach, secure
from services.kit.rpc.health import TIME_KEY

_CALL_S: Final = 5.0
_CHECK: Final = "/grpc.health.v1.Health/Check"
_LOOPBACK: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # where to call who listens on all
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


def check_gateway(patient: Patient) -> Iterator[Finding]:
    """Whether the gateway answers; the gateway itself has none."""
    if patient.gateway is not None:
        host, _, port = patient.gateway.rpartition(":")
        yield from _visit(patient, "gateway", (host.strip("[]"), int(port)), GATEWAY)


def check_process(patient: Patient) -> Iterator[Finding]:
    """Whether one's own process runs, and what its health says."""
    host, port = _LOOPBACK.get(patient.listen.host, patient.listen.host), patient.listen.port
    if not port:
        yield passed("process", "not asked: it takes any free port")
        return
    try:
        with reach(host, port):
            pass
    except UnreachableError:
        yield warned(
            "process", f"does not run: nothing listens on {host}:{port}. Start it when the rest is well"
        )
        return
    yield from _visit(patient, "process", (host, port), patient.owner, tuple(_ADVICE))


def _visit(
    patient: Patient, check: str, address: tuple[str, int], organisation: str, parts: tuple[str, ...] = ()
) -> Iterator[Finding]:
    host, port = address
    tls = patient.tls
    try:
        identity = read_tls(tls.certificate_file, tls.key_file, tls.authority_file)
        with (
            reach(host, port) as connection,
            secure(
                connection, host, tls.authority_file, (tls.certificate_file, tls.key_file), "h2"
            ) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
    except (UnreachableError, CredentialError) as error:
        yield failed(check, str(error))
        return
    named = name_organisations(x509.load_der_x509_certificate(shown)) if shown else frozenset()
    if named != {organisation}:
        other = ", ".join(sorted(named)) or "no organisation"
        yield failed(
            check, f"{host}:{port} shows a certificate of {other}, and not of {organisation}: correct it"
        )
        return
    yield from _ask(patient, check, _join(host, port), identity, parts)


def _join(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _ask(
    patient: Patient, check: str, address: str, identity: TlsIdentity, parts: tuple[str, ...]
) -> Iterator[Finding]:
    credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate)
    with grpc.secure_channel(address, credentials) as channel:
        try:
            answer, told = _health(channel, "")
        except grpc.RpcError as error:
            yield _refused(check, error)
            return
        if told is not None:
            patient.note(f"the {check}'s clock", told, is_now=True)
        yield _whole(check, answer)
        for part in parts:
            yield from _part(channel, check, part)


def _whole(check: str, answer: int) -> Finding:
    if answer == HealthCheckResponse.SERVING:
        return passed(check, "answers over mutual TLS, and serves")
    return failed(
        check, "answers, and says that it does not serve: see its log and the checks around this one"
    )


def _part(channel: grpc.Channel, check: str, part: str) -> Iterator[Finding]:
    try:
        answer, _ = _health(channel, part)
    except grpc.RpcError:
        return  # a part that this process does not have
    if answer != HealthCheckResponse.SERVING:
        yield warned(f"{check}-{part}", f"{_ADVICE[part]}: see its log, and docs/keys.md")


def _refused(check: str, error: grpc.RpcError) -> Finding:
    code = getattr(error, "code", lambda: None)()  # not every RpcError is a call
    if code is grpc.StatusCode.UNAVAILABLE:
        return failed(
            check, "speaks TLS and takes no calls: it refuses our certificate, or is stopping. See its log"
        )
    name = code.name if code else "no status"
    return failed(
        check, f"refuses to be asked for its health ({name}): have its operator look at who may call it"
    )


def _health(channel: grpc.Channel, part: str) -> tuple[int, datetime | None]:
    ask: Any = channel.unary_unary(
        _CHECK,
        request_serializer=HealthCheckRequest.SerializeToString,
        response_deserializer=HealthCheckResponse.FromString,
    )
    answer, call = ask.with_call(HealthCheckRequest(service=part), timeout=_CALL_S)
    told = dict(call.trailing_metadata() or ()).get(TIME_KEY)
    return int(answer.status), _read_time(told)


def _read_time(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except ValueError:
        return None
