"""Makes a console of its settings: channels, tokens, provider, sessions."""

from functools import partial

import grpc
from flask import Flask

from services.console.application import Parts, make_application
from services.console.background import Background
from services.console.calls import Backend, RenewedBackend
from services.console.evidence import EXTENSION, Evidence
from services.console.provider import OpenIdProvider, system_token, trust_of
from services.console.renewed import EXTENSION as CERTIFICATE
from services.console.renewed import Renewed
from services.console.sessions import Sessions
from services.console.settings import Settings, lifetimes_of
from services.kit.clock import Clock
from services.kit.credentials import CredentialError, TlsIdentity, read_tls
from services.kit.directory import GATEWAY
from services.kit.directory_file import inspect_directory
from services.kit.shown import ShownCertificate


def compose(settings: Settings, background: Background, clock: Clock) -> Flask:
    """The application.

    Raises:
        CredentialError: certificate, key or authority cannot be used, or the certificate names another
            organisation.
        AssetsError: styles or scripts are not there.
    """
    shown = ShownCertificate(settings.tls, _read_tls(settings), clock)
    backend = partial(_open_backend, settings, background, clock)
    app = make_application(
        Parts(
            organisation=settings.organisation,
            host=settings.host,
            gateway=RenewedBackend(Renewed(shown, partial(backend, GATEWAY, settings.gateway.address))),
            agency=RenewedBackend(
                Renewed(shown, partial(backend, settings.organisation, settings.agency.address))
            ),
            sessions=Sessions(settings.organisation, lifetimes_of(settings.sessions)),
            provider=OpenIdProvider(
                settings, background, clock, Renewed(shown, lambda _: trust_of(settings))
            ),
        )
    )
    app.extensions[CERTIFICATE] = shown
    fingerprint = settings.directory.scheme_key_fingerprint
    app.extensions[EXTENSION] = Evidence(partial(inspect_directory, settings.directory), clock, fingerprint)
    return app


def _read_tls(settings: Settings) -> TlsIdentity:
    files = settings.tls
    tls = read_tls(files.certificate_file, files.key_file, files.authority_file)
    if tls.organisation() != settings.organisation:
        raise CredentialError(
            f"{files.certificate_file}: names another organisation than the settings: use its own certificate"
        )
    return tls


def _open_backend(  # noqa: PLR0913, PLR0917  # whom, where, and as whom
    settings: Settings, background: Background, clock: Clock, service: str, address: str, tls: TlsIdentity
) -> Backend:
    token = system_token(settings, background, clock, service)
    return Backend(_open(address, tls, settings), token, settings.limits.deadline_s)


def _open(address: str, tls: TlsIdentity, settings: Settings) -> grpc.Channel:
    """A channel for all threads; it connects when it is used first, and again whenever it is broken."""
    credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
    options = [("grpc.max_receive_message_length", settings.limits.max_answer_octets)]
    return grpc.secure_channel(address, credentials, options=options)
