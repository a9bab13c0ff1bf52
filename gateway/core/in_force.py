"""What the gateway goes by at one moment, in a form that can be compared with the last that was recorded."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self

Members = dict[str, Any]
"""Members of one record: codes, digests, times as ISO 8601; None where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class KeyInForce:
    """A public key of the directory, or a key pair of the gateway's own.

    Attributes:
        owner: organisation, or `gateway`.
        state: VALID, NOT_YET_VALID, EXPIRED or REVOKED; HELD for a private half that is here.
        since: from when it is valid, ISO 8601; None for a private half.
        until: until when.
    """

    owner: str
    state: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Versioned:
    """A rulebook or a directory.

    Attributes:
        version: edition or serial.
        digest: of the whole content.
        since: from when it applies, ISO 8601.
        until: until when.
    """

    version: str
    digest: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """Everything that decisions, signatures and letters rest on.

    Attributes:
        directory: serial and digest.
        rulebook: edition and digest.
        keys: the directory's, by key id.
        own: the gateway's private keys, by key id.
    """

    directory: Versioned
    rulebook: Versioned
    keys: Mapping[str, KeyInForce]
    own: Mapping[str, KeyInForce]

    def written(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def read(cls, text: str) -> Self:
        """What `written` wrote."""
        made = json.loads(text)
        return cls(
            directory=Versioned(**made["directory"]),
            rulebook=Versioned(**made["rulebook"]),
            keys={kid: KeyInForce(**each) for kid, each in made["keys"].items()},
            own={kid: KeyInForce(**each) for kid, each in made["own"].items()},
        )


_NOTHING = Versioned("", "")


def rulebook_changes(before: InForce | None, now: InForce) -> Iterator[Members]:
    """At most one: decisions go by another rulebook."""
    yield from _replaced(before.rulebook if before else _NOTHING, now.rulebook)


def directory_changes(before: InForce | None, now: InForce) -> Iterator[Members]:
    """At most one: another directory, and the keys that came, went or ended with it."""
    touched = sorted({members["item"] for members in key_changes(before, now)})
    for members in _replaced(before.directory if before else _NOTHING, now.directory):
        yield members | {"items": touched or None}


def key_changes(before: InForce | None, now: InForce) -> Iterator[Members]:
    """One for each key of the directory that is new, ended, was revoked or is no longer listed."""
    had = before.keys if before else {}
    for kid in sorted({*had, *now.keys}):
        old, new = had.get(kid), now.keys.get(kid)
        if old is None or new is None or old.state != new.state or old.until != new.until:
            yield _key(kid, new or old, _became(old, new))


def own_changes(before: InForce | None, now: InForce) -> Iterator[Members]:
    """One for each private key of the gateway that came or was destroyed. Nothing of it but its id."""
    had = before.own if before else {}
    for kid in sorted(set(now.own) - set(had)):
        yield _key(kid, now.own[kid], "HELD")
    for kid in sorted(set(had) - set(now.own)):
        yield _key(kid, replace(had[kid], since=None, until=None), "DESTROYED")


def key_state(refusal: str | None) -> str:
    """The state of a key, from why it is not usable (`KeyRecord.refusal_at`)."""
    return "VALID" if refusal is None else refusal.removeprefix("key_").upper()


def iso(moment: datetime | None) -> str | None:
    """A time as it stands in a record."""
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def _replaced(old: Versioned, new: Versioned) -> Iterator[Members]:
    if (old.version, old.digest) != (new.version, new.digest):
        yield {
            "version": new.version,
            "digest": new.digest,
            "version_before": old.version or None,
            "digest_before": old.digest or None,
            "valid_from": new.since,
            "until": new.until,
        }


def _became(old: KeyInForce | None, new: KeyInForce | None) -> str:
    if new is None:
        return "REMOVED"
    if new.state in ("EXPIRED", "REVOKED"):
        return new.state
    return "ADDED" if old is None else "CHANGED"


def _key(kid: str, key: KeyInForce | None, change: str) -> Members:
    assert key is not None  # noqa: S101  # one of the two is there; for the type checker
    return {
        "item": kid,
        "change": change,
        "organisation": key.owner,
        "valid_from": key.since,
        "until": key.until,
    }
