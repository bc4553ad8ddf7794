"""The shape of a verb: one transaction, one audit context, the actor first.

A verb locks, decides, writes and decides again. Doors (pages, API, admin, commands) call one verb and translate its
errors. Nothing else writes tenant data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import pghistory
import structlog
from django.db import transaction

from common.audit import door_of_process, within_request
from common.errors import DomainError

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class _Actor(Protocol):
    @property
    def actor(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def acting_reason(self) -> str: ...
    @property
    def in_fact(self) -> Mapping[str, str]: ...


A = TypeVar("A", bound=_Actor)


#: Whether a verb runs already: what it calls on the way is part of it, and the audit trail names the whole.
_runs: ContextVar[bool] = ContextVar("verb_runs", default=False)


def _log_refusal(actor: _Actor, name: str, refusal: DomainError) -> None:
    """A denied attempt leaves nothing in the database; the log tells of it, with the rule and without what was sent."""
    decision = getattr(refusal, "decision", None)
    who = {"actor": actor.actor, "impersonator": actor.in_fact.get("impersonator", "")}
    if decision is not None:
        log.warning("refused", verb=name, action=str(decision.action), rule=decision.code, **who)
    elif refusal.code in ("not_found", "gone"):
        log.warning("refused", verb=name, action="", rule="X2", **who)


def first(before: Callable[..., None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Run something before a verb's transaction, with what the verb is called with.

    So what is counted stays counted when the verb refuses. For limits on what a refusal tells.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            before(*args, **kwargs)
            return function(*args, **kwargs)

        return run

    return decorate


def verb(function: Callable[Concatenate[A, P], R]) -> Callable[Concatenate[A, P], R]:
    """Run a verb in one transaction, with the actor, the verb and the reason in the audit trail.

    A verb that another one calls is a part of it: the trail names the outer one, whose actor began it.
    """
    name = f"{function.__module__.split('.')[0]}.{function.__name__}"

    @wraps(function)
    def run(actor: A, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if _runs.get():
            with transaction.atomic():
                return function(actor, *args, **kwargs)
        context: dict[str, Any] = {"actor": actor.actor, "actor_name": actor.name, "verb": name}
        if actor.acting_reason:
            context["reason"] = actor.acting_reason
        # Who acts as the actor, when somebody does: the trail names both.
        context |= actor.in_fact
        if not within_request():
            context["door"] = door_of_process()
        runs = _runs.set(True)
        try:
            with transaction.atomic(), pghistory.context(**context):
                return function(actor, *args, **kwargs)
        except DomainError as refusal:
            _log_refusal(actor, name, refusal)
            raise
        finally:
            _runs.reset(runs)

    return run
