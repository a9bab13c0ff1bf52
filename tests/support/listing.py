"""The register in memory: what the listings come to, said plainly, for comparison with a database."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from publicprotection.oversight.v1 import register_service_pb2 as pb2

from gateway.adapters.database import DatabaseStore
from gateway.app.register.listing import Listed, Part, terms_of
from gateway.app.register.rows import Result
from gateway.app.rows import ExchangeRow, SubmissionRow, SubmissionState
from gateway.app.sight import Sight
from gateway.app.subject_rows import EntryRow, MentionRow

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORGANISATIONS = [f"body-{number}" for number in range(6)]
DOCUMENTS = ["ReleaseNotice", "RestrictionNotice", "ChildReferral"]
RULES = ["MAPPA-21.28", "MAPPA-22.20", "CPF-6.45", "general-sharing", "general-sharing-3"]
SUBJECTS = [f"subject-{number}" for number in range(5)]


@dataclass(frozen=True)
class Made:
    """One exchange: its row, what it is listed by, and whom it names."""

    row: ExchangeRow
    listed: Listed
    subjects: frozenset[str]


def make_exchanges(number: int, seed: int) -> list[Made]:
    """Exchanges at random, some in the same second, some that answer others."""
    chance = random.Random(seed)  # noqa: S311 - the same each time
    made: list[Made] = []
    for each in range(1, number + 1):
        listed = _listed(chance)
        thread = chance.choice(made).row.thread_id if made and chance.random() < 0.3 else f"e-{each}"
        subjects = frozenset(chance.sample(SUBJECTS, chance.randint(1, 2)))
        row = ExchangeRow(
            exchange_id=f"e-{each}",
            sender=listed.sender,
            document_type=listed.document_type,
            purpose=listed.purpose,
            urgency=listed.urgency,
            decided_at=START + timedelta(minutes=each // 2),
            subject_id=min(subjects),
            in_reply_to=None,
            author_commitment="ab" * 32,
            necessity_commitment=None,
            position=each,
            thread_id=thread,
            marking=listed.marking,
            victim=listed.victim,
        )
        made.append(Made(row, listed, subjects))
    return made


def _listed(chance: random.Random) -> Listed:
    sender, *recipients = chance.sample(ORGANISATIONS, chance.randint(2, 4))
    return Listed(
        sender=sender,
        document_type=chance.choice(DOCUMENTS),
        purpose=chance.randint(1, 3),
        urgency=chance.randint(1, 3),
        marking=chance.randint(1, 2),
        victim=chance.random() < 0.2,
        parts=tuple(_part(chance, each) for each in recipients),
        is_recalled=chance.random() < 0.1,
    )


def _part(chance: random.Random, organisation: str) -> Part:
    got = chance.random() < 0.7
    return Part(
        organisation,
        frozenset({chance.choice([Result.RELEASED, Result.RELEASED_IN_PART] if got else [Result.HELD])}),
        frozenset(chance.sample(RULES, chance.randint(0, 3))),
        got=got,
        got_victim=got and chance.random() < 0.2,
        unacknowledged=got and chance.random() < 0.3,
    )


async def keep(store: DatabaseStore, made: Sequence[Made]) -> None:
    """Puts them into a database, in the one transaction that takes no time."""
    async with store.writing() as unit, unit.together():
        await unit.subjects.add([EntryRow(each, START, 0, None) for each in SUBJECTS], [])
        for each in made:
            await unit.submissions.add(_submission(each.row))
            position = await unit.register.add(each.row)
            await unit.listings.add(position, terms_of(each.listed))
            named = [
                MentionRow(who, each.row.exchange_id, "", is_case=False) for who in sorted(each.subjects)
            ]
            await unit.subjects.add([], named)


def _submission(row: ExchangeRow) -> SubmissionRow:
    state, at = SubmissionState.ACCEPTED, row.decided_at
    return SubmissionRow(row.exchange_id, row.sender, "ab" * 32, row.document_type, state, at, at)


def draw_filter(chance: random.Random, made: Sequence[Made], *, people: bool) -> pb2.RegisterFilter:
    """A filter at random: none to four conditions."""
    drawn = pb2.RegisterFilter()
    fields = ["organisations", "document_types", "purposes", "urgencies", "markings", "results", "rules"]
    values: dict[str, Sequence[object]] = {
        "organisations": ORGANISATIONS,
        "document_types": DOCUMENTS,
        "purposes": [1, 2, 3],
        "urgencies": [1, 2, 3],
        "markings": [1, 2],
        "results": [1, 2, 3, 5],
        "rules": RULES,
    }
    for name in chance.sample(fields, chance.randint(0, 3)):
        getattr(drawn, name).extend(chance.sample(list(values[name]), chance.randint(1, 2)))
    if drawn.organisations:
        drawn.part = chance.choice([0, 1, 2])  # type: ignore[assignment]  # numbers of the enumeration
    drawn.victim_information = chance.random() < 0.15
    drawn.not_acknowledged = chance.random() < 0.15
    if people and chance.random() < 0.2:
        drawn.subject = chance.choice(SUBJECTS)
    if chance.random() < 0.15:
        drawn.thread = chance.choice(made).row.exchange_id
    for name in ("since", "until"):
        if chance.random() < 0.2:
            moment = START + timedelta(minutes=chance.randint(0, len(made) // 2))
            getattr(drawn, name).FromDatetime(moment)
    return drawn


def meeting(made: Iterable[Made], asked: pb2.RegisterFilter, sight: Sight) -> list[int]:
    """Positions of those that somebody sees and that meet a filter, oldest first, in so many words."""
    threads = {each.row.exchange_id: each.row.thread_id for each in made}
    return [each.row.position for each in made if _meets(each, asked, threads) and _seen(each, asked, sight)]


def _meets(each: Made, asked: pb2.RegisterFilter, threads: dict[str, str]) -> bool:
    row = each.row
    return all(
        (
            not asked.document_types or row.document_type in asked.document_types,
            not asked.purposes or row.purpose in asked.purposes,
            not asked.urgencies or row.urgency in asked.urgencies,
            not asked.markings or row.marking in asked.markings,
            not asked.subject or asked.subject in each.subjects,
            not asked.thread or threads.get(asked.thread, asked.thread) == row.thread_id,
            not asked.HasField("since") or row.decided_at >= asked.since.ToDatetime(UTC),
            not asked.HasField("until") or row.decided_at < asked.until.ToDatetime(UTC),
        )
    )


def _seen(each: Made, asked: pb2.RegisterFilter, sight: Sight) -> bool:
    """Seen at all, and by what it may be found."""
    listed = each.listed
    if sight.whole or sight.covers([listed.sender]):
        covered = sight.covers([listed.sender, *(part.organisation for part in listed.parts)])
        return covered and _whole(listed, asked)
    own = [part for part in listed.parts if part.got and sight.covers([part.organisation])]
    return any(_told(listed, part, asked) for part in own)


def _whole(listed: Listed, asked: pb2.RegisterFilter) -> bool:
    results = {result for part in listed.parts for result in part.results}
    if listed.is_recalled:
        results = (results - {Result.HELD}) | {Result.RECALLED}
    rules = {rule for part in listed.parts for rule in part.rules}
    recipients = {part.organisation for part in listed.parts}
    return all(
        (
            _took_part(listed.sender, recipients, asked),
            not asked.results or bool(results & set(_results(asked))),
            not asked.rules or bool(rules & set(asked.rules)),
            not asked.victim_information or listed.victim,
            not asked.not_acknowledged or any(part.unacknowledged for part in listed.parts),
        )
    )


def _told(listed: Listed, part: Part, asked: pb2.RegisterFilter) -> bool:
    results = {Result.RECALLED} if listed.is_recalled else set()
    return all(
        (
            _took_part(listed.sender, {part.organisation}, asked),
            not asked.results or bool(results & set(_results(asked))),
            not asked.rules,
            not asked.victim_information or part.got_victim,
            not asked.not_acknowledged or part.unacknowledged,
        )
    )


def _took_part(sender: str, recipients: set[str], asked: pb2.RegisterFilter) -> bool:
    wanted = set(asked.organisations)
    sent = sender in wanted and asked.part != pb2.EXCHANGE_PART_RECIPIENT
    got = bool(recipients & wanted) and asked.part != pb2.EXCHANGE_PART_SENDER
    return not wanted or sent or got


def _results(asked: pb2.RegisterFilter) -> Iterator[Result]:
    for each in asked.results:
        yield Result(pb2.ExchangeResult.Name(each).removeprefix("EXCHANGE_RESULT_"))
