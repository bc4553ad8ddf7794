"""Start-up checks: every action has a policy, and every table of tenants has a way to be asked for."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from permissions import engine
from permissions.actions import Action

OUR_APPS = ("mails", "organisations", "permissions", "customers", "ordercycles")

#: Tables that are reached through another row only, never listed by themselves, and why.
REACHED_THROUGH = {
    "ordercycles.CycleFee": "its cycle",
    "ordercycles.ExchangeFee": "its exchange",
    "ordercycles.ExchangeVariant": "its exchange",
    "ordercycles.RecordedOffer": "its cycle",
}


def is_kept_by_us(model: Any) -> bool:
    """Whether a model is one of ours and not a table of the audit trail or a join table."""
    return (
        model._meta.app_label in OUR_APPS and not hasattr(model, "pgh_tracked_model") and not model._meta.auto_created
    )


@register()
def every_action_has_a_policy(**_: Any) -> list[CheckMessage]:
    """An action without rules would be refused to everybody by an exception; say so at the start."""
    known = {policy.action for policy in engine.policies()}
    return [
        Error(
            f"The action {action} has no policy.", hint="Register one in the rules of its app.", id="permissions.E001"
        )
        for action in Action
        if action not in known
    ]


@register()
def every_model_has_a_policy(**_: Any) -> list[CheckMessage]:
    """A table that nobody said the rules of is closed, and forgotten: say so at the start."""
    return [
        Error(
            f"{model._meta.label} has no policy.",
            hint="Call engine.register_model in the rules of its app, or name the row that it is reached through.",
            id="permissions.E002",
        )
        for model in apps.get_models()
        if is_kept_by_us(model) and not engine.has_policy(model) and model._meta.label not in REACHED_THROUGH
    ]
