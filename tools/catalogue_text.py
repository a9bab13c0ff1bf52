"""Turns what the contract and the rulebook say into the pages of the catalogue (Markdown)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tools.contract import Choice, Contract, Document, Leaf, Part
from tools.requirements import Labels, Requirement, Requirements, State

_INTRODUCTION: Final = """\
# Catalogue of documents

Written by `make catalogue` from the protos and the rulebook; do not edit it. Each document is one typed body
of an exchange. *About* says whose data a field holds and is inherited by what is inside; with *kind* it makes
the category by which agreements and the rulebook release or withhold it. What a recipient gets is decided for
each exchange: the recipients below are the kinds of organisation for which the rulebook knows a need.
"""

_HEADINGS: Final[Mapping[State, str]] = {
    State.CARRIED: "Carried by a document",
    State.LATER: "Later",
    State.OUTSIDE: "Outside",
}


@dataclass(frozen=True)
class Source:
    """All that the catalogue is made of; `recipients` are kinds by document."""

    contract: Contract
    requirements: Requirements
    labels: Labels
    recipients: Mapping[str, list[str]]


def compose(source: Source) -> str:
    """The whole page, ending in one newline."""
    documents = [each for each in source.contract.documents if not each.for_gateway]
    inner = [each for each in source.contract.documents if each.for_gateway]
    lines = [
        _INTRODUCTION,
        "## Contents\n",
        *(f"- [{each.title}](#{_anchor(each.name)})" for each in documents),
        "- [Messages to the gateway](#messages-to-the-gateway)",
        "- [Parts of documents](#parts-of-documents)",
        "- [Enumerations](#enumerations)",
        "- [Form letters](#form-letters)",
        "- [Messages of the guidance](#messages-of-the-guidance)\n",
        *(line for each in documents for line in _show_document(each, source)),
        "## Messages to the gateway\n",
        *(line for each in inner for line in _show_document(each, source)),
        "## Parts of documents\n",
        *(line for name in source.contract.parts for line in _show_part(name, source.contract)),
        "## Enumerations\n",
        *(line for name, values in source.contract.choices.items() for line in _show_choices(name, values)),
        *_show_letters(source.labels),
        *_show_messages(source.requirements),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _show_document(document: Document, source: Source) -> Iterator[str]:
    yield f"### {document.name}\n"
    yield f"**{document.title}** ({'; '.join(document.paragraphs)}). {document.comment}\n"
    yield from (f"- {line}" for line in _list_facts(document, source))
    yield ""
    yield from _show_fields(document, source.contract)


def _list_facts(document: Document, source: Source) -> Iterator[str]:
    for verb in document.verbs:
        yield f"`{verb.service}.{verb.name}`: {verb.comment}"
    recipients = source.recipients.get(document.name, [])
    if recipients:
        yield f"Recipients with a need: {', '.join(recipients)}"
    labels = list(_list_labels(document.name, source.labels))
    if labels:
        yield f"Form letters: {'; '.join(labels)}"
    clocks = [name for name, each in _list_clocks(source.requirements) if document.name in each.documents]
    for name in clocks:
        yield f"Time limit {name}: {source.requirements.requirements[name].text}"
    if document.carries:
        yield f"Carries: {', '.join(document.carries)}"


def _list_labels(document: str, labels: Labels) -> Iterator[str]:
    for edition in labels.editions:
        for letter, label in edition.labels.items():
            if document in label.documents:
                yield f"{letter} ({label.means}) in {edition.edition}"


def _list_clocks(requirements: Requirements) -> Iterator[tuple[str, Requirement]]:
    return ((name, each) for name, each in requirements.requirements.items() if each.documents)


def _show_part(name: str, contract: Contract) -> Iterator[str]:
    part = contract.parts[name]
    yield f"### {part.name}\n"
    yield f"`{name}`. {part.comment}\n"
    yield from _show_fields(part, contract)


def _show_fields(part: Part, contract: Contract) -> Iterator[str]:
    yield from _table(("field", "type", "about", "kind", "marks", "limits", "meaning"), _rows(part, contract))
    if part.rules:
        yield "Rules:\n"
        yield from (f"- `{rule.id}`: {rule.message}" for rule in part.rules)
        yield ""


def _rows(part: Part, contract: Contract) -> Iterator[tuple[str, ...]]:
    for leaf in part.fields:
        marks = ", ".join(leaf.marks)
        shown = _show_type(leaf, contract)
        yield (f"`{leaf.name}`", shown, leaf.about, leaf.kind, marks, leaf.limits, leaf.comment)


def _show_type(leaf: Leaf, contract: Contract) -> str:
    short = leaf.type_name.rpartition(".")[2]
    known = leaf.type_name in contract.parts or leaf.type_name in contract.choices
    shown = f"[{short}](#{_anchor(short)})" if known else short
    return f"{shown} (many)" if leaf.is_repeated else shown


def _show_choices(name: str, values: Iterable[Choice]) -> Iterator[str]:
    yield f"### {name.rpartition('.')[2]}\n"
    yield f"`{name}`. A value that is not listed is kept and shown as unknown.\n"
    rows = ((str(value.number), f"`{value.name}`", value.comment) for value in values if value.number)
    yield from _table(("number", "value", "meaning"), rows)


def _show_letters(labels: Labels) -> Iterator[str]:
    yield "## Form letters\n"
    yield "A letter is a label of one edition and never an identifier (mappa:C-01).\n"
    for edition in labels.editions:
        yield f"### {edition.edition}\n"
        yield f"{edition.paragraph}\n"
        rows = ((letter, label.means, ", ".join(label.documents)) for letter, label in edition.labels.items())
        yield from _table(("letter", "meaning", "documents"), rows)


def _show_messages(requirements: Requirements) -> Iterator[str]:
    messages = requirements.messages()
    yield "## Messages of the guidance\n"
    counts = (f"{sum(bool(getattr(each, state)) for each in messages.values())} {state}" for state in State)
    yield f"{len(messages)} messages: {', '.join(counts)}.\n"
    for state, heading in _HEADINGS.items():
        yield f"### {heading}\n"
        rows = (_show_message(name, each) for name, each in messages.items() if getattr(each, state))
        yield from _table(("id", "message", "document" if state is State.CARRIED else "reason"), rows)


def _show_message(name: str, message: Requirement) -> tuple[str, str, str]:
    links = ", ".join(f"[{document}](#{_anchor(document)})" for document in message.carried)
    return name, message.text, links or message.reason


def _table(headings: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _row(headings)
    yield _row("---" for _ in headings)
    yield from (_row(row) for row in rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")
