"""Who acts on the subject register, and for what: committed to in the record, kept encrypted beside it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from publicprotection.oversight.v1 import subject_service_pb2

from gateway.app.ports import Store
from gateway.app.records import commit_under, read_text
from gateway.app.scopes import act_scope
from gateway.app.tools import Tools, Work
from services.kit.access.actor import Actor
from services.kit.evidence.canonical import parse_strictly

Acted = subject_service_pb2.Acted


class UnknownSubjectError(Exception):
    """There is no subject, or no conflict, by that id."""


class SettledError(Exception):
    """What is asked stands already, or was decided before."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does, or asks.

    Attributes:
        actor: who.
        reason: why, in the person's own words.
    """

    actor: Actor
    reason: str

    @property
    def organisation(self) -> str:
        """For whom."""
        return self.actor.organisation


@asynccontextmanager
async def open_work(store: Store, tools: Tools) -> AsyncIterator[Work]:
    """A unit of work that writes; durable, with its secrets, when the block ends."""
    secrets = tools.key_store.batch()
    async with store.writing() as unit:
        yield Work(unit, tools, secrets, tools.clock.now())
        # Before the commit: a record never lacks the salts and keys of what it commits to.
        await secrets.save()


async def commit_act(work: Work, act: Act, reason_scope: str | None = None) -> dict[str, Any]:
    """Commits to who acts and why: the members of a record that say so, `scope` among them.

    Args:
        work: the unit of work.
        act: what is done.
        reason_scope: with whose data key the reason goes, which may name somebody; None: with the act's.
    """
    who = await commit_actor(work, act.actor)
    scope, reason = who["scope"], {"reason": act.reason}
    own = act_scope(scope)
    if reason_scope is None:  # as many look-ups of keys whether anybody was found or not
        await work.tools.key_store.find_keys([own])
    reason_commitment = await commit_under(work, reason_scope or own, scope, "reason", reason)
    return {**who, "reason_commitment": reason_commitment}


async def commit_actor(work: Work, actor: Actor) -> dict[str, str]:
    """Commits to who acts: the members of a record that say so, `scope` among them."""
    scope, person = work.tools.new_id(), actor.require_person()
    author = {"name": person.name, "role": person.job}
    return {
        "organisation": actor.organisation,
        "author_commitment": await commit_under(work, act_scope(scope), scope, "author", author),
        "scope": scope,
    }


async def read_act(work: Work, scope: str) -> Acted:
    """Who acted and why, as far as it was not erased.

    Raises:
        UnreadableError: what was kept was altered or moved.
    """
    author, reason = await _read(work, scope, "author"), await _read(work, scope, "reason")
    return Acted(person=author.get("name", ""), role=author.get("role", ""), reason=reason.get("reason", ""))


async def _read(work: Work, scope: str, name: str) -> dict[str, str]:
    row = await work.unit.texts.find(scope, name)
    keys = await work.secrets.find_keys([row.key_scope] if row else [])
    if row is None or row.key_scope not in keys:
        return {}
    kept: dict[str, str] = parse_strictly(read_text(row, keys[row.key_scope]))
    return kept
