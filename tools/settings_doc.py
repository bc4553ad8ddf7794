"""docs/settings.md, written from the settings themselves: ``python -m tools.settings_doc``."""

from __future__ import annotations

from config.settings.environment import VARIABLES
from tools.postgres import ROOT

PATH = ROOT / "docs" / "settings.md"
HEAD = """\
# Settings

Written by `python -m tools.settings_doc` from `config/settings/environment.py`; do not edit it by hand.

Production reads these environment variables, and refuses to start when one without a default is missing.
Development and tests need none of them.

| variable | meaning | default |
|---|---|---|
"""


def render() -> str:
    """The page's text."""
    rows = []
    for variable in VARIABLES.values():
        default = "required" if variable.default is None else f"`{variable.default}`" if variable.default else "empty"
        example = f" Example: `{variable.example}`." if variable.example else ""
        rows.append(f"| `{variable.name}` | {variable.meaning}{example} | {default} |\n")
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PATH.write_text(render(), encoding="utf-8")
