"""No file of the repository may name a package registry: an install goes where pip is told to go."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tools.postgres import ROOT

BUILT = frozenset({"build", "staticfiles"})
#: In pieces, so that this file does not name them itself.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("cdn", "jsdelivr", "net"),
        ("unpkg", "com"),
        ("cdnjs", "cloudflare", "com"),
    )
)


def offending_files(root: Path = ROOT) -> list[tuple[str, str]]:
    """Each tracked or new file that names a registry, with the name."""
    found = []
    for name in _files(root):
        path = root / name
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore").lower()
        found += [(name, host) for host in REGISTRIES if host in text]
    return found


def _files(root: Path) -> list[str]:
    """What git knows or would add; in a copy without git, everything outside hidden and built folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    if shutil.which("git"):
        listed = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
        if listed.returncode == 0:
            return sorted(set(filter(None, listed.stdout.split("\0"))))
    inside = [path.relative_to(root) for path in root.rglob("*")]
    return sorted(str(path) for path in inside if not (path.parts[0].startswith(".") or path.parts[0] in BUILT))
