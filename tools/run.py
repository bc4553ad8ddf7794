"""``make run``: the database, the worker and the site, together, until Ctrl-C."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from tools.cluster import Cluster, ClusterError
from tools.pg_binaries import PostgresMissing
from tools.postgres import ROOT, dev_cluster
from tools.processes import die_with_parent, is_alive

LOCAL = ROOT / ".local"
STATE = LOCAL / "run.json"
LOCK = LOCAL / "run.lock"
STOPPING = ", stopping"
STOP_SECONDS = 8.0


class Problem(Exception):
    """Something that the person at the terminal has to know; ends the run."""


class Supervisor:
    """Starts the parts, watches them, and stops all of them when one ends or somebody says so."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.parts: dict[str, subprocess.Popen[bytes]] = {}
        self.cluster: Cluster | None = None
        self.asked_to_stop = False

    @property
    def url(self) -> str:
        """Where the site is."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def run(self) -> None:
        """Start everything and return when everything has stopped."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        try:
            self._start()
            self._watch()
        finally:
            self._stop()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked_to_stop:
            return
        self.asked_to_stop = True
        raise KeyboardInterrupt

    # -- start -------------------------------------------------------------------------------------

    def _start(self) -> None:
        _end_leftovers()
        self._need_free_port()
        if not os.environ.get("DATABASE_URL"):
            self.cluster = dev_cluster()
            # A server that manage.py left running is replaced by one that ends with us.
            if self.cluster.home.exists():
                self.cluster.stop()
            self.cluster.start(tied=True)
            os.environ["DATABASE_URL"] = self.cluster.url
        os.environ.setdefault("SITE_URL", self.url)
        os.environ.setdefault("DJANGO_RUNSERVER_HIDE_WARNING", "true")
        _say("Migrating the database …")
        self._manage("migrate", "--no-input", "--verbosity", "0")
        people = self._load_demo()
        self._launch("worker", "procrastinate", "worker")
        self._launch("site", "runserver", *([] if _wants_reload() else ["--noreload"]), self._address())
        self._await_site()
        _say(people)
        _say(f"The site is at {self.url}   (mails are files in .local/mail; Ctrl-C stops everything)")

    def _address(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def _need_free_port(self) -> None:
        deadline = time.monotonic() + 3
        while not _is_free(self.host, self.port):
            # A site that was killed a moment ago may still be letting go of it.
            if time.monotonic() > deadline:
                raise Problem(
                    f"Port {self.port} on {self.host} is taken, perhaps by the site of another checkout. "
                    f"Choose another: make run PORT={self.port + 1}"
                )
            time.sleep(0.2)

    def _manage(self, *arguments: str) -> None:
        done = subprocess.run(_command(*arguments), cwd=ROOT, check=False, preexec_fn=die_with_parent)
        if done.returncode != 0:
            raise Problem(f"manage.py {arguments[0]} failed; what it said is above.")

    def _load_demo(self) -> str:
        """Fill an empty database; the command says who can sign in."""
        if not any(ROOT.glob("*/management/commands/load_demo.py")):
            return ""
        done = subprocess.run(
            _command("load_demo", "--if-empty"),
            cwd=ROOT,
            check=False,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_parent,
        )
        if done.returncode != 0:
            raise Problem(f"{done.stdout}\nmanage.py load_demo failed; what it said is above.")
        return done.stdout.strip()

    def _launch(self, name: str, *arguments: str) -> None:
        self.parts[name] = subprocess.Popen(
            _command(*arguments),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            # A group of its own: Ctrl-C is for us alone, and all of it can be stopped.
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        pids = {part: child.pid for part, child in self.parts.items()}
        STATE.write_text(json.dumps({"url": self.url, "parts": pids}), encoding="utf-8")

    def _await_site(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            self._look()
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{self._local()}/healthz", timeout=5):  # noqa: S310
                return
            time.sleep(0.1)
        raise Problem("The site does not answer.")

    def _local(self) -> str:
        every = self.host in {"0.0.0.0", "::"}  # noqa: S104
        return f"http://127.0.0.1:{self.port}" if every else self.url

    # -- watch and stop ----------------------------------------------------------------------------

    def _watch(self) -> None:
        while True:
            self._look()
            time.sleep(0.3)

    def _look(self) -> None:
        for name, child in self.parts.items():
            code = child.poll()
            if code is not None:
                raise Problem(f"The {name} ended by itself ({_how(code)}). Everything else is stopped; start again.")
        if self.cluster is not None and self.cluster.died:
            raise Problem(
                "The database server ended by itself. Everything else is stopped; start again, nothing is lost.\n"
                + self.cluster.log_end()
            )

    def _stop(self) -> None:
        self.asked_to_stop = True
        LOCK.write_text(f"process {os.getpid()}{STOPPING}", encoding="utf-8")
        if self.parts:
            _say("Stopping …")
        for child in self.parts.values():
            _signal_group(child.pid, signal.SIGTERM)
        # Without its database the worker would go on trying to reach it until the last second.
        bereft = self.cluster is not None and self.cluster.died
        deadline = time.monotonic() + (1.0 if bereft else STOP_SECONDS)
        for child in self.parts.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, deadline - time.monotonic()))
            # Whatever of the group is left, the part itself included.
            _signal_group(child.pid, signal.SIGKILL)
            child.wait()
        if self.cluster is not None and self.cluster.home.exists():
            self.cluster.stop()
        STATE.unlink(missing_ok=True)


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _command(*arguments: str) -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def _wants_reload() -> bool:
    return os.environ.get("RELOAD", "") not in {"", "0"}


def _say(text: str) -> None:
    if text:
        print(text, flush=True)


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _end_leftovers() -> None:
    """End what a supervisor that was killed hard has left, if it has not ended yet."""
    try:
        parts = json.loads(STATE.read_text(encoding="utf-8"))["parts"]
    except (OSError, ValueError, KeyError):
        return
    for pid in parts.values():
        # The number may belong to somebody else by now.
        if is_alive(pid) and _is_ours(pid):
            _signal_group(pid, signal.SIGKILL)
    STATE.unlink(missing_ok=True)


def _is_ours(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return str(ROOT / "manage.py").encode() in words


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    """Hold the checkout's lock; wait for one that is stopping, or has yet to see that a part was killed."""
    LOCAL.mkdir(exist_ok=True)
    begun = time.monotonic()
    with open(LOCK, "a+", encoding="utf-8") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                lock.seek(0)
                holder = lock.read().strip()
                patience = 30 if holder.endswith(STOPPING) else 1.5
                if time.monotonic() - begun > patience:
                    raise Problem(f"It runs already in this checkout ({holder}). Stop that one first.") from None
                time.sleep(0.1)
        LOCK.write_text(f"process {os.getpid()}", encoding="utf-8")
        yield


def main() -> int:
    """Run until stopped; returns the exit code."""
    if os.environ.get("MAKELEVEL"):
        # Otherwise a killed `make` would leave us behind, and the next one would find us in its way.
        die_with_parent()
    host = os.environ.get("HOST") or "127.0.0.1"
    port = os.environ.get("PORT") or "8000"
    if not port.isdigit() or not 0 < int(port) < 65536:
        print(f"PORT must be a number between 1 and 65535, not {port!r}.", file=sys.stderr)
        return 2
    try:
        with _only_one():
            Supervisor(host, int(port)).run()
    except KeyboardInterrupt:
        _say("Stopped.")
        return 0
    except PermissionError as problem:
        print(f"\nThis user may not write to {problem.filename}; who made it with another user?", file=sys.stderr)
        return 1
    except (Problem, ClusterError, PostgresMissing) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
