"""No file of the repository may name a package registry: an install goes where pip is told to go."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tools.postgres import ROOT

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
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = []
    for name in sorted(set(filter(None, listed.split("\0")))):
        path = root / name
        if path.is_symlink() or not path.is_file():
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore").lower()
        found += [(name, host) for host in REGISTRIES if host in text]
    return found
