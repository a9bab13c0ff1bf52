"""The members of log entries: what each says, what it looks like, and who may see it.

A member is declared here once, whichever records carry it (gateway.core.log.entries). None holds a name or
a text: those stand as salted commitments, and encrypted outside of the log (design section 6).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from gateway.core.log.shapes import Shape


class Seen(IntEnum):
    """Who may see a member, besides the co-ordination unit; a sender sees what a recipient may."""

    UNIT = 0
    """Nobody: it may say what neither side is told."""
    SENDER = 1
    """The organisation whose act the record is."""
    RECIPIENT = 2
    """The organisation that something went to as well."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member.

    Attributes:
        name: in the entry.
        shape: what it looks like.
        says: what it means, as a sentence.
        seen: who may see it.
        paragraphs: what asks for it.
    """

    name: str
    shape: Shape
    says: str
    seen: Seen = Seen.SENDER
    paragraphs: str = ""


def _of(seen: Seen, *rows: tuple[str, Shape, str] | tuple[str, Shape, str, str]) -> Iterable[Member]:
    for row in rows:
        yield Member(row[0], row[1], row[2], seen, row[3] if len(row) > 3 else "")  # noqa: PLR2004  # optional


_FRAME: Final = tuple(
    _of(
        Seen.RECIPIENT,
        ("v", Shape.NUMBER, "Version of the form."),
        ("type", Shape.CODE, "Type of the record."),
        ("verb", Shape.CODE, "Kind of operation.", "DPA 2018 s.62(1)"),
        (
            "at",
            Shape.TIME,
            "When, by the gateway's clock, to the millisecond.",
            "DPA 2018 s.62(2)(b), (3)(b)",
        ),
        ("nonce", Shape.NONCE, "Makes entries unguessable from their hashes."),
    )
)

FRAME: Final = frozenset(member.name for member in _FRAME)
"""Members of every entry."""

_WHAT: Final = _of(
    Seen.RECIPIENT,
    ("exchange", Shape.CODE, "Exchange concerned.", "MAPPA 10.8"),
    ("delivery", Shape.CODE, "Delivery made or concerned."),
    ("supplementary_to", Shape.CODE, "First delivery, which this one adds to."),
    ("sender", Shape.CODE, "Organisation whose act it is: it sent, answered, asserted.", "MAPPA 10.8"),
    ("recipient", Shape.CODE, "Organisation and desk that it went or was to go to.", "DPA 2018 s.62(3)(c)"),
    ("document_type", Shape.CODE, "Document type."),
    ("statement_hash", Shape.HASH, "SHA-256 of the signed release statement."),
    ("disclosure", Shape.HASH, "Leaf hash of the record of the disclosure."),
    ("acknowledgement", Shape.CODE, "What a person confirmed: RECEIVED or UNDERSTOOD.", "CPF 6.42, 14.6"),
    (
        "categories_released",
        Shape.CODES,
        "Categories that went.",
        "MAPPA 10.8: content, by class; values are the sender's",
    ),
    ("agreement", Shape.REFERENCE, "Agreement, version and clause that it rests on.", "MAPPA 9.11"),
    ("agreement_digest", Shape.HASHES, "SHA-256 over all that each agreement says."),
    ("rulebook", Shape.CODE, "Version of the rulebook."),
    ("not_after", Shape.TIME, "From then the recipient may not use the release."),
)

_WHY: Final = _of(
    Seen.SENDER,
    (
        "purpose",
        Shape.CODE,
        "What for; of a query one of the four, of an export of the register the task of the role.",
        "DPA 2018 s.62(3)(a), (4); MAPPA 10.8",
    ),
    ("lawful_bases", Shape.CODES, "Lawful bases that the sender stated.", "MAPPA 9.8"),
    ("conditions", Shape.CODES, "Conditions for special-category and criminal data.", "MAPPA 9.8"),
    ("release_kind", Shape.CODE, "SHARING, DISCLOSURE or RESPONSE."),
    ("regimes", Shape.CODES, "LAW_ENFORCEMENT, GENERAL: what both ends are under.", "MAPPA 9.6"),
    ("urgency", Shape.CODE, "How urgent, as the sender stated."),
    ("marking", Shape.CODE, "Security classification.", "MAPPA 24.16"),
    ("sender_desk", Shape.CODE, "Desk that it came from."),
    ("sender_kind", Shape.CODE, "Kind of the organisation that sent it."),
    ("recipient_kind", Shape.CODE, "Kind of the organisation that it went or was to go to.", "MAPPA 10.8"),
    ("recipients", Shape.CODES, "Desks that it was addressed to."),
    ("sealed_at", Shape.TIME, "When the sender sealed it, by the sender's clock."),
    ("seal_hash", Shape.HASH, "SHA-256 of the seal: points to the original at its sender.", "MAPPA 10.8"),
    ("in_reply_to", Shape.CODE, "Exchange that it answers."),
    ("author_commitment", Shape.HASH, "The person: name and role.", "DPA 2018 s.62(3)(b)"),
    ("necessity_commitment", Shape.HASH, "Why it is necessary, in words.", "DPA 2018 s.62(2)(a), (3)(a)"),
    (
        "grounds_commitment",
        Shape.HASH,
        "Level, category; alternatives; risks, contingency; the person's views; who decided; conditions.",
        "MAPPA 10.4, 10.7, 10.8, 10.18, 10.20 to 10.23",
    ),
    ("reason_commitment", Shape.HASH, "Why, in words, with a reference to evidence if there is one."),
    ("subject", Shape.HASH, "Whom it is about: the made-up id.", "MAPPA 10.8"),
    ("subjects", Shape.HASHES, "Several made-up ids."),
    ("mentioned", Shape.ROWS, "Others whom it names: role, and commitment to the made-up id.", "CPF 6.37"),
    ("hold", Shape.CODE, "Hold concerned."),
    ("prerequisite", Shape.CODE, "What the hold waits for."),
    ("answered_in", Shape.CODE, "Sealed answer."),
    ("due", Shape.TIME, "When the hold was to be answered."),
    ("in_time", Shape.YES_NO, "Whether it was.", "later: deadline met or missed"),
    ("replaced_by", Shape.CODE, "Exchange that takes its place.", "DPA 2018 s.46"),
    ("asserted_in", Shape.CODE, "Sealed assertion."),
    ("clock", Shape.CODE, "Clock concerned."),
    ("limit", Shape.CODE, "Time limit: an id of the rulebook, or what a hold waits for."),
    ("started", Shape.TIME, "From when the clock runs."),
    ("told", Shape.CODE, "Organisation that was told."),
    ("told_role", Shape.CODE, "Role there whom it is for, such as LINE_MANAGER."),
    ("told_at", Shape.TIME, "When it was told by telephone, as its sender says.", "CPF 7.35"),
    ("facts", Shape.CODES, "Facts put on record."),
    ("scope", Shape.CODE, "Under which the texts of this record are kept."),
    ("organisation", Shape.CODE, "Organisation that acted."),
    ("records", Shape.NUMBER, "How many records."),
    ("method", Shape.CODE, "Method that was called."),
    ("client", Shape.CODE, "Id of the calling system at its identity provider."),
    ("refusals", Shape.NUMBER, "How many calls were refused."),
    ("since", Shape.TIME, "When the first of them was."),
)

_UNTOLD: Final = _of(
    Seen.UNIT,
    ("outcome", Shape.CODE, "RELEASED, HELD, REFUSED or REJECTED."),
    ("outcomes", Shape.CODES, "The same, of several desks."),
    ("reason", Shape.CODE, "Rule or stable code for which it was held, refused or set aside."),
    (
        "rules",
        Shape.ROWS,
        "Rules that bore on it: id, and what each did.",
        "MAPPA 10.8; later: rules evaluated",
    ),
    ("categories_withheld", Shape.CODES, "Categories held back for good."),
    ("categories_held", Shape.CODES, "Categories that wait."),
    ("holds", Shape.CODES, "Holds that stand."),
    ("escalates", Shape.ROWS, "When each hold escalates: hold and time."),
    ("flags", Shape.CODES, "Remarkable circumstances, such as NO_AGREEMENT.", "MAPPA 9.12"),
    (
        "facts_known",
        Shape.ROWS,
        "Facts that were on record: name, answer, who said so. Consents, consultations, permissions.",
        "MAPPA 10.7, 10.20; CPF 7.37; NSAB 4.2",
    ),
    ("facts_ignored", Shape.CODES, "Facts asserted by somebody who may not."),
    ("paths_commitment", Shape.HASH, "What went, waits, is held back and by which rule, leaf by leaf."),
    ("body_hash", Shape.HASH, "SHA-256 of a message that can never be used."),
    ("retention", Shape.CODE, "Retention class."),
    ("systems", Shape.CODES, "Systems of the identifiers concerned."),
    ("candidate", Shape.CODE, "Likeness that somebody judged."),
    ("conflict", Shape.CODE, "Conflict of identifiers."),
    ("link", Shape.CODE, "Link between two made-up ids."),
    ("evidence", Shape.CODE, "What a link rests on: DOCUMENT or PERSON."),
    ("verdict", Shape.CODE, "What was decided."),
    ("owed_by", Shape.CODE, "Organisation that owes what a clock waits for."),
    (
        "queried",
        Shape.CODE,
        "What was asked: EXCHANGE, SUBJECT, PERIOD, ORGANISATION, TYPE, RECORD, SOME of a register, or ALL.",
    ),
    (
        "filters",
        Shape.ROWS,
        "What the register was narrowed by: the condition, then its codes; UNKNOWN for what is none.",
    ),
    ("queried_exchange", Shape.CODE, "Exchange asked about; UNKNOWN if there is none by that id."),
    ("queried_organisation", Shape.CODE, "Organisation asked about; UNKNOWN if there is none by that id."),
    ("queried_types", Shape.CODES, "Record types asked for."),
    ("queried_record", Shape.HASH, "Leaf hash of the record asked for."),
    ("queried_from", Shape.TIME, "From when."),
    ("queried_until", Shape.TIME, "Until when."),
    ("after", Shape.CODE, "Index next to which the page begins."),
    ("page_size", Shape.NUMBER, "How many at most."),
    ("texts_opened", Shape.YES_NO, "Whether the texts of the record were shown."),
    ("item", Shape.CODE, "Id of what changed: an agreement, a key, an organisation, a legal hold."),
    ("change", Shape.CODE, "What became of it, such as ADDED, REPLACED, REVOKED, DESTROYED."),
    ("version_before", Shape.CODE, "Version before."),
    ("version", Shape.CODE, "Version, serial or edition from now on."),
    ("digest_before", Shape.CODE, "Digest before."),
    ("digest", Shape.CODE, "Digest of what applies from now on."),
    ("items", Shape.CODES, "Ids of what changed."),
    ("valid_from", Shape.TIME, "From when it applies."),
    ("until", Shape.TIME, "Until when it applies."),
    ("first_index", Shape.NUMBER, "First index of a range of the log."),
    ("last_index", Shape.NUMBER, "Last index of a range of the log."),
    ("keys_destroyed", Shape.NUMBER, "How many data keys were destroyed."),
    ("salts_destroyed", Shape.NUMBER, "How many salts were destroyed."),
)

MEMBERS: Final = {member.name: member for member in (*_FRAME, *_WHAT, *_WHY, *_UNTOLD)}
"""Every member by name."""
