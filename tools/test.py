"""``make test``: all tests, the browser tests by themselves beside them, then one line that counts them.

Browser tests have a process of their own because the browser's driver keeps an event loop in the main
thread, which other tests would trip over. They wait a lot, so they run at the same time; what they say comes after
what the others said. All share one PostgreSQL, in which one database is migrated, while the tests are still being
collected, and then copied for every process.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tools.cluster import DATABASE, ClusterError
from tools.pg_binaries import PostgresMissing
from tools.postgres import ROOT, throw_away_cluster

NOTHING_COLLECTED = 5


#: Of the process that runs the browser tests, so that its databases are not those of the others.
APART = {"TOX_PARALLEL_ENV": "browser"}


def main(arguments: list[str]) -> int:
    """Run the tests that ``arguments`` (pytest's) choose, all of them when empty."""
    total: Counter[str] = Counter()
    codes = []
    browser: Counter[str] = Counter()
    try:
        with _surroundings() as (server, kept), contextlib.ExitStack() as stack:
            environment = server if arguments else server | stack.enter_context(_template(server))
            started = []
            for name, options in _phases(arguments):
                # What somebody chose may want the terminal (--pdb), and is short: one after the other.
                aside = not arguments and name == "browser"
                phase = Phase([*options, *kept, *arguments], environment | (APART if aside else {}), aside=aside)
                started.append((name, stack.enter_context(phase)))
                if arguments:
                    phase.wait()
            for name, phase in started:
                code, counts = phase.wait()
                codes.append(code)
                total += counts
                if name == "browser":
                    browser = counts
    except (ClusterError, PostgresMissing) as problem:
        print(problem)
        return 1
    failed = any(code not in {0, NOTHING_COLLECTED} for code in codes)
    if not arguments and os.environ.get("CI") == "true" and not ran(browser):
        print("The browser tests did not run; with CI=true that is a failure.")
        failed = True
    if not sum(total.values()):
        print("No test ran.")
        failed = True
    line = summary(total)
    (ROOT / "build").mkdir(exist_ok=True)
    (ROOT / "build" / "tests.txt").write_text(f"{line}\n", encoding="utf-8")
    print(line, flush=True)
    return 1 if failed else 0


def _phases(arguments: list[str]) -> list[tuple[str, list[str]]]:
    if "-m" in arguments:
        return [("chosen", [])]
    # For a handful of tests a second worker costs more than it gives.
    workers = [] if arguments else ["-n", "2", "--dist", "worksteal"]
    # Every process loads what it collects: whoever runs the browser tests needs no other, and nobody else needs them.
    others, browser = ([], []) if arguments else (["--ignore=tests/e2e"], ["tests/e2e"])
    return [("others", [*workers, "-m", "not e2e", *others]), ("browser", ["-m", "e2e", *browser])]


@contextlib.contextmanager
def _surroundings() -> Iterator[tuple[dict[str, str], list[str]]]:
    """The environment of pytest, with a server unless DATABASE_URL names one, and its options for such a server."""
    # With PYTHONDONTWRITEBYTECODE every process would compile all of our code again, and rewrite every test's.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if environment.get("DATABASE_URL"):
        yield environment, []
        return
    with throw_away_cluster() as cluster:
        # The server ends with this run: what is kept in it is kept for the next phase only.
        yield environment | {"DATABASE_URL": cluster.url}, ["--reuse-db"]


@contextlib.contextmanager
def _template(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """Migrate the server's own database meanwhile; what tells the tests where they read that it is done.

    The file has the database's name; none, when that failed: then each process migrates, and shows what is wrong.
    """
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "template"

        def migrate() -> None:
            command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
            settings = environment | {"DJANGO_SETTINGS_MODULE": "config.settings.test"}
            done = subprocess.run(command, cwd=ROOT, check=False, env=settings, capture_output=True)
            half = told.with_suffix(".half")
            with contextlib.suppress(FileNotFoundError):
                half.write_text("" if done.returncode else DATABASE, encoding="utf-8")
                half.rename(told)

        if os.environ.get("DATABASE_URL"):
            # Somebody's own server: nothing is written to a database that is not named for tests.
            yield {}
            return
        threading.Thread(target=migrate, daemon=True).start()
        yield {"HECTARE_TEST_TEMPLATE": str(told)}


class Phase:
    """One run of pytest, from when it is entered. ``aside``: what it says is kept until it is waited for."""

    def __init__(self, arguments: list[str], environment: dict[str, str], *, aside: bool) -> None:
        self.arguments = arguments
        self.environment = environment
        self.aside = aside
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Phase:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self._counts = folder / "counts.json"
        self._said = folder / "said.txt"
        kept = self._stack.enter_context(self._said.open("wb")) if self.aside else None
        self._process = self._stack.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "pytest", "-p", "tools.pytest_count", *self.arguments],
                cwd=ROOT,
                env=self.environment | {"HECTARE_TEST_COUNTS": str(self._counts)},
                stdout=kept,
                stderr=subprocess.STDOUT if self.aside else None,
            )
        )
        return self

    def __exit__(self, *error: object) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        self._stack.close()

    def wait(self) -> tuple[int, Counter[str]]:
        """How it ended, and the numbers of its tests."""
        first = self._process.returncode is None
        code = self._process.wait()
        if self.aside and first:
            sys.stdout.write(self._said.read_text(encoding="utf-8", errors="replace"))
        found = json.loads(self._counts.read_text(encoding="utf-8")) if self._counts.exists() else {}
        return code, Counter(found)


def ran(counts: Counter[str]) -> int:
    """How many tests did something, whatever came of it."""
    return counts["passed"] + counts["failed"] + counts["error"]


def summary(counts: Counter[str]) -> str:
    """The last line: ``1234 passed, 0 failed``, and what else there is to say."""
    line = f"{counts['passed']} passed, {counts['failed'] + counts['error']} failed"
    for name, said in (("skipped", "skipped"), ("xfailed", "expected failures")):
        if counts[name]:
            line += f", {counts[name]} {said}"
    return line


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
