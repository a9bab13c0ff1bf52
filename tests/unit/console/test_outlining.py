"""A document on a page names organisations and desks as the directory does."""

from collections.abc import Iterator

import pytest
from flask import Flask
from publicprotection.documents.v1.meeting_pb2 import Invitee, MeetingInvitation
from publicprotection.exchange.v1.directory_service_pb2 import Organisation

from services.console.directory import Directory
from services.console.outlining import Line, outline
from services.console.words import DIRECTORY


@pytest.fixture(autouse=True)
def directory() -> Iterator[None]:
    police = Organisation(organisation="kent-police", name="Kent Police")
    police.desks.add(desk="mosovo", name="Offender management")
    app = Flask(__name__)
    app.extensions[DIRECTORY] = Directory(lambda: {"kent-police": police})
    with app.app_context():
        yield


def texts_in(lines: tuple[Line, ...]) -> list[str]:
    return [
        text for line in lines for text in (*line.texts, *(t for part in line.parts for t in texts_in(part)))
    ]


def test_ids_become_names_at_any_depth_and_the_document_stays() -> None:
    invited = Invitee(organisation="kent-police", desk="mosovo", role="RISK_OFFICER")
    document = MeetingInvitation(invitees=[invited])

    assert texts_in(outline(document)) == ["Kent Police", "Offender management", "Risk officer"]
    assert document == MeetingInvitation(invitees=[invited])


def test_what_the_directory_does_not_know_stays_as_it_is_written() -> None:
    invited = Invitee(organisation="a-school", desk="office")

    assert texts_in(outline(invited)) == ["a-school", "office"]
