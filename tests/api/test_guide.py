"""The examples of docs/api.md are true: run in their order, with the statuses that they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from string import Template

import pytest

from organisations.enums import ConnectionKind
from organisations.models import Connection
from tests.api.client import Api
from tests.api.world import World
from tests.factories import producer

GUIDE = Path(__file__).resolve().parent.parent.parent / "docs" / "api.md"


def _commands() -> list[tuple[str, int]]:
    text = "\n".join(re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL))
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line]
    return [(command.strip(), int(status)) for command, _, status in (line.rpartition("  # ") for line in lines)]


def _send(command: str) -> int:
    words = shlex.split(command)
    assert words.pop(0) == "curl"
    method, body, headers = "GET", None, {}
    while len(words) > 1:
        option, value = words.pop(0), words.pop(0)
        if option == "-X":
            method = value
        elif option == "-d":
            body = value.encode()
        else:
            assert option == "-H"
            name, _, said = value.partition(": ")
            headers[name.lower().replace("-", "_")] = said
    return int(Api().send(method, words[0], body, **headers).status_code)


@pytest.mark.django_db
def test_examples(world: World) -> None:
    newcomer = producer("Egg Farm")
    Connection.objects.create(
        organisation=world.company, other=newcomer.unit.organisation, kind=ConnectionKind.SUPPLIER
    )
    names = {
        "SITE": "http://testserver",
        "KEY": world.secret,
        "CYCLE": world.ids["ocy"],
        "HUB": world.ids["store"],
        "COORDINATOR": world.ids["hub"],
        "NEWCOMER": newcomer.public_id,
        "EXCHANGE": world.ids["outgoing"],
        "INCOMING": world.ids["incoming"],
        "VARIANT": world.ids["cheese"],
        "GRANT": world.ids["grant"],
        "ETAG": world.api("key").get(f"order-cycles/{world.ids['ocy']}/")["ETag"].replace('"', '\\"'),
    }
    commands = _commands()
    assert len(commands) > 15
    for command, status in commands:
        assert _send(Template(command).substitute(names)) == status, command
