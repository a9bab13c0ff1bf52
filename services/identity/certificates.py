"""The certificate by which a client made itself known on this connection, as the server passes it on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.kit.access.binding import thumbprint
from services.kit.credentials import CredentialError, TlsIdentity


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate that the TLS layer has verified against the authority in the settings.

    Attributes:
        organisation: the only one that it names.
        thumbprint: RFC 8705 section 3.1.
    """

    organisation: str
    thumbprint: str


def read_certificate(environment: Mapping[str, Any]) -> ClientCertificate | None:
    """The certificate of a connection; None if none was shown, or it does not name one organisation.

    Args:
        environment: of WSGI, as cheroot fills it in from the TLS connection; no header can.
    """
    if environment.get("SSL_CLIENT_VERIFY") != "SUCCESS":
        return None
    pem = str(environment["SSL_CLIENT_CERT"]).encode()
    try:
        organisation = TlsIdentity(certificate=pem, key=b"", authority=b"").organisation()
    except CredentialError:
        return None
    return ClientCertificate(organisation, thumbprint(pem))
