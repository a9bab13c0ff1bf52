"""Who a verified token speaks of: a system, or a person of its organisation."""

import re
from collections.abc import Mapping
from typing import Any, Final

from services.kit.access.actor import Clearance, Person, Role, System
from services.kit.access.settings import IssuerSettings
from services.kit.access.tokens import Token
from services.kit.rpc.errors import TokenInvalidError, WrongOrganisationError

_ID: Final = re.compile(r"[a-z][a-z0-9-]{1,62}")
_LINE: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]{1,200}")
"""One line that reads as it stands: control characters, and those that turn text round, forge other lines."""

_CLIENT: Final = re.compile(r"[A-Za-z0-9_.:/@-]{1,200}")
_JOB: Final = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
"""As a document's author states a role."""

_ROLES: Final = {role.value: role for role in Role if role is not Role.AGENCY_SYSTEM}
"""What people may act as; nobody becomes a system by a claim."""

_MOST: Final = 100


def read_system(token: Token) -> System:
    """The system that a token was made for.

    Raises:
        TokenInvalidError: a claim is missing or malformed, or it is a person's token.
        WrongOrganisationError: its issuer may not speak for that organisation.
    """
    names = token.issuer.claims
    if names.job in token.claims or names.desk in token.claims:
        raise TokenInvalidError
    client = _read_line(token.claims, names.client)
    if not _CLIENT.fullmatch(client):
        raise TokenInvalidError({"claim": names.client})
    return System(_read_organisation(token), client)


def read_person(token: Token) -> Person:
    """The member of staff that a token was made for.

    Raises:
        TokenInvalidError: a claim is missing or malformed, or it is a system's token.
        WrongOrganisationError: its issuer may not speak for that organisation.
    """
    claims, names = token.claims, token.issuer.claims
    subject = _read_line(claims, "sub")
    if subject == claims.get(names.client):  # RFC 9068 section 5: a client is no resource owner
        raise TokenInvalidError
    return Person(
        subject=subject,
        name=_read_line(claims, names.name),
        job=_read_job(claims, token.issuer),
        roles=_read_roles(claims, token.issuer),
        organisation=_read_organisation(token),
        desk=_read_id(claims, names.desk),
        area=_read_line(claims, names.area) if claims.get(names.area) else "",
        clearances=_read_clearances(claims, names.clearances),
    )


def _read_organisation(token: Token) -> str:
    stated = _read_line(token.claims, token.issuer.claims.organisation)
    organisation = token.issuer.organisation_names.get(stated, stated)
    if organisation not in token.issuer.organisations:
        raise WrongOrganisationError
    return organisation


def _read_job(claims: Mapping[str, Any], issuer: IssuerSettings) -> str:
    stated = _read_line(claims, issuer.claims.job)
    job = issuer.job_names.get(stated, stated)
    if not _JOB.fullmatch(job):
        raise TokenInvalidError({"claim": issuer.claims.job})
    return job


def _read_roles(claims: Mapping[str, Any], issuer: IssuerSettings) -> frozenset[Role]:
    listed = _read_list(claims, issuer.claims.roles)
    # A provider has roles of other systems as well: those that are not ours give nothing.
    known = {**_ROLES, **issuer.role_names}
    return frozenset(known[name] for name in listed if name in known) - {Role.AGENCY_SYSTEM}


def _read_clearances(claims: Mapping[str, Any], name: str) -> frozenset[Clearance]:
    listed = _read_list(claims, name) if name in claims else []
    return frozenset(Clearance(value) for value in listed if value in set(Clearance))


def _read_list(claims: Mapping[str, Any], name: str) -> list[str]:
    value = claims.get(name)
    if not isinstance(value, list) or len(value) > _MOST or not all(isinstance(each, str) for each in value):
        raise TokenInvalidError({"claim": name})
    return value


def _read_id(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise TokenInvalidError({"claim": name})
    return value


def _read_line(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not _LINE.fullmatch(value) or value != value.strip():
        raise TokenInvalidError({"claim": name})
    return value
