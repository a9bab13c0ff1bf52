"""Whoever sends is the author: nobody signs for another."""

from publicprotection.exchange.v1.header_pb2 import Author

from services.kit.access.actor import Actor, Person
from services.kit.rpc.errors import AuthorNotCallerError


def require_author(actor: Actor, author: Author) -> None:
    """Checks that a stated author is the person who acts.

    Raises:
        AuthorNotCallerError: name or role are not the person's name and job.
    """
    person = actor.require_person()
    if (author.name, author.role) != (person.name, person.job):
        raise AuthorNotCallerError


def author_of(person: Person) -> Author:
    """Somebody as the author of what is sent: nothing that a request says names who acts."""
    return Author(name=person.name, role=person.job)
