"""docs/settings.md tells of every setting, as it is."""

from __future__ import annotations

from tools import settings_doc


def test_the_page_is_up_to_date() -> None:
    assert settings_doc.PATH.read_text(encoding="utf-8") == settings_doc.render()
