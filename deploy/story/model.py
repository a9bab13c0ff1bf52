"""The story's form: who sends what, and how it must end. Everybody and every place in it is invented."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

FOLDER: Final = Path(__file__).resolve().parent
Address = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]+/[a-z][a-z0-9-]+$")]
"""Organisation and desk, such as `kent-police/public-protection-unit`."""

Names = frozenset[str]


class StoryError(ValueError):
    """A file of the story cannot be read, or is not in its form."""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(_Form):
    """A member of staff who acts."""

    name: str
    role: str
    telephone: str | None = None


class Send(_Form):
    """One document, sent by an organisation through its own service.

    Attributes:
        sender: Organisation and desk.
        recipients: Organisations and desks.
        document_type: Name of a message of `publicprotection.documents.v1`.
        header: The rest of the header, ProtoJSON; enumerations may leave out their prefix.
        document: The document, ProtoJSON likewise; a date is written `1987-03-14` or `today+21`.
        replies_to: Step whose exchange this one answers.
    """

    sender: Address
    recipients: tuple[Address, ...]
    author: Person
    document_type: str
    header: dict[str, Any]
    document: dict[str, Any]
    replies_to: str | None = None


class Expectation(_Form):
    """How a step must end for one recipient.

    Attributes:
        outcome: What is decided.
        withheld: Exactly these categories are withheld.
        held: Exactly these categories wait.
        rules: These are among the rules that fired.
        flags: Exactly these are raised, as far as a story speaks of them.
        instead: Document that is named as the right one.
        receives: Exactly these fields of the document arrive (the first level).
        lacks: Nothing arrives at or below these fields (any level), though it was sent.
        shows: These fields arrive with these values, as ProtoJSON writes them.
        whole: The document arrives as it was sent.
    """

    outcome: Literal["RELEASED", "HELD", "REFUSED"]
    withheld: Names = frozenset()
    held: Names = frozenset()
    rules: Names = frozenset()
    flags: Names = frozenset()
    instead: str | None = None
    receives: Names | None = None
    lacks: Names = frozenset()
    shows: dict[str, Any] = Field(default_factory=dict)
    whole: bool = False


class Answer(_Form):
    """The answer to a hold, given by the organisation that was asked."""

    organisation: str
    step: str
    grant: bool
    author: Person
    reason: str
    evidence_reference: str = ""


class Acknowledge(_Form):
    """A person at a recipient says that a delivery was received, or received and understood."""

    recipient: Address
    step: str
    kind: Literal["RECEIVED", "UNDERSTOOD"]
    author: Person


class Withhold(_Form):
    """What is withheld of documents, by the exemption of the law in question.

    Attributes:
        path: Of the leaf, or of what it stands in.
        document_types: Of which documents; any, if empty.
        reason: What the item is called is added: each has its own.
    """

    path: str
    document_types: tuple[str, ...] = ()
    exemption: dict[str, str]
    reason: str
    tell: Literal["REASON", "CATEGORY", "NOTHING"] | None = None


class ExpectedPack(_Form):
    """How the answer to a subject access request must look.

    Attributes:
        withheld: Exactly these leaves are said to be withheld, by what they are called.
        lacks: None of these texts is anywhere in it.
        shows: Each of these texts is.
    """

    withheld: tuple[str, ...]
    lacks: tuple[str, ...]
    shows: tuple[str, ...]


class SubjectAccess(_Form):
    """Somebody asks an organisation for their own data, and is answered.

    Attributes:
        worker: Who prepares the answer.
        officer: Who approves it.
        owners: Who answers for each organisation that is asked as owner.
        subject: Whose data it is, ProtoJSON.
        withhold: What is not given of what no rule decides; all else is.
    """

    organisation: str
    worker: str
    officer: str
    owners: dict[str, str]
    words: str
    subject: dict[str, Any]
    reply_to: tuple[str, ...]
    withhold: tuple[Withhold, ...]
    expect: ExpectedPack


class Step(_Form):
    """One step: a document sent, a hold answered, deliveries acknowledged, somebody's data given to them."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    title: str
    account: str
    send: Send | None = None
    answer: Answer | None = None
    acknowledge: tuple[Acknowledge, ...] = ()
    subject_access: SubjectAccess | None = None
    expect: dict[Address, Expectation] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_one_thing(self) -> Step:
        parts = (self.send, self.answer, self.subject_access)
        if sum(each is not None for each in parts) + bool(self.acknowledge) != 1:
            raise ValueError("a step sends, answers, acknowledges or gives access: one of the four")
        if self.send is not None and set(self.send.recipients) != set(self.expect):
            raise ValueError("a step states what it expects for each recipient, and for nobody else")
        return self


class Story(_Form):
    """The whole: who takes part, who reads the record (organisation and person), the steps in order."""

    title: str
    account: str
    cast: tuple[str, ...]
    reader: str
    reader_name: str
    steps: tuple[Step, ...]

    @model_validator(mode="after")
    def _refers_backwards(self) -> Story:
        known: set[str] = set()
        for step in self.steps:
            missing = _references(step) - known
            if missing or step.id in known:
                raise ValueError(f"step {step.id} is repeated or refers to a step that is not before it")
            known.add(step.id)
        return self


def read_story(folder: Path = FOLDER) -> Story:
    """Read `story.yaml` and the steps that it names.

    Raises:
        StoryError: A file is missing or not in its form; the message names it.
    """
    story = _read(folder / "story.yaml")
    steps = [_read(folder / "steps" / f"{name}.yaml") for name in story.get("steps", ())]
    try:
        return Story.model_validate(story | {"steps": steps})
    except ValidationError as error:
        raise StoryError(f"the story in {folder} is not in its form: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise StoryError(f"cannot read {path}: {error}") from error
    if not isinstance(content, dict):
        raise StoryError(f"{path} holds no mapping")
    return content


def _references(step: Step) -> set[str]:
    named = {item.step for item in step.acknowledge}
    if step.answer is not None:
        named.add(step.answer.step)
    if step.send is not None and step.send.replies_to is not None:
        named.add(step.send.replies_to)
    return named
