"""The checkout's private PostgreSQL: ``python -m tools.postgres start|stop|status|url|delete``."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tools.cluster import THROW_AWAY, Cluster, ClusterError, own_folder, server_account
from tools.pg_binaries import Binaries, PostgresMissing, find_binaries, staged
from tools.processes import is_alive

ROOT = Path(__file__).resolve().parent.parent
#: For root only: the server runs as ``nobody``, who cannot be expected to enter the checkout.
ROOT_STORE = Path("/var/lib/hectare-dev")


def _tag() -> str:
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]


def _scratch() -> Path:
    # Fixed and short: a socket's path has at most 107 bytes, and TMPDIR differs between terminals.
    short = Path("/tmp")  # noqa: S108 (what is made in it is looked over first)
    return short if os.access(short, os.W_OK) else Path(tempfile.gettempdir())


def _binaries() -> Binaries:
    found = find_binaries()
    if server_account() is None:
        return found
    own_folder(ROOT_STORE, None, mode=0o711)
    return staged(found, ROOT_STORE)


def dev_cluster() -> Cluster:
    """The server that ``make run`` and ``manage.py`` use; its data stay."""
    account = server_account()
    home = ROOT_STORE / _tag() if account else ROOT / ".local" / "postgres"
    sockets = _scratch() / f"hectare-{os.getuid()}-{_tag()}"
    return Cluster(home, sockets, _binaries(), account=account)


@contextlib.contextmanager
def throw_away_cluster() -> Iterator[Cluster]:
    """A new, empty server that ends with this process; its data are deleted."""
    prefix = f"hectare-tmp-{os.getuid()}-"
    _sweep(prefix)
    base = Path(tempfile.mkdtemp(prefix=f"{prefix}{os.getpid()}-", dir=_scratch()))
    account = server_account()
    base.chmod(0o711 if account else 0o700)
    cluster = Cluster(base / "home", base / "s", _binaries(), account=account, options=dict(THROW_AWAY))
    try:
        cluster.start(tied=True)
        yield cluster
    finally:
        cluster.remove()
        with contextlib.suppress(OSError):
            base.rmdir()


def _sweep(prefix: str) -> None:
    """Delete what throw-away servers of killed processes left behind."""
    import shutil

    for path in _scratch().glob(f"{prefix}*"):
        pid = path.name.removeprefix(prefix).split("-")[0]
        if pid.isdigit() and path.lstat().st_uid == os.getuid() and not is_alive(int(pid)):
            shutil.rmtree(path, ignore_errors=True)


def ensure_database_url() -> None:
    """Set DATABASE_URL, unless it is set, to the checkout's server, started when it does not run."""
    if os.environ.get("DATABASE_URL"):
        return
    try:
        cluster = dev_cluster()
        if cluster.start(tied=False):
            print("Started the private database server.", file=sys.stderr)
    except (ClusterError, PostgresMissing) as problem:
        raise SystemExit(str(problem)) from None
    os.environ["DATABASE_URL"] = cluster.url


def main(arguments: list[str]) -> int:
    """Do one of start, stop, status, url, delete."""
    command = arguments[0] if len(arguments) == 1 else ""
    if command not in {"start", "stop", "status", "url", "delete"}:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return _do(command, dev_cluster())
    except (ClusterError, PostgresMissing) as problem:
        print(problem, file=sys.stderr)
        return 1


def _do(command: str, cluster: Cluster) -> int:
    if command == "start":
        print("Started." if cluster.start(tied=False) else "It runs already.")
    elif command == "stop":
        print("Stopped." if cluster.home.exists() and cluster.stop() else "It was not running.")
    elif command == "delete":
        cluster.remove()
        print("Stopped, and its data deleted.")
        return 0
    elif command == "status":
        print(f"Running, process {cluster.pid}." if cluster.pid else "Not running.")
        return 0 if cluster.pid else 3
    print(f"DATABASE_URL={cluster.url}") if command != "stop" else None
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
