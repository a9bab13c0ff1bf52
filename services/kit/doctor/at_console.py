"""Checks of a console: that people can sign in, and that browsers are shown the certificate in its file."""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.serialization import Encoding

from services.kit.certificates import read_certificates
from services.kit.credentials import CredentialError, read_public
from services.kit.doctor.finding import Finding, failed, passed, warned
from services.kit.doctor.own_process import find_fault, own_place
from services.kit.doctor.patient import ConsolePatient
from services.kit.doctor.wire import UnreachableError, reach, secure

_HTTPS: Final = 443
_ANSWER_S: Final = 5.0
_DESCRIPTION: Final = "/.well-known/openid-configuration"


def check_sign_in(patient: ConsolePatient) -> Iterator[Finding]:
    """Whether the provider that people are sent to answers, and says that it is the one named."""
    try:
        named = _ask_issuer(patient)
    except UnreachableError as error:
        yield failed("sign-in", str(error))
        return
    if named != patient.issuer:
        yield failed(
            "sign-in", f"what answers at {patient.issuer} is not that provider: correct sign_in.issuer"
        )
        return
    yield passed("sign-in", f"{patient.issuer} describes itself as what signs people in")


def check_console(patient: ConsolePatient) -> Iterator[Finding]:
    """Whether the console runs, and shows browsers the certificate that lies in its file."""
    place = own_place(patient.listen)
    fault = find_fault(place)
    if fault is not None:
        yield fault
        return
    host = urlsplit(patient.address).hostname or ""
    try:
        with (
            reach(*place) as connection,
            secure(connection, host, patient.tls.authority_file, None) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
    except UnreachableError as error:
        yield failed("process", str(error))
        return
    yield _judge(patient, shown)


def _judge(patient: ConsolePatient, shown: bytes | None) -> Finding:
    file = patient.tls.certificate_file
    try:
        (own, *_) = read_certificates(read_public(file))
    except CredentialError as error:
        return failed("process", f"{file}: {error}")
    if shown != own.public_bytes(Encoding.DER):
        return warned("process", f"shows another certificate than {file}: see its log")
    return passed("process", f"answers browsers over TLS, for {patient.address}")


def _ask_issuer(patient: ConsolePatient) -> str:
    """The name under which the provider describes itself."""
    parts, host = urlsplit(patient.issuer), urlsplit(patient.issuer).hostname or ""
    authority = next(
        (each.ca_file for each in patient.identity.issuers if each.issuer == patient.issuer), None
    )
    with reach(host, parts.port or _HTTPS) as connection, secure(connection, host, authority, None):
        pass
    try:
        trust = ssl.create_default_context(cafile=authority)
        answer = httpx.get(patient.issuer + _DESCRIPTION, verify=trust, trust_env=False, timeout=_ANSWER_S)
    except (httpx.HTTPError, OSError) as error:
        raise UnreachableError(
            f"{patient.issuer}: does not answer ({type(error).__name__}): see its log"
        ) from None
    with suppress(ValueError, AttributeError):
        return str(answer.json().get("issuer", ""))
    return ""
