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
    print_log_ins(terminal, world)
    print_example(terminal, world)


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
