"""A certificate is renewed while its process runs: callers see the new one, and those on the line stay."""

import socket
import ssl
from collections.abc import Iterator

import pytest

from deploy.certificates import write_private
from deploy.local.launcher import LocalSystem
from deploy.local.places import Place


@pytest.fixture(params=["gateway", "kent-police"])
def place(request: pytest.FixtureRequest, system: LocalSystem) -> Iterator[Place]:
    world = system.world
    place = world.gateway if request.param == "gateway" else world.agencies[request.param]
    files = [place.folder / "tls/service.crt", place.folder / "tls/service.key"]
    kept = [path.read_bytes() for path in files]
    yield place
    for path, content in zip(files, kept, strict=True):
        write_private(path, content)


def shown(place: Place) -> bytes:
    """The certificate that a process shows now."""
    folder = place.folder / "client"
    context = ssl.create_default_context(cafile=str(folder / "authority.crt"))
    context.load_cert_chain(folder / "client.crt", folder / "client.key")
    context.set_alpn_protocols(["h2"])
    with (
        socket.create_connection(("127.0.0.1", place.port), timeout=10) as connection,
        context.wrap_socket(connection, server_hostname="127.0.0.1") as secured,
    ):
        found = secured.getpeercert(binary_form=True)
        assert found is not None
        return found


def test_callers_see_the_new_certificate_without_a_restart(place: Place, system: LocalSystem) -> None:
    before = shown(place)
    certificate, key = system.world.authority.issue("service", place.name)
    write_private(place.folder / "tls/service.key", key)
    write_private(place.folder / "tls/service.crt", certificate)

    assert shown(place) == ssl.PEM_cert_to_DER_cert(certificate.decode())
    assert shown(place) != before
    assert system.is_serving(place.name)


def test_one_that_cannot_be_shown_changes_nothing(place: Place, system: LocalSystem) -> None:
    before = shown(place)
    certificate, _ = system.world.authority.issue("service", place.name)
    write_private(place.folder / "tls/service.crt", certificate)

    assert shown(place) == before
    assert system.is_serving(place.name)
