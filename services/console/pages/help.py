"""Help: how the console works and what the words mean, with the paragraphs of guidance and law."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, render_template, url_for
from pydantic import BaseModel, ConfigDict

from services.console.areas import AREAS
from services.console.errors import NotFoundError
from services.console.session import person

BLUEPRINT: Final = Blueprint("help", __name__, url_prefix="/help")
SOURCE: Final = Path(__file__).parents[1] / "help.toml"

_STRICT: Final = ConfigDict(frozen=True, extra="forbid")


class Section(BaseModel):
    """One matter.

    Attributes:
        heading: what it is about.
        text: paragraphs.
        cite: paragraphs of guidance or law that it rests on.
        page: endpoint of the page where it is done.
    """

    model_config = _STRICT

    heading: str
    text: tuple[str, ...]
    cite: tuple[str, ...] = ()
    page: str = ""


class Word(BaseModel):
    """What a word means."""

    model_config = _STRICT

    term: str
    means: str
    cite: str = ""


class Topic(BaseModel):
    """One page of help.

    Attributes:
        id: in its address.
        title: its heading.
        about: what it answers, for the list of topics.
        sections: in order.
        words: explained at its end.
    """

    model_config = _STRICT

    id: str
    title: str
    about: str
    sections: tuple[Section, ...] = ()
    words: tuple[Word, ...] = ()


@cache
def read_topics() -> dict[str, Topic]:
    """Every topic by id, in order."""
    content = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    topics = [Topic.model_validate(entry) for entry in content["topics"]]
    return {topic.id: topic for topic in topics}


@BLUEPRINT.get("/")
def show_help() -> str:
    """What there is help about."""
    return render_template("pages/help/list.html", topics=read_topics().values())


@BLUEPRINT.get("/<topic>")
def show_topic(topic: str) -> str:
    """Help about one thing."""
    found = read_topics().get(topic)
    if found is None:
        raise NotFoundError
    return render_template(
        "pages/help/topic.html", topic=found, topics=read_topics().values(), place_of=_find_place
    )


def _find_place(endpoint: str) -> tuple[str, str]:
    """Address and title of a page; nothing where somebody in these roles has no use for it."""
    area = next((area for area in AREAS if area.name == endpoint.split(".", maxsplit=1)[0]), None)
    if area is None or not area.is_for(person().roles) or (area.in_area and not person().area):
        return "", ""
    return url_for(endpoint), area.title
