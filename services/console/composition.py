"""Makes a console of its settings: channels, tokens, provider, sessions."""

from functools import partial

import grpc
from flask import Flask

from services.console.application import Parts, make_application
from services.console.background import Background
from services.console.calls import Backend
from services.console.evidence import EXTENSION, Evidence
from services.console.provider import OpenIdProvider, system_tokens
from services.console.sessions import Sessions
from services.console.settings import Settings, lifetimes_of
from services.kit.clock import Clock
from services.kit.credentials import CredentialError, TlsIdentity, read_tls
from services.kit.directory_file import inspect_directory


def compose(settings: Settings, background: Background, clock: Clock) -> Flask:
    """The application.

    Raises:
        CredentialError: certificate, key or authority cannot be used, or the certificate names another
            organisation.
        AssetsError: styles or scripts are not there.
    """
    tls = _read_tls(settings)
    for_gateway, for_agency = system_tokens(settings, background, clock)
    deadline_s = settings.limits.deadline_s
    app = make_application(
        Parts(
            organisation=settings.organisation,
            host=settings.host,
            gateway=Backend(_open(settings.gateway.address, tls, settings), for_gateway, deadline_s),
            agency=Backend(_open(settings.agency.address, tls, settings), for_agency, deadline_s),
            sessions=Sessions(settings.organisation, lifetimes_of(settings.sessions)),
            provider=OpenIdProvider(settings, background, clock),
        )
    )
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


def _open(address: str, tls: TlsIdentity, settings: Settings) -> grpc.Channel:
    """A channel for all threads; it connects when it is used first, and again whenever it is broken."""
    credentials = grpc.ssl_channel_credentials(tls.authority, tls.key, tls.certificate)
    options = [("grpc.max_receive_message_length", settings.limits.max_answer_octets)]
    return grpc.secure_channel(address, credentials, options=options)
