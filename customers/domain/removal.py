"""Removing a customer: deactivated at once, restorable for a time, then purged with its records.

What goes and what stays is worked out by one function (``_plan``), which the preview tells and the purge does. Records
of other tenants stay untouched; what they refer to stays under a pseudonym, and so does the audit trail.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db.models import Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import JSONObject

from common import clock, hooks
from common.audit import past_the_triggers
from common.editing import check_version, locked, written
from common.errors import Conflict
from common.hooks import Leaving
from common.verbs import verb
from customers.domain import accounts, admin_log, erasure, invitations, scrub
from customers.domain.imports.forgetting import forget
from customers.enums import InvitationStatus, RemovalStatus, TransferStatus
from customers.models import (
    AccessRequest,
    Export,
    ExternalId,
    Invitation,
    Merge,
    OwnershipTransfer,
    Removal,
    User,
)
from customers.rules import of_removal
from mails import outbox
from mails.models import Mail
from organisations.models import Business, BusinessUnit, Connection, Organisation
from organisations.rules import of_organisation
from permissions import trail
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.enforce import require
from permissions.models import ApiKey, Grant, GrantRequest, Membership

log = structlog.get_logger(__name__)

_UNANSWERED = (InvitationStatus.PENDING, InvitationStatus.FAILED)


def called(kind: str, public_id: str) -> str:
    """The pseudonym of a thing that stays."""
    return f"Removed {kind} {public_id[-4:]}"


# --- looking ahead ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """Whose rows, and what becomes of them."""

    organisation: Organisation
    unit_ids: frozenset[int]
    enterprise_ids: frozenset[int]
    people: list[User]
    others: list[User]
    shells: list[Organisation]
    leaving: Leaving

    @property
    def kept_units(self) -> set[int]:
        """Units whose enterprise others' records refer to."""
        return self.leaving.kept

    def goes(self) -> dict[str, int]:
        """How many of what go."""
        row, units = self.organisation, self.unit_ids
        counted: dict[str, int] = {
            "people erased": len(self.people),
            "memberships": row.memberships.count(),
            "roles of its own": row.roles.count(),
            "API keys": row.api_keys.count(),
            "invitations": _invitations(row).count(),
            "connections": row.connections.count(),
            "records of other companies": len(self.shells),
            "grants": _grants(units).count(),
            "requests for grants": _requests(units).count(),
            "exports": Export.objects.filter(organisation=row).count(),
            "mails in the log": Mail.objects.filter(organisation=row).count(),
            "business units": len(units - self.kept_units),
        }
        return {name: count for name, count in (counted | self.leaving.goes).items() if count}

    def stays(self) -> dict[str, int]:
        """How many of what stay under a pseudonym."""
        counted = {
            "organisation": 1,
            "business units": len(self.kept_units),
            "connections of others": self.organisation.connections_from.count(),
            "people of other organisations": len(self.others),
        }
        return {name: count for name, count in (counted | self.leaving.stays).items() if count}

    def told(self) -> dict[str, Any]:
        """The preview, in numbers and names."""
        return {
            "goes": self.goes(),
            "stays": self.stays(),
            "cycles": self.leaving.cycles,
            "partners": self.leaving.partners,
            "coordinates_open": self.leaving.open,
            "coordinates_upcoming": self.leaving.upcoming,
        }


def _plan(organisation: Organisation) -> _Plan:
    units = frozenset(BusinessUnit.objects.filter(organisation=organisation).values_list("pk", flat=True))
    enterprises = frozenset(Business.objects.filter(pk__in=units).values_list("pk", flat=True))
    elsewhere = Membership.objects.filter(user=OuterRef("pk")).exclude(organisation=organisation)
    members = User.objects.filter(memberships__organisation=organisation, erased_at=None).order_by("pk")
    leaving = Leaving()
    for hook in hooks.before_removal:
        _join(leaving, hook(enterprises))
    return _Plan(
        organisation=organisation,
        unit_ids=units,
        enterprise_ids=enterprises,
        people=list(members.filter(~Exists(elsewhere), is_staff=False)),
        others=list(members.filter(Exists(elsewhere))),
        shells=_shells(organisation),
        leaving=leaving,
    )


def _join(whole: Leaving, part: Leaving) -> None:
    whole.goes.update(part.goes)
    whole.stays.update(part.stays)
    whole.cycles += part.cycles
    whole.partners = sorted({*whole.partners, *part.partners})
    whole.open += part.open
    whole.upcoming += part.upcoming
    whole.kept |= part.kept


def _shells(organisation: Organisation) -> list[Organisation]:
    """The records of companies that it alone made and nobody has taken over or knows besides."""
    known = Connection.objects.filter(Q(other=OuterRef("pk")) | Q(organisation=OuterRef("pk")))
    rows = Organisation.objects.filter(
        ~Exists(known.exclude(organisation=organisation).exclude(other=organisation)),
        created_by_organisation=organisation,
        kind="shell",
        units=None,
        merged_from=None,
        merges_won=None,
        merges_lost=None,
        removals=None,
    )
    return list(rows.order_by("pk"))


def _invitations(organisation: Organisation) -> Any:
    return Invitation.objects.filter(Q(organisation=organisation) | Q(invited_for=organisation, status__in=_UNANSWERED))


def _grants(units: frozenset[int]) -> Any:
    return Grant.objects.filter(Q(content_object__in=units) | Q(group__enterprise__in=units))


def _requests(units: frozenset[int]) -> Any:
    return GrantRequest.objects.filter(Q(granter__in=units) | Q(grantee__in=units))


def preview(actor: Access, *, organisation: Organisation) -> dict[str, Any]:
    """What removing a customer would touch: what goes, what stays, which cycles and partners. For staff who act."""
    require(actor, Action.CUSTOMER_REMOVE, of_organisation(organisation))
    return _plan(organisation).told()


def scheduled(organisation: Organisation) -> Removal | None:
    """The removal that waits for its day."""
    return Removal.objects.filter(organisation=organisation, status=RemovalStatus.SCHEDULED).first()


def closes_account(user: User) -> bool:
    """Whether all that she belongs to is being removed: she cannot sign in until one of it is restored."""
    if user.is_staff:
        return False
    waiting = Removal.objects.filter(organisation=OuterRef("organisation"), status=RemovalStatus.SCHEDULED)
    rows = Membership.objects.filter(user=user).annotate(goes=Exists(waiting)).values_list("goes", flat=True)
    return bool(rows) and all(rows)


# --- the verbs --------------------------------------------------------------------------------------------------


@verb
def remove(actor: Access, *, organisation: Organisation, version: int | None = None) -> Removal:
    """Deactivate a customer and schedule the purge of its records. For staff who act.

    Nobody acts for it from now on. Its keys and unanswered invitations end for good. Who takes part in order cycles of
    it that are going to open is told.

    Raises:
        Refused: it coordinates an open order cycle, which is named.
        Conflict: it is being removed already, or was merged.
    """
    require(actor, Action.CUSTOMER_REMOVE, of_organisation(organisation))
    row = locked(organisation)
    check_version(row, version)
    if row.removed_at or row.merged_into_id or scheduled(row):
        raise Conflict(f"{row} has been removed, or merged with another customer, already.", code="removed_already")
    plan = _plan(row)
    _none_open(Action.CUSTOMER_REMOVE, plan, "Close them, or wait until they close.")
    hooks.settle(plan.enterprise_ids)
    told = {**plan.told(), "was_archived": row.is_archived}
    owners = _owners(row)
    written(row, {"archived_at": row.archived_at or clock.now()})
    _end_for_good(row)
    for user in plan.people:
        accounts.end_sessions(user)
    removal = Removal.objects.create(
        organisation=row,
        requested_by_id=actor.user_id,
        reason=actor.acting_reason,
        due_at=clock.now() + timedelta(days=settings.REMOVAL_GRACE_DAYS),
        preview=told,
    )
    _tell("removal_scheduled", removal, owners)
    for hook in hooks.removal_scheduled:
        hook(actor, row, plan.enterprise_ids)
    require(actor, Action.CUSTOMER_REMOVE, of_organisation(row))
    return removal


@verb
def restore(actor: Access, *, removal: Removal, version: int | None = None) -> Removal:
    """Take a customer back before its day: its people come back; its keys and invitations do not. For staff who act.

    Raises:
        Conflict: it has been purged or restored already.
    """
    require(actor, Action.CUSTOMER_REMOVE, of_organisation(removal.organisation))
    organisation = locked(removal.organisation)
    row = _waiting(removal, version)
    hooks.settle(_plan(organisation).enterprise_ids)
    _over(row, RemovalStatus.RESTORED)
    if not row.preview.get("was_archived"):
        written(organisation, {"archived_at": None})
    _tell("removal_restored", row, _owners(organisation))
    require(actor, Action.CUSTOMER_REMOVE, of_organisation(organisation))
    return row


@verb
def restore_organisation(actor: Access, *, organisation: Organisation) -> Removal:
    """As ``restore``, by the customer."""
    require(actor, Action.CUSTOMER_REMOVE, of_organisation(organisation))
    waiting = scheduled(organisation)
    if waiting is None:
        raise Conflict(f"{organisation} is not being removed.", code="removal_over")
    return restore(actor, removal=waiting)


@verb
def purge(actor: Access, *, removal: Removal, version: int | None = None) -> Removal:
    """Purge a customer's records now, before its day. For staff administrators who act. There is no way back.

    Raises:
        Refused: an order cycle that it coordinates has opened meanwhile; it is named.
        Conflict: it has been purged or restored already.
    """
    require(actor, Action.CUSTOMER_PURGE, of_removal(removal))
    organisation = locked(removal.organisation)
    row, plan = _waiting(removal, version), _settled(organisation)
    _none_open(Action.CUSTOMER_PURGE, plan, "Others trade in them: wait until they close.")
    return _purge(actor, plan, row)


def purge_due() -> int:
    """Purge every customer whose day has come, each in a transaction of its own; how many. For the job.

    One that fails keeps nobody else from going.

    Raises:
        ExceptionGroup: some failed, after all the others have gone.
    """
    due = Removal.objects.filter(status=RemovalStatus.SCHEDULED, due_at__lte=clock.now()).order_by("due_at", "pk")
    actor = Access(name="Hectare, on the day that was set")
    purged, failures = 0, []
    for removal in due.select_related("organisation"):
        try:
            purged += purge_when_due(actor, removal=removal)
        except Exception as failure:
            log.exception("purge_failed", removal=removal.public_id)
            failures.append(failure)
    if failures:
        raise ExceptionGroup(f"Purges failed: {len(failures)}. Purged: {purged}.", failures)
    return purged


@verb
def purge_when_due(actor: Access, *, removal: Removal) -> bool:
    """Purge one customer if its day has come; whether it had. The clock decides, and whoever set the day.

    One that coordinates an open order cycle waits until that has closed: others trade in it.
    """
    organisation = locked(removal.organisation)
    row = locked(removal)
    if row.status != RemovalStatus.SCHEDULED or row.due_at > clock.now():
        return False
    plan = _settled(organisation)
    if plan.leaving.open:
        log.info("purge_waits", removal=row.public_id, open_cycles=len(plan.leaving.open))
        return False
    _purge(actor, plan, row)
    return True


def may_restore(organisation: Organisation) -> None:
    """For ``hooks.before_restoring``: out of the archive, past its removal, goes no customer."""
    if organisation.removed_at:
        raise Conflict(f"{organisation} has been removed with its records.", code="removed_already")
    if scheduled(organisation):
        raise Conflict(f"{organisation} is being removed. Restore it in the removal queue.", code="removal_scheduled")


def register() -> None:
    """Join in. Called once, when the apps are ready."""
    hooks.before_restoring.append(may_restore)


# --- how it is done ---------------------------------------------------------------------------------------------


def _waiting(removal: Removal, version: int | None) -> Removal:
    row = locked(removal, "organisation")
    check_version(row, version)
    if row.status != RemovalStatus.SCHEDULED:
        raise Conflict(f"{row.organisation} has been {row.status} already.", code="removal_over")
    return row


def _none_open(action: Action, plan: _Plan, advice: str) -> None:
    if plan.leaving.open:
        reason = f"{plan.organisation} coordinates open order cycles: {', '.join(plan.leaving.open)}. {advice}"
        raise Refused(Decision(False, action, "D2", reason, Refusal.STATE))


def _over(row: Removal, status: RemovalStatus) -> None:
    row.status, row.finished_at, row.version = status, clock.now(), row.version + 1
    row.save()


def _owners(organisation: Organisation) -> list[User]:
    rows = Membership.objects.filter(
        organisation=organisation, role__key="owner", role__organisation=None, is_active=True, user__is_active=True
    )
    return [one.user for one in rows.select_related("user").order_by("pk")]


def _tell(kind: str, removal: Removal, owners: list[User]) -> None:
    for owner in owners:
        outbox.post(
            kind,
            recipient=owner.email,
            about=removal.public_id,
            organisation=removal.organisation,
            data={"user": owner.public_id},
        )


def _end_for_good(organisation: Organisation) -> None:
    """What must not come back with a restore: it may be known to those because of whom the customer goes."""
    moment = clock.now()
    ApiKey.objects.filter(organisation=organisation, revoked_at=None).update(revoked_at=moment, updated_at=moment)
    invitations.end_all(_invitations(organisation).filter(status__in=_UNANSWERED).order_by("pk"))
    OwnershipTransfer.objects.filter(organisation=organisation, status=TransferStatus.PENDING).update(
        status=TransferStatus.CANCELLED, answered_at=moment, version=F("version") + 1, updated_at=moment
    )


def _settled(organisation: Organisation) -> _Plan:
    """What becomes of everything, when what closed cycles offered is on record."""
    hooks.settle(
        BusinessUnit.objects.filter(organisation=organisation, business__isnull=False).values_list("pk", flat=True)
    )
    return _plan(organisation)


def _purge(actor: Access, plan: _Plan, removal: Removal) -> Removal:
    organisation = plan.organisation
    result = _numbers({**plan.told(), "was_archived": bool(removal.preview.get("was_archived"))})
    tenant = trail.tenant_of(organisation)
    keys = list(organisation.api_keys.values_list("public_id", flat=True))
    # Copies: what has been deleted has no key any more.
    records = [(copy(shell), trail.tenant_of(shell)) for shell in plan.shells]
    for hook in hooks.on_removal:
        hook(plan.enterprise_ids, called)
    _delete_own(plan)
    for user in plan.people:
        erasure.wipe(actor, locked(user))
    _units(plan)
    _pseudonymise(organisation)
    losers = [locked(loser) for loser in organisation.merged_from.order_by("pk")]
    for loser in losers:
        _pseudonymise(loser)
    with past_the_triggers():
        admin_log.forget_customer(organisation, tenant, called("customer", organisation.public_id))
        _histories(organisation, tenant, keys)
        for loser in losers:
            _histories(loser, trail.tenant_of(loser), [])
        for shell, of_shell in records:
            admin_log.forget_customer(shell, of_shell, called("customer", shell.public_id))
            _histories(shell, of_shell, [])
    removal.result, removal.preview = result, _numbers(removal.preview)
    _over(removal, RemovalStatus.PURGED)
    return removal


def _numbers(told: dict[str, Any]) -> dict[str, Any]:
    """A preview without the names in it: they are not kept longer than what they name."""
    return {name: value for name, value in told.items() if name in ("goes", "stays", "was_archived")}


def _delete_own(plan: _Plan) -> None:
    """Everything of the customer's own that nothing of others hangs on."""
    row, units = plan.organisation, plan.unit_ids
    Mail.objects.filter(organisation=row).delete()
    Export.objects.filter(organisation=row).delete()
    forget(
        ExternalId.objects.filter(Q(organisation=row) | Q(unit__in=units)),
        [
            row.public_id,
            *row.merged_from.values_list("public_id", flat=True),
            *BusinessUnit.objects.filter(pk__in=units).values_list("public_id", flat=True),
        ],
    )
    AccessRequest.objects.filter(organisation=row).delete()
    OwnershipTransfer.objects.filter(organisation=row).delete()
    _invitations(row).delete()
    _grants(units).delete()
    _requests(units).delete()
    row.api_keys.all().delete()
    row.memberships.all().delete()
    row.roles.all().delete()
    row.connections.all().delete()
    for shell in plan.shells:
        shell.delete()


def _units(plan: _Plan) -> None:
    """Units that others' records refer to lose their names; the others go, with what stands for them."""
    gone = plan.unit_ids - plan.kept_units
    groups = list(Business.objects.filter(pk__in=gone).values_list("group_id", flat=True))
    Business.objects.filter(pk__in=gone).delete()
    Group.objects.filter(pk__in=groups).delete()
    BusinessUnit.objects.filter(pk__in=gone).delete()
    for unit in BusinessUnit.objects.filter(pk__in=plan.kept_units).order_by("pk"):
        values = {
            "name": called("unit", unit.public_id),
            "address": "",
            "town": "",
            "postcode": "",
            "phone": "",
            "archived_at": unit.archived_at or clock.now(),
        }
        written(unit, values)
        business = unit.business
        written(
            business,
            {
                "description": "",
                "website": "",
                "contact_email": "",
                "contact_email_confirmed_at": None,
                "holding_number": "",
                "hectares": None,
                "farm_enterprises": [],
                "certifications": [],
                "store_code": "",
                "opening_hours": {},
                "floor_area": None,
                "capacity": None,
            },
        )


def _pseudonymise(organisation: Organisation) -> None:
    written(
        organisation,
        {
            "name": called("customer", organisation.public_id),
            "company_number": "",
            "vat_number": "",
            "town": "",
            "postcode": "",
            "archived_at": organisation.archived_at or clock.now(),
            "removed_at": clock.now(),
        },
    )


def _histories(organisation: Organisation, tenant: trail.Tenant, keys: list[str]) -> None:
    """The audit trail stays, without words in it that tell who it was."""
    for source in trail.sources():
        if source.own is not None:
            rows = source.events._default_manager.filter(source.own(tenant))
            scrub.blank(rows, called(source.label.lower(), organisation.public_id))
    requests = apps.get_model("customers", "AccessRequestEvent")._default_manager
    scrub.blank(requests.filter(organisation_id=organisation.pk), called("company", organisation.public_id))
    Merge.objects.filter(Q(winner=organisation) | Q(loser=organisation)).update(moved={})
    merges = apps.get_model("customers", "MergeEvent")._default_manager
    merges.filter(Q(winner_id=organisation.pk) | Q(loser_id=organisation.pk)).update(moved={})
    contexts = apps.get_model("pghistory", "Context")._default_manager
    contexts.filter(metadata__actor__in=keys).update(
        metadata=Func(
            F("metadata"),
            JSONObject(actor_name=Value("Removed API key")),
            template="(%(expressions)s)",
            arg_joiner=" || ",
        )
    )
    removals = apps.get_model("customers", "RemovalEvent")._default_manager
    removals.filter(organisation_id=organisation.pk).update(preview={}, result={})
