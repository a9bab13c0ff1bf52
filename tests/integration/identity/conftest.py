"""The bundled provider over TLS, as its callers meet it."""

import ssl
from collections.abc import Iterator

import httpx
import pytest

from tests.support.provider import Provider, serving, write_provider


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with serving(write_provider(tmp_path_factory.mktemp("provider"))) as running:
        yield running


@pytest.fixture
def client(provider: Provider) -> Iterator[httpx.Client]:
    """The client's system, which shows its certificate."""
    with httpx.Client(base_url=provider.issuer, verify=trust(provider, own=True)) as opened:
        yield opened


@pytest.fixture
def person(provider: Provider) -> Iterator[httpx.Client]:
    """A person's browser, which has no certificate."""
    with httpx.Client(base_url=provider.issuer, verify=trust(provider, own=False)) as opened:
        yield opened


def trust(provider: Provider, *, own: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=provider.files.authority)
    if own:
        context.load_cert_chain(provider.files.certificate, provider.files.key)
    return context
