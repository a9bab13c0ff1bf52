"""One's own keys: which one signs now, which open what arrives, and which are about to end.

The files say what a key is, and the directory says from when to when it may be used: that a key is good is
for the scheme to say, and never for the key's owner.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.kit.directory import Directory
from services.kit.evidence.errors import KeyRefusedError
from services.kit.evidence.keys import DecryptionKey, KeyRecord, SigningKey

SIGNING: Final = "signing"
ENCRYPTION: Final = "encryption"


class NoSigningKeyError(Exception):
    """No key of ours may sign now; says what to do.

    Attributes:
        reason: why the last one may not, a code of `KeyRecord.refusal_at`.
    """

    def __init__(self, owner: str, reason: str) -> None:
        super().__init__(
            f"no signing key of {owner} may be used now ({reason}): make one with `keys new` and have the "
            "scheme publish it in the directory"
        )
        self.reason = reason


@dataclass(frozen=True, slots=True)
class KeyState:
    """One of our keys, as the directory knows it.

    Attributes:
        kid: its id.
        use: SIGNING or ENCRYPTION.
        record: what the directory says of it; None if it does not list the key as ours.
        reason: why it is not usable at the moment asked for; None if it is.
    """

    kid: str
    use: str
    record: KeyRecord | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys of one organisation's process, or the gateway's.

    Attributes:
        owner: whose they are.
        signing: private keys that sign.
        decryption: private keys that open what is encrypted to the owner; none that was destroyed.
    """

    owner: str
    signing: tuple[SigningKey, ...]
    decryption: tuple[DecryptionKey, ...] = field(repr=False)

    def signing_key(self, directory: Directory, at: datetime) -> SigningKey:
        """The newest of them that others accept at a moment.

        Raises:
            NoSigningKeyError: the directory lists none of them as ours and valid.
        """
        states = [(key, self._state(directory, key.kid, SIGNING, at)) for key in self.signing]
        usable = [(state.record, key) for key, state in states if state.record and state.reason is None]
        if not usable:
            reasons = [state.reason for _, state in states if state.reason] or ["key_unknown"]
            raise NoSigningKeyError(self.owner, min(reasons))
        return max(usable, key=lambda pair: (pair[0].not_before, pair[1].kid))[1]

    def decryption_key(self, kid: str) -> DecryptionKey:
        """The key of this id, as `decrypt_hop` asks for it; KeyRefusedError if it is not among them."""
        for key in self.decryption:
            if key.kid == kid:
                return key
        raise KeyRefusedError("key_unknown")

    def states(self, directory: Directory, at: datetime) -> list[KeyState]:
        """All of them, signing keys first."""
        named = [(key.kid, SIGNING) for key in self.signing] + [
            (key.kid, ENCRYPTION) for key in self.decryption
        ]
        return [self._state(directory, kid, use, at) for kid, use in named]

    def ending(self, directory: Directory, at: datetime, within: timedelta) -> list[KeyState]:
        """One for each use that has no key valid at the end of that time: the one that lasts longest.

        A use without any key known to the directory is told by the first of its keys.
        """
        found = []
        for use in (SIGNING, ENCRYPTION):
            states = [state for state in self.states(directory, at) if state.use == use]
            if states and not any(_lasts(state, at + within) for state in states):
                found.append(max(states, key=_last_moment))
        return found

    def check(self, directory: Directory, at: datetime) -> str | None:
        """Why nobody could verify what we sign or write to us; None if they can.

        The key that others encrypt to by this directory must be among ours.
        """
        try:
            self.signing_key(directory, at)
            return self._missing(directory.keys.encryption_key(self.owner, at).kid)
        except (NoSigningKeyError, KeyRefusedError) as error:
            return error.reason

    def _missing(self, kid: str) -> str | None:
        return None if kid in {key.kid for key in self.decryption} else "key_file_missing"

    def _state(self, directory: Directory, kid: str, use: str, at: datetime) -> KeyState:
        record = directory.keys.record(kid)
        if record is None or record.key.owner != self.owner:
            return KeyState(kid, use, None, "key_unknown")
        return KeyState(kid, use, record, record.refusal_at(at))


def _lasts(state: KeyState, moment: datetime) -> bool:
    return state.record is not None and state.record.refusal_at(moment) is None


def _last_moment(state: KeyState) -> float:
    return 0.0 if state.record is None else state.record.not_after.timestamp()
