"""Giving, ending and asking for grants between enterprises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q

from common import clock, hooks
from common.errors import Conflict, Invalid
from common.verbs import verb
from organisations import rules as targets
from organisations.enums import GrantKind
from organisations.models import Business, Connection
from permissions import engine, grants
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require
from permissions.engine import Target
from permissions.models import Grant, GrantRequest
from permissions.models.grants import RequestStatus


def _target(grant: Grant) -> Target:
    return Target(Grant.objects.filter(pk=grant.pk), grants.parties_scope())


def _known(permission: str) -> str:
    if permission not in GrantKind.values:
        raise Invalid.one("/permission", "unknown_choice", f"Choose one of: {', '.join(GrantKind.values)}.")
    return permission


def _told(actor: Access, event: str, granter: Business, grantee: Business, permission: str) -> None:
    for hook in hooks.grant_changed:
        hook(actor, event, granter, grantee, permission)


@verb
def give(actor: Access, *, granter: Business, grantee: Business, permission: str = grants.P_OC) -> Grant:
    """Let ``grantee`` do something with ``granter``. Giving what is given already changes nothing.

    A pending request for the same is answered with it.
    """
    require(actor, Action.GRANT_GIVE, targets.to_grant(granter, grantee, _known(permission)))
    hooks.settle([granter.pk, grantee.pk])
    grant, new = grants.insert(actor, granter, grantee, permission)
    pending = GrantRequest.objects.filter(
        granter=granter, grantee=grantee, permission=permission, status=RequestStatus.PENDING
    )
    pending.update(status=RequestStatus.APPROVED, answered_at=clock.now(), answered_by_id=actor.user_id)
    if new:
        _told(actor, "given", granter, grantee, permission)
    return grant


@verb
def give_each(
    actor: Access, *, granter: Business, grantees: Sequence[Business], permission: str = grants.P_OC
) -> list[Business]:
    """Give the same to several enterprises, to all or to none; those that did not hold it before."""
    _known(permission)
    for one in grantees:
        require(actor, Action.GRANT_GIVE, targets.to_grant(granter, one, permission))
    hooks.settle([granter.pk, *(one.pk for one in grantees)])
    new = grants.insert_each(actor, granter, grantees, permission)
    pending = GrantRequest.objects.filter(
        granter=granter, grantee__in=grantees, permission=permission, status=RequestStatus.PENDING
    )
    pending.update(status=RequestStatus.APPROVED, answered_at=clock.now(), answered_by_id=actor.user_id)
    for one in new:
        _told(actor, "given", granter, one, permission)
    return new


def withdrawal_preview(actor: Access, *, grant: Grant) -> dict[str, Any]:
    """What would lapse if the grant ended (L4): for either side of it."""
    side = engine.decide(actor, Action.GRANT_GIVE_UP, _target(grant))
    if not side:
        require(actor, Action.GRANT_WITHDRAW, _target(grant))
    preview: dict[str, Any] = {"grant": grant.public_id}
    for hook in hooks.preview_withdrawal:
        preview.update(hook(grants.granter_of(grant), grants.grantee_of(grant), grants.kind_of(grant)))
    return preview


@verb
def withdraw(actor: Access, *, grant: Grant) -> None:
    """End a grant from the granter's side (L5). What rested on it lapses; nothing is deleted."""
    require(actor, Action.GRANT_WITHDRAW, _target(grant))
    _end(actor, grant, "withdrawn")


@verb
def give_up(actor: Access, *, grant: Grant) -> None:
    """End a grant from the grantee's side (L5)."""
    require(actor, Action.GRANT_GIVE_UP, _target(grant))
    _end(actor, grant, "given_up")


def _end(actor: Access, grant: Grant, event: str) -> None:
    granter, grantee, kind = grants.granter_of(grant), grants.grantee_of(grant), grants.kind_of(grant)
    hooks.settle([granter.pk, grantee.pk])
    # Waits for every transaction that relies on it (grants.lock); the next one sees that it is gone.
    ended, _ = Grant.objects.filter(pk=grant.pk).delete()
    if ended:
        _stay_known(granter, grantee)
        _told(actor, event, granter, grantee, kind)


def _stay_known(granter: Business, grantee: Business) -> None:
    """Leave a connection, so that the two can find each other again to ask for the grant or to give it back."""
    one, other = granter.unit.organisation_id, grantee.unit.organisation_id
    either_way = Q(organisation=one, other=other) | Q(organisation=other, other=one)
    if one != other and not Connection.objects.filter(either_way).exists():
        Connection.objects.create(organisation_id=one, other_id=other)


@verb
def ask(
    actor: Access, *, granter: Business, grantee: Business, permission: str = grants.P_OC, message: str = ""
) -> GrantRequest:
    """Ask ``granter`` for a grant (L6). It is pending until the granter's manager answers."""
    if len(message) > 500:
        raise Invalid.one("/message", "max_length", "Keep the message to 500 characters.")
    require(actor, Action.GRANT_REQUEST, targets.to_grant(granter, grantee, _known(permission)))
    try:
        with transaction.atomic():
            request = GrantRequest.objects.create(
                granter=granter, grantee=grantee, permission=permission, message=message, asked_by_id=actor.user_id
            )
    except IntegrityError as error:
        raise Conflict(f"{granter.name} has been asked already and has not answered yet.", code="pending") from error
    _told(actor, "requested", granter, grantee, permission)
    return request


@verb
def approve(actor: Access, *, request: GrantRequest) -> Grant:
    """Give what was asked for (L6)."""
    _locked(request)
    require(actor, Action.GRANT_APPROVE, targets.of_request(request))
    hooks.settle([request.granter_id, request.grantee_id])
    grant, new = grants.insert(actor, request.granter, request.grantee, request.permission)
    _answer(actor, request, RequestStatus.APPROVED, "")
    if new:
        _told(actor, "given", request.granter, request.grantee, request.permission)
    return grant


@verb
def refuse(actor: Access, *, request: GrantRequest, answer: str = "") -> GrantRequest:
    """Refuse what was asked for, with an answer that the other side reads (L6)."""
    if len(answer) > 500:
        raise Invalid.one("/answer", "max_length", "Keep the answer to 500 characters.")
    _locked(request)
    require(actor, Action.GRANT_REFUSE, targets.of_request(request))
    _answer(actor, request, RequestStatus.REFUSED, answer)
    _told(actor, "refused", request.granter, request.grantee, request.permission)
    return request


def _locked(request: GrantRequest) -> None:
    GrantRequest.objects.select_for_update().filter(pk=request.pk).first()


def _answer(actor: Access, request: GrantRequest, status: RequestStatus, answer: str) -> None:
    request.status = status
    request.answer = answer
    request.answered_at = clock.now()
    request.answered_by_id = actor.user_id
    request.save(update_fields=["status", "answer", "answered_at", "answered_by", "updated_at"])
