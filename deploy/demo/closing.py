"""Prints where everything is while the demo stays up, and a call that anybody can make."""

from __future__ import annotations

from typing import Final

from deploy.demo.terminal import Style, Terminal
from deploy.local.world import World
from deploy.story.clients import find_service
from deploy.story.subject_access import PACK_PDF
from services.kit.words import plain

_INDENT: Final = 4
_COLUMN: Final = 32
READERS: Final = frozenset({"MAPPA_COORDINATOR", "DATA_PROTECTION_OFFICER"})
"""Roles whose daily work the console is for."""


def print_addresses(terminal: Terminal, world: World) -> None:
    """Services, certificates, logs, and an example command."""
    terminal.blank()
    terminal.line("Everything is still running", Style.TITLE)
    terminal.rule()
    for name, place in world.agencies.items():
        service = find_service(place.role).name
        terminal.entry(name, f"{place.address}  {service}", indent=_INDENT, column=_COLUMN)
    identity = f"{world.identity.issuer}  where people sign in"
    terminal.entry("identity provider", identity, indent=_INDENT, column=_COLUMN)
    gateway = f"{world.gateway.address}  RegisterService, DisclosureLogService"
    terminal.entry("gateway", gateway, indent=_INDENT, column=_COLUMN)
    broker = f"{world.broker.host}:{world.broker.port}  AMQP over TLS"
    terminal.entry("broker", broker, indent=_INDENT, column=_COLUMN)
    terminal.blank()
    folder = world.folder
    terminal.entry("certificates of a caller", f"{folder}/<name>/client/", indent=_INDENT, column=_COLUMN)
    terminal.entry("logs", f"{folder}/logs/", indent=_INDENT, column=_COLUMN)
    terminal.entry("answer to a request", str(folder / PACK_PDF), indent=_INDENT, column=_COLUMN)
    print_consoles(terminal, world)
    print_log_ins(terminal, world)
    print_example(terminal, world)


def print_consoles(terminal: Terminal, world: World) -> None:
    """Where people of an organisation look at what was exchanged, and who has most use for it."""
    if not world.consoles:
        return
    terminal.blank()
    terminal.line(
        "Consoles: open one in a browser and sign in with a name and password from below", Style.TITLE
    )
    terminal.rule()
    for name, place in world.consoles.items():
        people = [item.person for item in world.identity.log_ins if item.person.organisation == name]
        readers = [person.user for person in people if READERS.intersection(person.roles)]
        terminal.entry(name, place.address, indent=_INDENT, column=_COLUMN)
        terminal.line(f"for example {', '.join(readers)}", Style.FAINT, indent=_INDENT + 2)
    told = "The browser does not know who issued the certificates of this private system, and says so: go on."
    terminal.line(told, Style.FAINT, indent=_INDENT)


def print_log_ins(terminal: Terminal, world: World) -> None:
    """Who can sign in, with what, and as what."""
    terminal.blank()
    terminal.line("Who can sign in", Style.TITLE)
    terminal.rule()
    for item in world.identity.log_ins:
        roles = ", ".join(plain(role).lower() for role in item.person.roles)
        terminal.raw(f"{item.person.user}  {item.password}", indent=_INDENT)
        terminal.line(f"{item.person.name}, {roles}, {item.person.desk}", Style.FAINT, indent=_INDENT + 2)


def print_example(terminal: Terminal, world: World) -> None:
    """How to read an inbox from another terminal."""
    name = next(iter(world.agencies))
    terminal.blank()
    terminal.line(f"To read the inbox of {name} from another terminal:", indent=_INDENT)
    terminal.raw(f".venv/bin/python -m deploy.demo.inbox {name}", Style.BOLD, indent=_INDENT + 2)
    terminal.blank()
    terminal.line("Ctrl-C stops all of it.", Style.BOLD)
