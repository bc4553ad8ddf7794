"""The private server survives the killing of any of its parts, and keeps what was committed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tools import processes
from tools.cluster import Cluster, ClusterError, own_folder, server_account
from tools.pg_binaries import PostgresMissing, find_binaries
from tools.postgres import ROOT, _binaries


@contextmanager
def scratch() -> Iterator[Cluster]:
    base = Path(tempfile.mkdtemp(prefix="hectare-test-", dir="/tmp"))
    base.chmod(0o711)
    # Only what is quicker about making it: a commit is still written before it is reported.
    quick = {"fsync": "off"}
    made = Cluster(base / "home", base / "s", _binaries(), account=server_account(), options=quick)
    try:
        yield made
    finally:
        made.remove()
        base.rmdir()


@pytest.fixture
def empty() -> Iterator[Cluster]:
    """One whose first start has yet to make the data."""
    with scratch() as made:
        yield made


@pytest.fixture(scope="module")
def begun() -> Iterator[Cluster]:
    """A server that was started once, and stopped. Making or copying data takes longer than all the rest."""
    with scratch() as made:
        made.start(tied=True)
        made.stop()
        yield made


@pytest.fixture
def cluster(begun: Cluster) -> Iterator[Cluster]:
    """One with data, stopped: what the tests before have done to it, killing it as well, it has to have survived."""
    options = begun.options
    yield begun
    begun.options = options
    begun.stop()


def execute(cluster: Cluster, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def write_rows(cluster: Cluster, count: int = 1000) -> None:
    execute(cluster, "DROP TABLE IF EXISTS row_kept")
    execute(cluster, "CREATE TABLE row_kept (n int)")
    execute(cluster, f"INSERT INTO row_kept SELECT generate_series(1, {count})")


def rows(cluster: Cluster) -> int:
    return int(str(execute(cluster, "SELECT count(*) FROM row_kept")[0][0]))


def test_starts_once_and_stops(cluster: Cluster) -> None:
    assert cluster.start(tied=True) is True
    assert cluster.start(tied=True) is False
    pid = cluster.pid
    assert pid is not None
    assert cluster.stop() is True
    assert cluster.stop() is False
    assert not processes.is_alive(pid)


def test_only_its_owner_reaches_it(cluster: Cluster) -> None:
    cluster.start(tied=True)
    assert cluster.sockets.stat().st_mode & 0o777 == 0o700
    assert cluster.data.stat().st_mode & 0o777 == 0o700
    assert execute(cluster, "SHOW listen_addresses") == [("",)]


def test_sorts_alike_everywhere(cluster: Cluster) -> None:
    cluster.start(tied=True)
    words = execute(cluster, "SELECT w FROM unnest(ARRAY['b', 'A', 'a', 'B', 'é', 'z']) w ORDER BY w")
    assert [word for (word,) in words] == ["A", "B", "a", "b", "z", "é"]


def test_killed_server_starts_again_with_its_rows(cluster: Cluster) -> None:
    cluster.start(tied=True)
    write_rows(cluster)
    pid = cluster.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    # Nobody has waited for it: a zombie is what a container without an init leaves, too.
    started = time.monotonic()
    assert cluster.start(tied=True) is True
    assert time.monotonic() - started < 15
    assert rows(cluster) == 1000


def test_everything_killed_at_once(cluster: Cluster) -> None:
    cluster.start(tied=True)
    write_rows(cluster)
    for pid in processes.working_in(cluster.data):
        os.kill(pid, signal.SIGKILL)
    cluster.start(tied=True)
    assert rows(cluster) == 1000


def test_number_of_a_dead_server_in_use_by_somebody_else(cluster: Cluster) -> None:
    cluster.start(tied=True)
    write_rows(cluster)
    pid_file = cluster.data / "postmaster.pid"
    lines = pid_file.read_text(encoding="utf-8").split("\n")
    for pid in processes.working_in(cluster.data):
        os.kill(pid, signal.SIGKILL)
    lines[0] = str(os.getpid())
    pid_file.write_text("\n".join(lines), encoding="utf-8")
    assert cluster.pid is None
    cluster.start(tied=True)
    assert rows(cluster) == 1000


def test_interrupted_first_start(empty: Cluster) -> None:
    own_folder(empty.home, None, mode=0o711)
    half = empty.home / "data.init"
    half.mkdir()
    (half / "PG_VERSION").write_text("half made", encoding="utf-8")
    empty.start(tied=True)
    assert execute(empty, "SELECT 1") == [(1,)]


STARTER = """
import sys, time
from pathlib import Path
from tools.cluster import Cluster, server_account
from tools.postgres import _binaries
cluster = Cluster(Path(sys.argv[1]), Path(sys.argv[2]), _binaries(), account=server_account())
cluster.start(tied=sys.argv[3] == "tied")
print(cluster.pid, flush=True)
time.sleep(600)
"""


def start_elsewhere(cluster: Cluster, how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", STARTER, str(cluster.home), str(cluster.sockets), how],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_until_it_stops(cluster: Cluster) -> None:
    """Until the server has heard that its starter is gone: on a busy machine that takes a moment."""
    pid_file = cluster.data / "postmaster.pid"
    for _ in range(200):
        try:
            if cluster.pid is None or "stopping" in pid_file.read_text(encoding="utf-8"):
                return
        except FileNotFoundError:
            return
        time.sleep(0.05)


@pytest.mark.parametrize(("how", "survives"), [("tied", False), ("free", True)])
def test_starter_killed_hard(cluster: Cluster, how: str, survives: bool) -> None:
    with start_elsewhere(cluster, how) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        write_rows(cluster)
        starter.kill()
    if survives:
        assert cluster.pid == pid
    else:
        wait_until_it_stops(cluster)
    # At once, so that a server that is still shutting down has to be waited for.
    cluster.start(tied=True)
    assert (cluster.pid == pid) is survives
    assert rows(cluster) == 1000


def test_two_starts_at_once_make_one_server(empty: Cluster) -> None:
    with start_elsewhere(empty, "free") as one, start_elsewhere(empty, "free") as other:
        assert one.stdout is not None
        assert other.stdout is not None
        assert one.stdout.readline() == other.stdout.readline()
        one.kill()
        other.kill()


def test_refuses_a_folder_that_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(ClusterError, match="somebody else"):
        own_folder(tmp_path / "link", None, mode=0o700)


def test_a_failed_start_says_why(cluster: Cluster) -> None:
    cluster.options = {"shared_buffers": "nonsense"}
    with pytest.raises(ClusterError, match="shared_buffers"):
        cluster.start(tied=True)


DEBIANS = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.mark.skipif(not DEBIANS, reason="no installed PostgreSQL")
def test_an_installed_postgresql_will_do(empty: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(DEBIANS[-1].parent))
    empty.binaries = find_binaries()
    empty.start(tied=True)
    assert execute(empty, "SELECT w FROM unnest(ARRAY['b', 'A', 'a']) w ORDER BY w") == [("A",), ("a",), ("b",)]


def test_programs_that_are_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", str(tmp_path))
    with pytest.raises(PostgresMissing, match="postgres or initdb is not there"):
        find_binaries()
