"""The check that pages, API and admin ask the engine for rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import doors

HERE = Path("ordercycles/views/cycles.py")


@pytest.mark.parametrize(
    "source",
    [
        "cycle = get_object_or_404(OrderCycle.objects, pk=pk)",
        "rows = OrderCycle.objects.all()",
        "rows = models.OrderCycle._default_manager.filter(open=True)",
        "class F(Form):\n    variant = ModelChoiceField(Variant.objects.all())",
        "rows = sorted(Fee._base_manager.all())",
        "visible(actor, a)\nrows = Fee.objects.all()",
    ],
)
def test_rows_past_the_engine_are_found(source: str) -> None:
    assert len(doors.findings_in(source, HERE)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "rows = visible(actor, OrderCycle.objects.filter(open=True)).order_by('pk')",
        "rows = engine.editable(request.access, Fee.objects.all())",
        "rows = engine.allowed(actor, Action.FEE_EDIT, Target(Fee.objects.all(), scope))",
        "mine = User.objects.get(pk=pk)  # door: one's own account",
        "request.session.objectives = 3",
    ],
)
def test_rows_asked_for_or_excused_are_not(source: str) -> None:
    assert doors.findings_in(source, HERE) == []


def test_an_excuse_needs_a_reason() -> None:
    assert len(doors.findings_in("rows = Fee.objects.all()  # door:", HERE)) == 1


def test_the_finding_says_where_and_what_instead() -> None:
    (finding,) = doors.findings_in("\nrows = Fee.objects.all()", HERE)
    assert str(finding) == (
        "ordercycles/views/cycles.py:2: Fee.objects reads a tenant's rows past the engine. Ask for them: "
        "visible(actor, Fee.objects…) or editable(…); where that is not meant, say why in a comment on the line: "
        "# door: …"
    )


def test_which_modules_are_doors(tmp_path: Path) -> None:
    for name in ("views/a.py", "api/b.py", "admin.py", "forms.py", "domain/c.py", "models/d.py", "web.py"):
        path = tmp_path / "ordercycles" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = [str(path.relative_to(tmp_path / "ordercycles")) for path in doors.door_modules(tmp_path)]
    assert found == ["admin.py", "api/b.py", "forms.py", "views/a.py", "web.py"]


def test_ours_all_ask() -> None:
    assert [str(finding) for finding in doors.findings()] == []
