"""A pytest plugin that writes how many tests passed, failed and so on, for ``tools.test``."""

from __future__ import annotations

import json
import os
from pathlib import Path

from _pytest.terminal import TerminalReporter

KINDS = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Called once, by the process that the workers report to."""
    target = os.environ.get("HECTARE_TEST_COUNTS")
    if target and "PYTEST_XDIST_WORKER" not in os.environ:
        counts = {kind: len(terminalreporter.stats.get(kind, [])) for kind in KINDS}
        Path(target).write_text(json.dumps(counts), encoding="utf-8")
