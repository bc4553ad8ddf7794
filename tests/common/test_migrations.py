"""Operations together do what they do one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from common.migrations import Together

pytestmark = pytest.mark.django_db

BASKET = migrations.CreateModel("Basket", [("id", models.BigAutoField(primary_key=True))])
APPLE = migrations.CreateModel(
    "Apple",
    [("id", models.BigAutoField(primary_key=True)), ("basket", models.ForeignKey("trial.Basket", models.CASCADE))],
)
ADDED: tuple[Operation, ...] = (
    migrations.AddField("basket", "name", models.CharField(max_length=20, default="")),
    migrations.AddField("apple", "weight", models.IntegerField(default=1)),
    migrations.AddConstraint("apple", models.CheckConstraint(condition=models.Q(weight__gt=0), name="apple_weighs")),
    migrations.AddIndex("basket", models.Index(fields=["name"], name="basket_by_name")),
)


MADE = pytest.mark.parametrize(
    "made", [pytest.param((BASKET, APPLE), id="one by one"), pytest.param((Together([BASKET, APPLE]),), id="together")]
)


def columns(table: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        described = connection.introspection.get_table_description(cursor, table)
        constraints = connection.introspection.get_constraints(cursor, table)
    return {"columns": [column.name for column in described], "constraints": sorted(constraints)}


def run(operations: Sequence[Operation]) -> tuple[ProjectState, list[tuple[Operation, ProjectState, ProjectState]]]:
    state, steps = ProjectState(), []
    with connection.schema_editor() as editor:
        for operation in operations:
            before = state.clone()
            operation.state_forwards("trial", state)
            operation.database_forwards("trial", editor, before, state)
            steps.append((operation, before, state.clone()))
    return state, steps


@MADE
def test_the_state_is_that_of_one_by_one(made: tuple[Operation, ...]) -> None:
    one_by_one, _ = run([BASKET, APPLE, *ADDED])
    with connection.schema_editor() as editor:
        for name in ("Apple", "Basket"):
            editor.delete_model(one_by_one.apps.get_model("trial", name))
    together, _ = run([*made, Together(ADDED)])
    assert together == one_by_one
    fields = {
        name: [field.name for field in together.apps.get_model("trial", name)._meta.get_fields()]
        for name in ("Apple", "Basket")
    }
    assert fields == {"Apple": ["id", "basket", "weight"], "Basket": ["apple", "id", "name"]}


@MADE
def test_the_database_has_all_and_has_none_when_taken_back(made: tuple[Operation, ...]) -> None:
    _, steps = run([*made, Together(ADDED)])
    added = {table: columns(table) for table in ("trial_basket", "trial_apple")}
    assert [added[table]["columns"] for table in added] == [["id", "name"], ["id", "basket_id", "weight"]]
    assert "basket_by_name" in added["trial_basket"]["constraints"]
    assert "apple_weighs" in added["trial_apple"]["constraints"]
    operation, before, after = steps[-1]
    with connection.schema_editor() as editor:
        operation.database_backwards("trial", editor, after, before)
    left = {table: columns(table) for table in ("trial_basket", "trial_apple")}
    assert [left[table]["columns"] for table in left] == [["id"], ["id", "basket_id"]]
    assert not {"basket_by_name", "apple_weighs"} & {
        *left["trial_basket"]["constraints"],
        *left["trial_apple"]["constraints"],
    }


def test_new_models_are_taken_back() -> None:
    _, ((operation, before, after),) = run([Together([BASKET, APPLE])])
    with connection.schema_editor() as editor:
        operation.database_backwards("trial", editor, after, before)
    assert not {"trial_basket", "trial_apple"} & set(connection.introspection.table_names())
