"""``make check``: everything that can be said about the code without running it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

from tools import doors
from tools.hosts import offending_files
from tools.postgres import ROOT

#: Enough for Django to look its own settings over; none of it is used for anything.
PLACEHOLDERS = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "DATABASE_URL": "postgresql://placeholder@127.0.0.1:1/placeholder",
    "SECRET_KEY": "placeholder-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    "ALLOWED_HOSTS": "customers.example.org",
    "SITE_URL": "https://customers.example.org",
}
WITHOUT_DATABASE = {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTHONWARNINGS": "ignore::RuntimeWarning"}

Step = tuple[str, list[str], dict[str, str]]

STEPS: list[Step] = [
    ("ruff", ["ruff", "check", "."], {}),
    ("format", ["ruff", "format", "--check", "."], {}),
    ("types", ["mypy", "."], {}),
    ("templates", ["djlint", "templates", "--lint", "--quiet"], {}),
    ("layers", ["importlinter.cli", "lint-imports"], {}),
    ("migrations", ["manage", "makemigrations", "--check", "--dry-run"], WITHOUT_DATABASE),
    ("api", ["manage", "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull], WITHOUT_DATABASE),
    ("deployment", ["manage", "check", "--deploy", "--fail-level", "WARNING"], PLACEHOLDERS),
]


#: Checks of our own that read the source: each gives its complaints.
READERS: dict[str, Callable[[], list[str]]] = {
    "doors": lambda: [str(finding) for finding in doors.findings()],
    "hosts": lambda: [f"{path} names the registry {host}" for path, host in offending_files()],
}


def main(names: list[str]) -> int:
    """Run the steps named, or all; every step runs even when one before it failed."""
    known = [name for name, _, _ in STEPS] + list(READERS)
    if unknown := set(names) - set(known):
        print(f"No such check: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    failed = [step[0] for step in STEPS if (not names or step[0] in names) and not _passes(step)]
    failed += [name for name in READERS if (not names or name in names) and not _reads_well(name)]
    print(f"FAILED: {', '.join(failed)}" if failed else "All checks passed.", flush=True)
    return 1 if failed else 0


def _passes(step: Step) -> bool:
    name, command, environment = step
    started = time.monotonic()
    print(f"== {name}", flush=True)
    done = subprocess.run([sys.executable, *_program(command)], cwd=ROOT, check=False, env=os.environ | environment)
    print(f"   {'ok' if done.returncode == 0 else 'FAILED'}, {time.monotonic() - started:.1f} s", flush=True)
    return done.returncode == 0


def _program(command: list[str]) -> list[str]:
    if command[0] == "manage":
        return ["manage.py", *command[1:]]
    if command[0] == "importlinter.cli":
        return ["-c", "from importlinter.cli import lint_imports_command as run; run()"]
    return ["-m", *command]


def _reads_well(name: str) -> bool:
    print(f"== {name}", flush=True)
    complaints = READERS[name]()
    for complaint in complaints:
        print(f"   {complaint}")
    print("   FAILED" if complaints else "   ok", flush=True)
    return not complaints


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
