"""Pages, API and admin reach rows only through the engine: a check of their source.

In those modules a manager (``Model.objects``) may stand only inside a call that asks the engine, as in
``visible(actor, Product.objects.filter(…))``. A line that has to do otherwise says why::

    User.objects.filter(pk=pk)  # door: one's own account, no tenant's data
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.postgres import ROOT

APPS = ("permissions", "organisations", "customers", "ordercycles", "config")
#: Folders and modules that stand between a person and the domain.
DOORS = frozenset({"views", "api", "admin", "forms", "serializers", "web"})
MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})
ASKING = frozenset({"visible", "editable", "allowed"})
EXCUSE = re.compile(r"#\s*door: \S")
ADVICE = (
    "reads a tenant's rows past the engine. Ask for them: visible(actor, {name}.{manager}…) or editable(…); "
    "where that is not meant, say why in a comment on the line: # door: …"
)


@dataclass(frozen=True)
class Finding:
    """A manager outside a question to the engine."""

    path: Path
    line: int
    name: str
    manager: str

    def __str__(self) -> str:
        advice = ADVICE.format(name=self.name, manager=self.manager)
        return f"{self.path}:{self.line}: {self.name}.{self.manager} {advice}"


def door_modules(root: Path = ROOT) -> Iterator[Path]:
    """Every module that this check reads."""
    for app in APPS:
        for path in sorted((root / app).rglob("*.py")):
            within = path.relative_to(root / app).with_suffix("").parts
            if DOORS & set(within) and "migrations" not in within:
                yield path


def findings_in(source: str, path: Path) -> list[Finding]:
    """What is wrong in one module."""
    lines = source.splitlines()
    return [
        Finding(path, node.lineno, ast.unparse(node.value), node.attr)
        for node in _unasked(ast.parse(source))
        if not any(EXCUSE.search(line) for line in lines[node.lineno - 1 : node.end_lineno])
    ]


def findings(root: Path = ROOT) -> list[Finding]:
    """What is wrong in all of them."""
    return [
        finding
        for path in door_modules(root)
        for finding in findings_in(path.read_text(encoding="utf-8"), path.relative_to(root))
    ]


def _unasked(node: ast.AST) -> Iterator[ast.Attribute]:
    if isinstance(node, ast.Call) and _called(node.func) in ASKING:
        return
    if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _unasked(child)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
