"""A private PostgreSQL server: made, started, found again and stopped. Standard library only.

It listens on a Unix socket in a folder of mode 0700 and nowhere else. It survives, in the sense that
the next start works and every committed row is there, the killing of any of its parts.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pwd
import shutil
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tools import processes
from tools.pg_binaries import Binaries

ROLE = "hectare"
DATABASE = "hectare"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
#: For a server whose data nobody will miss: it need not survive a power cut, nor tell others what it writes. What is
#: rolled back is cleared away sooner: tests leave so much of it that every scan would step over it.
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "1h",
    "shared_buffers": "256MB",
    "autovacuum_naptime": "15s",
}


class ClusterError(RuntimeError):
    """The server could not be made, started or stopped; the message holds the end of its log."""


@dataclass(frozen=True)
class Account:
    """The user that the server runs as, where that is not the one who starts it."""

    uid: int
    gid: int


def server_account() -> Account | None:
    """PostgreSQL refuses to run as root; then it runs as ``nobody``."""
    if os.getuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


class Cluster:
    """One data folder and the server on it."""

    def __init__(
        self,
        home: Path,
        sockets: Path,
        binaries: Binaries,
        *,
        account: Account | None = None,
        options: dict[str, str] | None = None,
    ) -> None:
        self.home = home
        self.data = home / "data"
        self.log = home / "server.log"
        self.sockets = sockets
        self.binaries = binaries
        self.account = account
        self.options = options or {}
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What to set DATABASE_URL to."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    @property
    def pid(self) -> int | None:
        """The server's process, or None when it does not run."""
        lines = self._pid_file()
        if not lines:
            return None
        pid = int(lines[0])
        return pid if self._is_ours(pid) else None

    def start(self, *, tied: bool) -> bool:
        """Make the data if there is none, and start the server if it does not run.

        ``tied``: the server ends with this process, however this process ends.
        Returns whether this call started it.
        """
        own_folder(self.home, None, mode=0o711 if self.account else 0o700)
        with self._locked():
            if self._joined():
                return False
            own_folder(self.sockets, self.account, mode=0o700)
            self._clear_leftovers()
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._launch(tied=tied)
            return True

    def stop(self) -> bool:
        """Stop the server; open connections are closed. Returns whether it ran."""
        with self._locked():
            pid = self.pid
            if pid is None:
                return False
            os.kill(pid, signal.SIGINT)
            if not self._wait_ended(pid, STOP_SECONDS):
                os.kill(pid, signal.SIGQUIT)
                if not self._wait_ended(pid, STOP_SECONDS):
                    raise ClusterError(f"The database server (process {pid}) does not stop.")
            return True

    def remove(self) -> None:
        """Stop the server and delete everything it had."""
        if self.home.exists():
            self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.sockets, ignore_errors=True)

    def log_end(self, lines: int = 12) -> str:
        """The last lines that the server wrote."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    @property
    def died(self) -> bool:
        """Whether the server that this process started has ended."""
        return self._child is not None and self._child.poll() is not None

    @property
    def _is_throw_away(self) -> bool:
        return self.options.get("fsync") == "off"

    def _joined(self) -> bool:
        """Whether a server runs and is ready. One that is about to end is waited for, then forgotten."""
        deadline = time.monotonic() + START_SECONDS
        while self.pid is not None:
            if self._is_ready() and self._answers():
                return True
            if time.monotonic() > deadline:
                raise ClusterError(f"The database server neither answers nor ends.\n{self.log_end()}")
            time.sleep(0.02)
        return False

    # -- how ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        # Held only while starting or stopping; the kernel frees it if we are killed.
        with open(self.home / "lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _pid_file(self) -> list[str]:
        try:
            text = (self.data / "postmaster.pid").read_text(encoding="utf-8")
        except OSError:
            return []
        return text.split("\n") if text.strip() else []

    def _is_ours(self, pid: int) -> bool:
        if not processes.is_alive(pid):
            return False
        if not Path("/proc/self/cwd").exists():
            return True
        # A number used again by another program must not pass for the server, which works in its data.
        return pid in processes.working_in(self.data)

    def _clear_leftovers(self) -> None:
        """After a hard kill: wait for the server's orphans, then forget the dead server's lock files.

        PostgreSQL itself refuses one whose process is a zombie or a number used again. They must not go
        before the orphans have: those may still be writing.
        """
        orphans = processes.working_in(self.data)
        if orphans and not processes.wait_gone(orphans, 10):
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGQUIT)
            if not processes.wait_gone(orphans, 10):
                raise ClusterError(f"Processes of an earlier database server remain: {orphans}")
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left in self.sockets.glob(".s.PGSQL.*"):
            left.unlink()
        if self._child is not None:
            # Ended, and ours to reap.
            self._child.wait()

    def _initialise(self) -> None:
        making = self.home / "data.init"
        shutil.rmtree(making, ignore_errors=True)
        own_folder(making, self.account, mode=0o700)
        # The built-in locale sorts the same on every machine.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self.binaries.version[0] >= 17
            else ["--locale=C.UTF-8"]
        )
        self._run(
            [
                *(self.binaries.initdb, "-D", making, "-U", ROLE, "-E", "UTF8", "--auth=trust"),
                *(*locale, "--no-instructions", *(["--no-sync"] if self._is_throw_away else [])),
            ]
        )
        self._run(
            [self.binaries.postgres, "--single", "-D", making, "postgres"],
            stdin=f"CREATE DATABASE {DATABASE};\n".encode(),
        )
        # Renamed when whole, so that an interrupted first start leaves nothing half made in place.
        shutil.rmtree(self.data, ignore_errors=True)
        making.rename(self.data)

    def _run(self, command: list[Any], stdin: bytes = b"") -> None:
        done = subprocess.run(
            [str(part) for part in command],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self._as_account(),
        )
        if done.returncode != 0:
            said = done.stdout.decode(errors="replace").strip()
            raise ClusterError(f"{Path(command[0]).name} failed:\n{said}")

    def _as_account(self) -> dict[str, Any]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        common: dict[str, Any] = {"cwd": "/", "env": environment | {"LC_ALL": "C"}}
        if self.account is None:
            return common
        # [gid], not []: an empty list leaves root's other groups in place on Python 3.11.
        return common | {
            "user": self.account.uid,
            "group": self.account.gid,
            "extra_groups": [self.account.gid],
        }

    def _launch(self, *, tied: bool) -> None:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "timezone": "UTC",
        } | self.options
        command = [str(self.binaries.postgres), "-D", str(self.data)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with open(self.log, "wb") as log:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A Ctrl-C in the terminal is for the supervisor, which stops the server last.
                start_new_session=True,
                preexec_fn=_fast_stop_with_parent if tied else None,
                **self._as_account(),
            )
        self._await_ready(self._child)

    def _is_ready(self) -> bool:
        lines = self._pid_file()
        # The eighth line is what pg_ctl looks at, too.
        return len(lines) > 7 and lines[7].strip() == "ready"

    def _answers(self) -> bool:
        """Whether somebody behind the socket replies; one who has just been killed looks alive otherwise."""
        try:
            with socket.socket(socket.AF_UNIX) as probe:
                probe.settimeout(5)
                probe.connect(str(self.sockets / ".s.PGSQL.5432"))
                # "Do you speak TLS?", which PostgreSQL answers with one letter before any sign-in.
                probe.sendall(struct.pack("!ii", 8, 80877103))
                return probe.recv(1) in {b"N", b"S"}
        except OSError:
            return False

    def _await_ready(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while child.poll() is None and time.monotonic() < deadline:
            if self._is_ready():
                return
            time.sleep(0.02)
        raise ClusterError(f"The database server did not start.\n{self.log_end()}")

    def _wait_ended(self, pid: int, seconds: float) -> bool:
        if self._child is not None and self._child.pid == pid:
            try:
                self._child.wait(seconds)
            except subprocess.TimeoutExpired:
                return False
            return True
        return processes.wait_gone([pid], seconds)


def _fast_stop_with_parent() -> None:
    processes.die_with_parent(signal.SIGINT)


def own_folder(path: Path, account: Account | None, *, mode: int) -> None:
    """Make ``path`` a folder of ours (or of ``account``) with ``mode``; refuse somebody else's.

    The socket folder has a guessable name in a folder that everybody writes to.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    found = path.lstat()
    owners = {os.getuid()} | ({account.uid} if account else set())
    if path.is_symlink() or not path.is_dir() or found.st_uid not in owners:
        raise ClusterError(f"{path} belongs to somebody else; remove it and start again.")
    if account is not None:
        os.chown(path, account.uid, account.gid)
    path.chmod(mode)
