"""Prints the steps of the story: who sent what to whom and why, what each got, and what was held back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from google.protobuf.message import Message
from publicprotection.exchange.v1.decision_pb2 import (
    DECISION_FLAG_SUPPLEMENTARY,
    DECISION_OUTCOME_HELD,
    DECISION_OUTCOME_RELEASED,
    Decision,
    Held,
    RuleReference,
    Withheld,
)
from publicprotection.exchange.v1.directory_service_pb2 import Organisation
from publicprotection.exchange.v1.header_pb2 import Header, LawfulBasis
from publicprotection.exchange.v1.outbox_service_pb2 import GetExchangeResponse
from publicprotection.exchange.v1.outcome_pb2 import OUTCOME_KIND_RECEIPTED
from publicprotection.privacy.v1 import privacy_pb2

from deploy.demo.terminal import Style, Terminal
from deploy.story.model import Story
from deploy.story.played import (
    Arrival,
    PlayedAccess,
    PlayedAcknowledgement,
    PlayedAnswer,
    PlayedSend,
    PlayedStep,
)
from deploy.story.watching import address_of
from services.kit.document_words import describe
from services.kit.words import categories_words, enum_words, law_words, plain, time_words

_INDENT: Final = 4
_COLUMN: Final = 17
_INNER: Final = 8
_INNER_COLUMN: Final = 28


class StoryView:
    """Prints one playing of a story.

    Args:
        terminal: Where to.
        organisations: The directory's entries, for names.
    """

    def __init__(self, terminal: Terminal, organisations: Iterable[Organisation]) -> None:
        self._terminal: Final = terminal
        self._organisations: Final = {entry.organisation: entry for entry in organisations}
        self._number = 0

    def print_title(self, story: Story) -> None:
        """What the story is about, and that nobody in it is real."""
        self._terminal.rule("━")
        self._terminal.line(story.title, Style.TITLE)
        self._terminal.line(story.account)
        self._terminal.line("Everybody and every place in it is invented.", Style.FAINT)
        self._terminal.rule("━")

    def print_step(self, played: PlayedStep) -> None:
        """One step, and whether it ended as stated."""
        self._number += 1
        self._terminal.blank()
        mark = ("as stated", Style.GOOD) if not played.mismatches else ("NOT AS STATED", Style.BAD)
        self._terminal.ends(
            f"{self._number}. {played.step.title}", mark[0], left_style=Style.TITLE, right_style=mark[1]
        )
        self._terminal.rule()
        self._terminal.line(played.step.account, indent=_INDENT)
        self._terminal.blank()
        if played.sent is not None:
            self._print_sent(played.sent)
        if played.answered is not None:
            self._print_answered(played, played.answered)
        if played.access is not None:
            self._print_access(played.access)
        self._print_acknowledgements(played.acknowledged)
        self._print_mismatches(played.mismatches)

    def name_of(self, address: str) -> str:
        """`Kent Police, Public protection unit` for `kent-police/public-protection-unit`."""
        organisation, _, desk = address.partition("/")
        entry = self._organisations.get(organisation)
        if entry is None:
            return address
        found = next((item.name for item in entry.desks if item.desk == desk), desk)
        return f"{entry.name}, {found}" if found else entry.name

    def _print_sent(self, sent: PlayedSend) -> None:
        self._print_header(sent.header, sent.document)
        shown: list[tuple[str, Message]] = []
        for desk in sent.header.recipients:
            address = address_of(desk)
            decision, arrival = sent.decisions.get(address), sent.arrivals.get(address)
            if decision is not None:
                self._print_recipient(address, decision, arrival, sent.exchange, shown)

    def _print_access(self, access: PlayedAccess) -> None:
        """What the person got, document by document; the letter itself is a file."""
        self._entry("Owners", "; ".join(self.name_of(each) for each in access.owners))
        for document in access.pack["documents"]:
            withheld = [label for label, row in document["rows"] if row["withheld"]]
            told = f"{len(document['rows']) - len(withheld)} items given"
            said = f"; said to be withheld: {', '.join(withheld)}" if withheld else ""
            self._entry(document["title"], f"{told}{said}")
        self._entry("Disclosures", f"{len(access.pack['disclosures'])} told of")

    def _print_header(self, header: Header, document: Message) -> None:
        author = header.author
        urgency = _code(header, "urgency").lower()
        self._entry("From", f"{self.name_of(address_of(header.sender))}: {author.name}, {_role(author.role)}")
        self._entry(
            "Document", f"{_title(document)}{' (in reply)' if header.in_reply_to else ''}", Style.BOLD
        )
        self._entry("Purpose", f"{_code(header, 'purpose')}; {urgency}")
        self._entry("Law", "; ".join(_basis(basis) for basis in header.lawful_bases))
        self._entry("Need", f"“{header.necessity.strip()}”")

    def _print_recipient(
        self,
        address: str,
        decision: Decision,
        arrival: Arrival | None,
        exchange: GetExchangeResponse,
        shown: list[tuple[str, Message]],
    ) -> None:
        self._terminal.blank()
        word, style = _outcome(decision)
        self._terminal.ends(
            f"▸ {self.name_of(address)}", word, left_style=Style.BOLD, right_style=style, indent=_INDENT
        )
        if arrival is not None:
            self._print_document(arrival.document, address, shown)
        self._print_reasons(decision)
        self._print_receipt(decision, exchange)

    def _print_document(self, document: Message, address: str, shown: list[tuple[str, Message]]) -> None:
        """The fields with their values; the same text twice helps nobody, so the second time only says so."""
        same = next((name for name, other in shown if describe(other) == describe(document)), None)
        if same is not None:
            self._inner("receives", f"the same as {self.name_of(same)}")
            return
        shown.append((address, document))
        for label, text in describe(document):
            self._inner(label, text)

    def _print_reasons(self, decision: Decision) -> None:
        for withheld in _by_rule(decision.withheld):
            self._inner("WITHHELD", categories_words(withheld[0]), Style.WAITS)
            self._inner("", _reason(withheld[1]), Style.FAINT)
        for held in decision.held:
            self._print_held(held)
        if decision.reason.rule:
            self._inner("because", _reason(decision.reason))
        if decision.instead.document_type or decision.instead.workflow:
            self._print_instead(decision)
        if decision.agreement.agreement:
            self._inner("agreement", _agreement(decision), Style.FAINT)

    def _print_held(self, held: Held) -> None:
        waits = f"{categories_words(held.categories)}"
        self._inner("WAITS", waits, Style.WAITS)
        self._inner("", f"for {self.name_of(held.organisation)}, {_role(held.role)}", Style.FAINT)
        self._inner("", _reason(held.rule), Style.FAINT)

    def _print_instead(self, decision: Decision) -> None:
        right = decision.instead.document_type or decision.instead.workflow
        self._inner("send instead", f"{_spaced(right)}: {decision.instead.explanation}", Style.GOOD)

    def _print_receipt(self, decision: Decision, exchange: GetExchangeResponse) -> None:
        for outcome in exchange.outcomes:
            if outcome.kind == OUTCOME_KIND_RECEIPTED and outcome.delivery_id == decision.delivery_id:
                self._inner("receipt", f"signed by its service at {time_words(outcome.at)} UTC", Style.GOOD)

    def _print_answered(self, played: PlayedStep, answered: PlayedAnswer) -> None:
        answer = played.step.answer
        if answer is None:
            return
        for hold in answered.holds:
            self._entry("Asked", f"{self.name_of(hold.held.organisation)}, {_role(hold.held.role)}")
            self._entry("", f"may {self.name_of(address_of(hold.held.recipient))}")
            self._entry(
                "", f"have {categories_words(hold.held.categories)}, sent by {self.name_of(hold.sender)}?"
            )
        verdict = ("GRANTED", Style.GOOD) if answer.grant else ("DECLINED", Style.BAD)
        self._entry(
            "Answer", f"{verdict[0]} by {answer.author.name}, {_role(answer.author.role)}", verdict[1]
        )
        self._entry("Reason", f"“{answer.reason}”")
        shown: list[tuple[str, Message]] = []
        for address, decision in answered.decisions.items():
            arrival = answered.arrivals.get(address)
            self._print_recipient(address, decision, arrival, answered.exchange, shown)

    def _print_acknowledgements(self, acknowledged: Iterable[PlayedAcknowledgement]) -> None:
        """Each under its recipient, named once."""
        last = ""
        for said in acknowledged:
            if said.said.recipient != last:
                last = said.said.recipient
                self._terminal.line(f"▸ {self.name_of(last)}", Style.BOLD, indent=_INDENT)
            self._print_acknowledged(said)

    def _print_acknowledged(self, said: PlayedAcknowledgement) -> None:
        author = said.said.author
        kind = "received" if said.said.kind == "RECEIVED" else "understood"
        who = f"{author.name}, {_role(author.role)}"
        self._inner(kind, f"{who}; the sender knew at {time_words(said.outcome.at)} UTC", Style.GOOD)

    def _print_mismatches(self, mismatches: Iterable[str]) -> None:
        for text in mismatches:
            self._terminal.line(f"✗ {text}", Style.BAD, indent=_INDENT)

    def _entry(self, label: str, text: str, style: Style = Style.PLAIN) -> None:
        self._terminal.entry(label, text, style, indent=_INDENT, column=_COLUMN)

    def _inner(self, label: str, text: str, style: Style = Style.PLAIN) -> None:
        self._terminal.entry(label, text, style, indent=_INNER, column=_INNER_COLUMN)


def _outcome(decision: Decision) -> tuple[str, Style]:
    if decision.outcome == DECISION_OUTCOME_RELEASED:
        if DECISION_FLAG_SUPPLEMENTARY in decision.flags:
            return "SUPPLEMENT, under the same seal", Style.GOOD
        part = bool(decision.withheld or decision.held)
        return ("RELEASED IN PART", Style.WAITS) if part else ("RELEASED", Style.GOOD)
    return ("HELD", Style.WAITS) if decision.outcome == DECISION_OUTCOME_HELD else ("REFUSED", Style.BAD)


def _by_rule(items: Iterable[Withheld]) -> list[tuple[list[str], RuleReference]]:
    """Categories that one rule withheld, together."""
    grouped: dict[tuple[str, str, str], tuple[list[str], RuleReference]] = {}
    for item in items:
        key = (item.rule.rule, item.rule.paragraph, item.rule.reason)
        grouped.setdefault(key, ([], item.rule))[0].append(item.category)
    return list(grouped.values())


def _reason(rule: RuleReference) -> str:
    where = " · ".join(part for part in (rule.rule, rule.paragraph) if part)
    return f"{rule.reason.strip()} [{where}]" if rule.reason else f"[{where}]"


def _agreement(decision: Decision) -> str:
    """The agreement, its version, and the clause in its own words."""
    found = decision.agreement
    clauses = [rule.paragraph for rule in decision.rules if rule.rule == found.clause]
    return f"{found.agreement} {found.version}, {clauses[0] if clauses else found.clause}"


def _code(header: Header, name: str) -> str:
    enum = header.DESCRIPTOR.fields_by_name[name].enum_type
    return enum_words(enum, getattr(header, name)) if enum is not None else ""


def _title(document: Message) -> str:
    title: str = document.DESCRIPTOR.GetOptions().Extensions[privacy_pb2.document].title
    return title


def _basis(basis: LawfulBasis.ValueType) -> str:
    return law_words(LawfulBasis.Name(basis).removeprefix("LAWFUL_BASIS_"))


def _role(role: str) -> str:
    return plain(role).lower().replace("mappa", "MAPPA")


def _spaced(name: str) -> str:
    """`AdviceRequest` as `Advice request`; a workflow is in plain words already."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words.strip().capitalize()
