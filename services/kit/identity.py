"""Whether a process is who its settings say: profile, directory, certificate and keys agree."""

from datetime import datetime

from publicprotection.common.v1.organisation_pb2 import OrganisationKind
from publicprotection.exchange.v1.directory_service_pb2 import Organisation

from services.kit.credentials import Credentials
from services.kit.directory import Directory
from services.kit.profile import Profile


class IdentityError(Exception):
    """Settings, certificate, keys and directory contradict each other; says what to do."""


def check_identity(profile: Profile, credentials: Credentials, directory: Directory, at: datetime) -> None:
    """Checks that this process may run this role for this organisation.

    Raises:
        IdentityError: the directory does not list the organisation, or lists it with a kind that another role
            serves; the certificate names another; or the directory lacks its keys, so that nobody could
            verify what it signs or encrypt to it.
    """
    name = credentials.ring.owner
    own = directory.organisation(name)
    if own is None:
        raise IdentityError(f"{name} is not in the directory: correct `organisation` in the settings")
    _check_kind(profile, own)
    if credentials.tls.organisation() != name:
        raise IdentityError(f"the TLS certificate names another organisation than {name}: issue its own")
    _check_keys(credentials, directory, at)


def _check_kind(profile: Profile, own: Organisation) -> None:
    if own.kind not in profile.kinds:
        kind = OrganisationKind.Name(own.kind)
        raise IdentityError(
            f"{own.organisation} is {kind} in the directory, which the role {profile.role} does not serve: "
            "start the role that does"
        )


def _check_keys(credentials: Credentials, directory: Directory, at: datetime) -> None:
    name = credentials.ring.owner
    reason = credentials.ring.check(directory, at)
    if reason == "key_file_missing":
        raise IdentityError(
            f"the directory's keys of {name} are not those in the key files: correct the paths, or have "
            "the scheme publish the new keys"
        )
    if reason is not None:
        raise IdentityError(
            f"the directory has no usable keys of {name} ({reason}): have the scheme publish them"
        )
