"""Templates keep to the policy: nothing inline, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR) / "templates"
TEMPLATES = sorted(ROOT.rglob("*.html"))
FORBIDDEN = {
    "an inline style": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", re.IGNORECASE),
    "a script address": re.compile(r"javascript:", re.IGNORECASE),
    "an outside host": re.compile(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", re.IGNORECASE),
    "htmx that needs eval": re.compile(r"hx-on|hx-vals\s*=\s*[\"']js:", re.IGNORECASE),
}
MAIL_STYLE = {"an inline style", "a style element"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_inline_and_nothing_from_elsewhere(path: Path) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", path.read_text())
    # Mail programs read no style sheets.
    allowed = MAIL_STYLE if path.is_relative_to(ROOT / "mails") else set()
    assert {what for what, pattern in FORBIDDEN.items() if pattern.search(text)} <= allowed


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_template_compiles(path: Path) -> None:
    assert get_template(str(path.relative_to(ROOT)))


@pytest.mark.parametrize("path", sorted((Path(settings.BASE_DIR) / "static").rglob("*.js")), ids=lambda path: path.name)
def test_scripts_need_no_eval(path: Path) -> None:
    assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b", path.read_text())


def test_style_sheet_asks_nobody() -> None:
    text = (Path(settings.BASE_DIR) / "static/css/hectare.css").read_text()
    assert "url(" not in text
    assert "@import" not in text
