"""The console's certificate is renewed while it runs: browsers, provider and services see the new one."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import grpc
import pytest
from publicprotection.oversight.v1.register_service_pb2 import ListExchangesRequest
from publicprotection.oversight.v1.register_service_pb2_grpc import RegisterServiceStub

from deploy.certificates import CertificateAuthority, IssuedFiles, write_private
from gateway.rpc.oversight import serve_register
from services.console.calls import Backend, RenewedBackend
from services.console.errors import SignInEndedError
from services.console.renewed import Renewed
from services.kit.clock import FixedClock
from services.kit.credentials import TlsIdentity, read_tls
from services.kit.settings import TlsFiles
from services.kit.shown import ShownCertificate
from tests.support.console import person_of
from tests.support.console_process import ORGANISATION, RunningConsole, run_console
from tests.support.gateway import Parties, open_gateway
from tests.support.identity import issuer
from tests.support.served import serve_gateway_parts


@pytest.fixture
def console(tmp_path: Path) -> Iterator[RunningConsole]:
    with run_console(tmp_path) as running:
        yield running


def renew(files: IssuedFiles, authority: CertificateAuthority, organisation: str = ORGANISATION) -> bytes:
    certificate, key = authority.issue("console", organisation)
    write_private(files.key, key)
    write_private(files.certificate, certificate)
    return ssl.PEM_cert_to_DER_cert(certificate.decode())


def shown(console: RunningConsole) -> bytes:
    """The certificate that a browser is shown now."""
    parts, context = urlsplit(console.address), ssl.create_default_context(cafile=console.files.authority)
    with (
        socket.create_connection((parts.hostname, parts.port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname=parts.hostname) as secured,
    ):
        found = secured.getpeercert(binary_form=True)
        assert found is not None
        return found


def test_browsers_are_shown_the_new_one_and_connections_stay(console: RunningConsole) -> None:
    with console.browser() as browser:
        assert browser.get("/signed-out").is_success
        before = shown(console)

        new = renew(console.files, console.provider.authority)

        assert shown(console) == new != before
        assert browser.get("/signed-out").is_success


def test_people_sign_in_with_it(console: RunningConsole) -> None:
    with console.browser() as browser:
        assert console.sign_in(browser).is_success
    renew(console.files, console.provider.authority)
    with console.browser() as browser:
        assert console.sign_in(browser).is_success


@pytest.mark.parametrize("fault", ["another's", "half a pair", "gone"])
def test_what_cannot_be_shown_changes_nothing(console: RunningConsole, fault: str) -> None:
    before, key = shown(console), console.files.key.read_bytes()
    if fault == "gone":
        console.files.certificate.unlink()
    else:
        renew(
            console.files, console.provider.authority, "kent-probation" if fault[0] == "a" else ORGANISATION
        )
    if fault == "half a pair":
        write_private(console.files.key, key)

    assert shown(console) == before


async def test_services_are_called_with_it_and_with_tokens_that_are_bound_to_it(tmp_path: Path) -> None:
    person = person_of("Ola Brandt")
    async with (
        open_gateway(Parties(), tmp_path) as gateway,
        serve_gateway_parts(gateway, [serve_register(gateway.store, gateway.tools)]) as served,
    ):
        files = served.authority.issue_files(tmp_path / "tls", "console", person.organisation)
        first = read_tls(files.certificate, files.key, files.authority)
        named = TlsFiles(
            certificate_file=files.certificate, key_file=files.key, authority_file=files.authority
        )
        looked = ShownCertificate(named, first, FixedClock(datetime.now(UTC)))

        def connect(tls: TlsIdentity) -> Backend:
            credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
            channel = grpc.secure_channel(f"localhost:{served.port}", credentials)
            return Backend(channel, lambda: issuer().system_token(tls.certificate, person.organisation))

        backend = RenewedBackend(Renewed(looked, connect))

        async def ask(token: str) -> None:
            stub = RegisterServiceStub(backend.bind(token))
            await asyncio.to_thread(stub.ListExchanges, ListExchangesRequest())

        old = issuer().person_token(first.certificate, person)
        await ask(old)
        renew(files, served.authority, person.organisation)

        await ask(issuer().person_token(files.certificate.read_bytes(), person))
        with pytest.raises(SignInEndedError):  # and the browser is sent for another one
            await ask(old)
