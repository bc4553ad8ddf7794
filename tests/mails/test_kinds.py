"""Every kind of mail is shown by an example, in both forms, and nothing in it can be clicked but our own links."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from mails import outbox
from mails.rendering import render

KINDS = outbox.kinds()
_HREF = re.compile(r'href="([^"]*)"')
_WEB = re.compile(r"\b(?:https?://|www\.)\S+", re.IGNORECASE)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_has_an_example_that_renders(name: str) -> None:
    kind = KINDS[name]
    assert kind.example, f"The mail {name!r} has no example: outbox.register({name!r}, …, example=…)."
    said = render(kind.example())
    assert said.subject
    assert "\n" not in said.subject
    ours = (settings.SITE_URL, f"mailto:{settings.SUPPORT_EMAIL}")
    assert [link for link in _HREF.findall(said.html) if not link.startswith(ours)] == []
    assert [link for link in _WEB.findall(said.text) if not link.startswith(settings.SITE_URL)] == []
    assert "<img" not in said.html
    assert not re.search(r"{[{%]|[%}]}", said.html + said.text)
    assert "None" not in said.text


def test_there_are_kinds() -> None:
    assert {"welcome", "password_reset", "confirm_email", "password_changed"} <= set(KINDS)
