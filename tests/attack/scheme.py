"""The scheme of a few witnesses: everybody's keys, in a signed directory that is renewed on revocation."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from publicprotection.exchange.v1.directory_service_pb2 import (
    KEY_USE_SIGNING,
    Directory,
    Organisation,
    PublicKey,
)

from deploy.local.roster import read_organisations
from services.kit.directory import GATEWAY, sign_directory, verify_directory
from services.kit.evidence.keys import SigningKey
from services.kit.evidence.vouching import OpenTrust
from services.kit.exchange.participant import stamp
from services.kit.log_trust import trust_opener
from tests.support.gateway import Parties

SENDER, RECIPIENT, OTHER = WITNESSES = ("marlfield-prison", "kent-police", "kent-probation")
"""Two of these three are a majority."""

SCHEME: Final = SigningKey.generate(owner="scheme")


@dataclass
class Scheme(Parties):
    """Issues the directory that everybody goes by.

    Attributes:
        former: keys that were replaced, as the directory states them.
        serial: of the directory.
    """

    former: dict[str, list[PublicKey]] = field(default_factory=dict)
    serial: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.issue()

    def issue(self) -> None:
        """Signs the directory anew; everybody has it at once."""
        self.serial += 1
        signed = sign_directory(self._message(read_organisations()), SCHEME)
        self.directory = verify_directory(signed, SCHEME.public, fingerprint=SCHEME.kid)

    def revoke(self, owner: str) -> SigningKey:
        """Gives one of them a new signing key; the old one, which was stolen, is revoked from now on."""
        for entry in self._keys(owner):
            if entry.use == KEY_USE_SIGNING:
                entry.revoked = True
                entry.revoked_at.CopyFrom(stamp(self.clock.now()))
                self.former.setdefault(owner, []).append(entry)
        stolen, self.signing[owner] = self.signing[owner], SigningKey.generate(owner=owner)
        self.issue()
        return stolen

    def opener(self) -> OpenTrust:
        """What an auditor goes by: the scheme's public key and its fingerprint."""
        return trust_opener(SCHEME.public, SCHEME.kid)

    def _message(self, organisations: Iterable[Organisation]) -> Directory:
        message = super()._message(organisations)
        message.serial = max(self.serial, 1)
        message.gateway_keys.extend(self.former.get(GATEWAY, ()))
        for entry in message.organisations:
            entry.witnesses_log = entry.organisation in WITNESSES
            entry.keys.extend(self.former.get(entry.organisation, ()))
        return message
