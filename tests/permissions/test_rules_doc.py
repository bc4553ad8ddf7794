"""``docs/rules.md`` and ``docs/permissions.md`` are what the rules are."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from permissions import catalogue, engine
from permissions.management.commands.write_rules_doc import PAGES
from permissions.roles import BUILT_IN_ROLES
from permissions.rules_doc import permissions_page

DOCS = Path(settings.BASE_DIR) / "docs"


@pytest.mark.parametrize("name", sorted(PAGES))
def test_the_page_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == PAGES[name]()


def test_every_code_and_every_action_is_in_it() -> None:
    page = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert [code for code in catalogue.sentences() if f"\n| {code} | " not in page] == []
    assert [policy.action for policy in engine.policies() if f"\n### `{policy.action}`\n" not in page] == []


def test_the_matrix_is_that_of_the_roles() -> None:
    rows = [line for line in permissions_page().splitlines() if line.startswith("| `")]
    for place, role in enumerate(BUILT_IN_ROLES):
        cells = [[cell.strip(" |`") for cell in row.split(" | ")] for row in rows]
        assert {row[0] for row in cells if len(row) > 2 and row[2 + place] == "yes"} == role.permissions


def test_the_command_says_what_is_out_of_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(settings, "BASE_DIR", tmp_path)
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match=r"rules\.md, permissions\.md"):
        call_command("write_rules_doc", "--check")
    call_command("write_rules_doc")
    call_command("write_rules_doc", "--check")
    assert capsys.readouterr().out.splitlines() == ["Written: rules.md, permissions.md.", "Up to date."]


def test_a_code_is_described_once() -> None:
    with pytest.raises(ValueError, match="R1"):
        catalogue.describe({"R1": "Another sentence."})
