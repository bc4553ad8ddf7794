"""`make run` as a whole: starts, stops without a trace, and survives hard kills with its rows."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools import processes
from tools.postgres import ROOT

pytestmark = pytest.mark.slow

#: A stand-in for Django's manage.py: what is tested here is the supervisor, in a second.
MANAGE = """
import os, sys, time

command = sys.argv[1]
url = os.environ["DATABASE_URL"]
# Nobody loads what she does not need: there are two dozen of these.
if command in ("migrate", "load_demo"):
    import psycopg
if command == "migrate":
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS run (n int)")
        connection.execute("INSERT INTO run VALUES (1)")
elif command == "load_demo":
    with psycopg.connect(url) as connection:
        print("runs so far:", connection.execute("SELECT count(*) FROM run").fetchone()[0])
elif command == "runserver":
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
        def log_message(self, *arguments):
            pass
    host, port = sys.argv[-1].rsplit(":", 1)
    HTTPServer((host, int(port)), Handler).serve_forever()
else:
    time.sleep(600)
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A checkout, in a path with a space, whose manage.py is the stand-in."""
    root = tmp_path / "a check out"
    shutil.copytree(ROOT / "tools", root / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (root / "manage.py").write_text(MANAGE, encoding="utf-8")
    command = root / "any" / "management" / "commands"
    command.mkdir(parents=True)
    (command / "load_demo.py").touch()
    yield root
    for pid in processes.working_in(root):
        os.kill(pid, signal.SIGKILL)
    subprocess.run([sys.executable, "-m", "tools.postgres", "delete"], cwd=root, check=True, capture_output=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "MAKELEVEL", "HOST"}}
    return kept | {"PORT": str(port)}


class Run:
    """One `make run`, without make."""

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tools.run"],
            cwd=root,
            env=environment(port),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""

    def until_it_serves(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "The site is at" in line:
                break
        else:
            pytest.fail(self.said)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
            assert answer.status == 200

    def parts(self) -> dict[str, int]:
        """The pids of everything that it started, by what they are."""
        found = {}
        for pid in processes.working_in(self.root):
            words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8").split("\0")
            found["site" if "runserver" in words else "worker" if "worker" in words else "supervisor"] = pid
        return found | {"database": self.database()}

    def database(self) -> int:
        asked = [sys.executable, "-m", "tools.postgres", "status"]
        said = subprocess.run(asked, cwd=self.root, check=False, capture_output=True, text=True).stdout
        return int("".join(filter(str.isdigit, said.splitlines()[0])))

    def finish(self) -> str:
        rest, _ = self.process.communicate(timeout=30)
        self.said += rest
        return self.said


def test_ctrl_c_leaves_nothing_and_the_data_stay(checkout: Path) -> None:
    port = free_port()
    for time_around in (1, 2):
        run = Run(checkout, port)
        run.until_it_serves()
        assert f"runs so far: {time_around}" in run.said
        parts = run.parts()
        assert set(parts) == {"supervisor", "site", "worker", "database"}
        run.process.send_signal(signal.SIGINT)
        assert "Stopped." in run.finish()
        assert run.process.returncode == 0
        assert [pid for pid in parts.values() if processes.is_alive(pid)] == []


def test_parts_killed_hard_one_after_the_other(checkout: Path) -> None:
    """Each next start, at once after the kill, finds the rows of all before it. One checkout: it is slow to make."""
    port = free_port()
    run = Run(checkout, port)
    run.until_it_serves()
    for starts, victim in enumerate(("supervisor", "site", "worker", "database", "everything"), start=2):
        parts = run.parts()
        for pid in parts.values() if victim == "everything" else [parts[victim]]:
            os.kill(pid, signal.SIGKILL)
        # At once: the first one may not even have seen it yet.
        again = Run(checkout, port)
        said = run.finish()
        if victim not in {"supervisor", "everything"}:
            assert "ended by itself" in said
            assert run.process.returncode == 1
        again.until_it_serves()
        assert f"runs so far: {starts}" in again.said
        assert processes.wait_gone(list(parts.values()), 10)
        run = again
    second = Run(checkout, free_port())
    assert f"It runs already in this checkout (process {run.process.pid})" in second.finish()
    assert second.process.returncode == 1
    run.process.terminate()
    run.finish()


def test_port_taken_is_told(checkout: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = Run(checkout, port)
        assert f"Port {port} on 127.0.0.1 is taken" in run.finish()
        assert run.process.returncode == 1


def test_nonsense_for_a_port_is_told(checkout: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tools.run"],
        cwd=checkout,
        env=environment(0) | {"PORT": "http"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stderr) == (2, "PORT must be a number between 1 and 65535, not 'http'.\n")


def test_started_by_a_make_that_is_killed(checkout: Path) -> None:
    port = free_port()
    starter = "import subprocess, sys; subprocess.run([sys.executable, '-m', 'tools.run'])"
    with subprocess.Popen(
        [sys.executable, "-c", starter],
        cwd=checkout,
        env=environment(port) | {"MAKELEVEL": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as make:
        assert make.stdout is not None
        while "The site is at" not in make.stdout.readline():
            pass
        make.kill()
    deadline = time.monotonic() + 15
    while processes.working_in(checkout):
        assert time.monotonic() < deadline
        time.sleep(0.1)
