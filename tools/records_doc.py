"""`docs/records.md`: each record of the disclosure log with its members, generated from their declarations.

python -m tools.records_doc          write it
python -m tools.records_doc check    fail if it is not what would be written
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gateway.adapters.coverage import read_sources
from gateway.core.log.entries import SECTION_62, RecordSpec, RecordType, Verb
from gateway.core.log.members import FRAME, MEMBERS, Member, Seen
from gateway.core.log.specs import SPECS
from tools.commands import CommandError
from tools.paths import ROOT

PAGE: Final = ROOT / "docs" / "records.md"

_INTRODUCTION: Final = """\
# Records of the disclosure log

Written by `make records-doc` from `gateway/core/log`; do not edit it. An entry is canonical JSON (RFC 8785)
of the members below and no others: the gateway writes nothing that does not fit. No entry holds a name or a
text. What would, stands as a SHA-256 commitment under a 128-bit salt; salt and key are in the key store, and
the text, encrypted, outside of the log. Destroying the key store's part erases it; the log still verifies.

The verbs are the operations of section 62(1) of the Data Protection Act 2018, and those that this log records
besides. Of a consultation and a disclosure the entry establishes the justification (`purpose`,
`necessity_commitment`), date and time (`at`), the person (`author_commitment`) and the recipients
(`recipient`), as section 62(2) and (3) ask.

The co-ordination unit sees entries whole. Another organisation sees those of its own acts, and those by which
something went to it, as an excerpt: of a release a recipient sees what is marked "recipient" below, a sender
that and what is marked "sender". What is marked "unit" may say what neither side was told.
"""
_SEEN: Final = {Seen.UNIT: "unit", Seen.SENDER: "sender", Seen.RECIPIENT: "recipient"}


def compose() -> str:
    """The page as it should be."""
    requirements = read_sources().requirements
    parts = [_INTRODUCTION, "## Records\n", _overview(), *_types(requirements), "## Members\n", _members()]
    return "\n".join(parts).rstrip() + "\n"


def write() -> str:
    """Writes the page; returns what it did."""
    PAGE.write_text(compose(), encoding="utf-8")
    return "wrote docs/records.md"


def check() -> str:
    """Raises `CommandError` if the committed page is not what the declarations say today."""
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != compose():
        raise CommandError("docs/records.md is out of date: run `make records-doc` and commit it")
    return "the records' page says what is declared"


def main(arguments: list[str]) -> int:
    """Writes or checks; returns the exit status."""
    try:
        print(check() if arguments == ["check"] else write())
    except CommandError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _overview() -> str:
    rows = (
        f"| {verb} | {'section 62(1)' if verb in SECTION_62 else ''} | {', '.join(_of_verb(verb))} |"
        for verb in Verb
    )
    return "\n".join(["| Verb | DPA 2018 | Records |", "|---|---|---|", *rows, ""])


def _of_verb(verb: Verb) -> list[str]:
    return [f"`{kind}`" for kind in RecordType if SPECS[kind].verb is verb]


def _types(requirements: Mapping[str, str]) -> Iterator[str]:
    for kind in RecordType:
        yield f"### {kind}\n\n{_describe(SPECS[kind], requirements)}"


def _describe(spec: RecordSpec, requirements: Mapping[str, str]) -> str:
    lines = [spec.says, "", f"- Verb: {spec.verb}"]
    if spec.paragraphs:
        lines.append(f"- Asked for by: {spec.paragraphs}")
    lines.append(f"- Always: {_names(spec.required)}")
    lines.append(f"- Where there is one: {_names(spec.optional)}")
    if spec.parties:
        lines.append(f"- Seen besides by the organisation in: {_names(spec.parties)}")
    lines += [f"- Satisfies {each}: {requirements.get(each, '')}" for each in spec.satisfies]
    return "\n".join([*lines, ""])


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _members() -> str:
    head = ["| Member | Shape | Seen by | Says | Asked for by |", "|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, MEMBERS.values())])


def _row(member: Member) -> str:
    always = " In every entry." if member.name in FRAME else ""
    return (
        f"| `{member.name}` | {member.shape} | {_SEEN[member.seen]} | {member.says}{always} "
        f"| {member.paragraphs} |"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
