"""What one kind of agency service is: a declaration, never a fork (docs/design.md, section 7)."""

import re
from dataclasses import dataclass
from typing import Final

from publicprotection.common.v1.organisation_pb2 import ORGANISATION_KIND_UNSPECIFIED, OrganisationKind

_ROLE: Final = re.compile(r"[a-z][a-z0-9_]*")
_SERVICE: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*\.[A-Z][A-Za-z0-9]*")


class ProfileError(Exception):
    """A profile contradicts itself, or names a service that the process cannot offer."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The declaration of one role.

    Attributes:
        role: its name, as its folder is called.
        kinds: the kinds of organisation that may run it, by the directory.
        service: full name of the gRPC service whose verbs it offers, such as `package.v1.RoleService`. The
            module that declares the profile imports the stub, so that the name can be found.

    Raises:
        ProfileError: a name is malformed, or no kind is allowed.
    """

    role: str
    kinds: "frozenset[OrganisationKind.ValueType]"
    service: str

    def __post_init__(self) -> None:
        if not _ROLE.fullmatch(self.role):
            raise ProfileError(f"role {self.role!r}: use lower-case letters, digits and underscores")
        if not _SERVICE.fullmatch(self.service):
            raise ProfileError(
                f"service {self.service!r}: give the full name, such as package.v1.RoleService"
            )
        if not self.kinds or ORGANISATION_KIND_UNSPECIFIED in self.kinds:
            raise ProfileError(f"role {self.role!r}: name the kinds of organisation that may run it")
