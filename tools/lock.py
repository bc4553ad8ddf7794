"""``make lock``: requirements/*.in become pinned files with hashes and without any registry's address."""

from __future__ import annotations

import subprocess
import sys

from tools.postgres import ROOT
from tools.setup import UV

FOLDER = ROOT / "requirements"


def main(options: list[str]) -> int:
    """Pass ``--upgrade`` on to move pins; without it they stay unless an .in file asks otherwise."""
    for name in ("prod", "dev", "bootstrap"):
        command = [str(UV / "bin" / "uv"), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", "--no-header", f"{name}.in", "--output-file", f"{name}.txt", *options]
        if name == "dev":
            command += ["--constraints", "prod.txt"]
        done = subprocess.run(command, cwd=FOLDER, check=False)
        if done.returncode != 0:
            return done.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
