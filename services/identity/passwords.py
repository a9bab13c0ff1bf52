"""Passwords: kept as scrypt hashes by werkzeug, and checked in the same time whoever asks."""

import secrets
from typing import Final

from werkzeug.security import check_password_hash, generate_password_hash

SHORTEST: Final = 12
LONGEST: Final = 200
"""Of a password, in characters: a hash of more costs time that whoever types it decides on."""

FORM: Final = r"^scrypt:[0-9]+:[0-9]+:[0-9]+\$[A-Za-z0-9]+\$[0-9a-f]{128}$"

_METHOD: Final = "scrypt"
_NOBODY: Final = generate_password_hash(secrets.token_urlsafe(), method=_METHOD)


class PasswordError(ValueError):
    """A password is too short or too long to be used."""


def hash_password(password: str) -> str:
    """What to keep of a password; PasswordError if it is none to be used."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordError(f"a password has {SHORTEST} to {LONGEST} characters")
    return generate_password_hash(password, method=_METHOD)


def is_password(kept: str | None, typed: str) -> bool:
    """Whether this is the password. For nobody (None) as much is computed: who exists does not show."""
    if len(typed) > LONGEST:
        return False
    return check_password_hash(kept or _NOBODY, typed) and kept is not None
