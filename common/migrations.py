"""What our migrations are put together from, besides Django's operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.migrations.operations.base import Operation


class Together(Operation):
    """Several operations, one after the other: new models, or what is added to models that are there already.

    The same as the operations themselves, but Django makes all models that hang together anew after each of those,
    which is nearly all of the time that a new database takes: here it does so once for all of them.

    Args:
        operations: of this app. None changes what another one of them makes: the table of a new model is made as the
            model is after all of them, so its constraints and further fields belong into another one of these.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Add all to the state; then make its models anew, where it has any by now."""
        apps = state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)
        if apps is not None:
            state.apps = apps
            state.reload_models({(app_label, _model_of(operation)) for operation in self.operations})

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Add all to the database, in order."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Take all out again, the last one first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What `migrate --plan` shows."""
        return "; ".join(operation.describe() for operation in self.operations)


def _model_of(operation: Any) -> str:
    """In small letters. An operation on a part of a model has a name of its own beside the model's."""
    return str(getattr(operation, "model_name", None) or operation.name).lower()
