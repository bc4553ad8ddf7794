"""Make or refresh .venv from requirements/dev.txt. Standard library only; runs on any Python >= 3.11.

``make`` calls it before everything else; when nothing has changed it is done in a moment.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "set-up.stamp"
LOCK = ROOT / "requirements" / "dev.txt"
BOOTSTRAP = ROOT / "requirements" / "bootstrap.txt"
UV = ROOT / ".local" / "uv"
OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> int:
    """Set the environment up; returns the exit code."""
    if sys.version_info < OLDEST:
        return _with_newer_python()
    try:
        (ROOT / ".local").mkdir(exist_ok=True)
        with open(ROOT / ".local" / "set-up.lock", "w", encoding="ascii") as lock:
            # Two commands started at once must not install into one folder at once.
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_current():
                _install()
    except PermissionError as problem:
        print(f"This user may not write to {problem.filename}; who made it with another user?", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError:
        print(f"\nThe set-up failed; what it said is above. Try again, or remove {VENV} first.", file=sys.stderr)
        return 1
    return 0


def _with_newer_python() -> int:
    for name in NEWER:
        found = shutil.which(name)
        if found:
            return subprocess.run([found, *sys.argv], check=False).returncode
    print(
        "Python 3.11 or newer is needed; this is {}.{}. Install one, or name it: make PYTHON=/path/to/python3".format(
            *sys.version_info
        ),
        file=sys.stderr,
    )
    return 1


def _fingerprint() -> str:
    version = ".".join(str(part) for part in sys.version_info[:2])
    # The place counts: a moved environment has wrong paths inside.
    return hashlib.sha256(LOCK.read_bytes() + f"{version} {VENV}".encode()).hexdigest()


def _is_current() -> bool:
    try:
        return PYTHON.exists() and STAMP.read_text(encoding="ascii") == _fingerprint()
    except OSError:
        return False


def _install() -> None:
    print("Setting up .venv (once, and again when the requirements change) …", flush=True)
    STAMP.unlink(missing_ok=True)
    uv = _uv()
    if uv is None or not _install_with_uv(uv):
        _install_with_pip()
    STAMP.write_text(_fingerprint(), encoding="ascii")


def _uv() -> list[str] | None:
    """The quick installer, fetched by pip when it is not there yet; None when it cannot be had."""
    program = UV / "bin" / "uv"
    wanted = hashlib.sha256(BOOTSTRAP.read_bytes()).hexdigest()
    mark = UV / "stamp"
    if program.exists() and mark.exists() and mark.read_text(encoding="ascii") == wanted:
        return [str(program)]
    shutil.rmtree(UV, ignore_errors=True)
    # --target also works where the system's Python is closed to pip.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    command += ["--root-user-action=ignore", "--target", str(UV), "--require-hashes", "-r", str(BOOTSTRAP)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        print("uv is not to be had here; going on with pip, which takes about a minute.", flush=True)
        return None
    mark.write_text(wanted, encoding="ascii")
    return [str(program)]


def _install_with_uv(uv: list[str]) -> bool:
    environment = os.environ | _pip_index() | {"VIRTUAL_ENV": str(VENV), "UV_NO_CONFIG": "1"}
    commands = [[*uv, "pip", "sync", "--quiet", "--compile-bytecode", "--require-hashes", str(LOCK)]]
    if not _venv_fits():
        shutil.rmtree(VENV, ignore_errors=True)
        commands.insert(0, [*uv, "venv", "--quiet", "--python", sys.executable, str(VENV)])
    for command in commands:
        if subprocess.run(command, check=False, env=environment, cwd=ROOT).returncode != 0:
            print("uv could not; going on with pip, which takes about a minute.", flush=True)
            return False
    return True


def _pip_index() -> dict[str, str]:
    """Tell uv, which reads none of pip's settings, of the index that pip uses here."""
    if os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL"):
        return {}
    index = os.environ.get("PIP_INDEX_URL", "")
    if not index:
        for key in ("install.index-url", "global.index-url"):
            asked = [sys.executable, "-m", "pip", "config", "get", key]
            index = index or subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()
    return {"UV_DEFAULT_INDEX": index} if index else {}


def _venv_fits() -> bool:
    """Whether .venv works and has this Python's version."""
    say = f"import sys; print(sys.version_info[:2] == {tuple(sys.version_info[:2])}, sys.prefix)"
    try:
        said = subprocess.run([str(PYTHON), "-c", say], check=False, capture_output=True, text=True).stdout
    except OSError:
        return False
    return said.strip() == f"True {VENV}"


def _install_with_pip() -> None:
    pip = [str(PYTHON), "-m", "pip"]
    has_pip = _venv_fits() and subprocess.run([*pip, "--version"], check=False, capture_output=True).returncode == 0
    if not has_pip:
        shutil.rmtree(VENV, ignore_errors=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False)
        if made.returncode != 0:
            print("On Debian and Ubuntu: apt install python3-venv", file=sys.stderr)
            raise subprocess.CalledProcessError(made.returncode, "venv")
    command = [*pip, "install", "--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    subprocess.run([*command, "-r", str(LOCK)], check=True, cwd=ROOT)


if __name__ == "__main__":
    raise SystemExit(main())
