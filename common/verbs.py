"""The shape of a verb: one transaction, one audit context, the actor first.

A verb locks, decides, writes and decides again. Doors (pages, API, admin, commands) call one verb and translate its
errors. Nothing else writes tenant data.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import pghistory
from django.db import transaction

P = ParamSpec("P")
R = TypeVar("R")


class _Actor(Protocol):
    @property
    def actor(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def acting_reason(self) -> str: ...


A = TypeVar("A", bound=_Actor)


def verb(function: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """Run a verb in one transaction, with the actor, the verb and the reason in the audit trail."""
    name = f"{function.__module__.split('.')[0]}.{function.__name__}"

    @wraps(function)
    def run(actor: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        context: dict[str, Any] = {"actor": actor.actor, "actor_name": actor.name, "verb": name}
        if actor.acting_reason:
            context["reason"] = actor.acting_reason
        with transaction.atomic(), pghistory.context(**context):
            return function(actor, *args, **kwargs)

    return run
