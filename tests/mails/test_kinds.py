"""Every kind of mail is shown by an example, in both forms, and nothing in it can be clicked but our own links."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import RequestFactory
from django.urls import Resolver404, resolve

from mails import outbox, preview
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


@pytest.mark.django_db
def test_the_previews_of_development(rf: RequestFactory) -> None:
    request = rf.get("/mails/")
    request.user = AnonymousUser()
    page = preview.index(request).content.decode()
    assert all(f"/mails/{name}.html" in page for name in KINDS)
    assert preview.text(request, "welcome").content.decode().startswith("Subject: Your Hectare account")
    assert b"<!DOCTYPE html>" in preview.html(request, "welcome").content
    with pytest.raises(Http404):
        preview.text(request, "no_such_mail")


def test_nobody_finds_them_elsewhere() -> None:
    assert settings.DEBUG is False
    with pytest.raises(Resolver404):
        resolve("/mails/")
