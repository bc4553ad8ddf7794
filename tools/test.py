"""``make test``: all tests, then the browser tests by themselves, then one line that counts them.

Browser tests have a process of their own because the browser's driver keeps an event loop in the main
thread, which other tests would trip over. Both share one PostgreSQL, and the databases that the first has migrated.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tools.cluster import ClusterError
from tools.pg_binaries import PostgresMissing
from tools.postgres import ROOT, throw_away_cluster

NOTHING_COLLECTED = 5


def main(arguments: list[str]) -> int:
    """Run the tests that ``arguments`` (pytest's) choose, all of them when empty."""
    total: Counter[str] = Counter()
    codes = []
    browser: Counter[str] = Counter()
    try:
        with _surroundings() as (environment, kept):
            for name, options in _phases(arguments):
                code, counts = _pytest([*options, *kept, *arguments], environment)
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
    return [("others", [*workers, "-m", "not e2e"]), ("browser", [*workers, "-m", "e2e"])]


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


def _pytest(arguments: list[str], environment: dict[str, str]) -> tuple[int, Counter[str]]:
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts.json"
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-p", "tools.pytest_count", *arguments],
            cwd=ROOT,
            check=False,
            env=environment | {"HECTARE_TEST_COUNTS": str(counts)},
        )
        found = json.loads(counts.read_text(encoding="utf-8")) if counts.exists() else {}
    return done.returncode, Counter(found)


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
