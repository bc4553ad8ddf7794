"""Giving an organisation, or a person, her data: asked for by a verb, made by a job, kept a short time.

A file is for the one who asked, and for nobody else (D1). What is in it is decided when it is made, by what she may see
then: whoever manages named units only gets these units.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.conf import settings
from django.core import signing
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q

from common import clock, csv, hooks
from common.editing import locked
from common.emails import spellings
from common.errors import DomainError, Gone, NotFound
from common.limits import spend
from common.verbs import verb
from customers.enums import ExportKind, ExportStatus
from customers.models import AccessRequest, Export, Invitation, User
from customers.rules import of_export, of_user
from mails.models import Mail
from organisations.models import Business, BusinessUnit, Organisation
from organisations.rules import of_organisation
from permissions import trail, trail_form
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.decisions import Decision, Refusal, Refused
from permissions.enforce import require
from permissions.impersonation import EXPORTS, keep
from permissions.models import Grant, GrantRequest

_SALT: Final = "customers.exports"
Rows = list[dict[str, Any]]
Part = tuple[str, Rows]

README: Final = """\
{title}
Made on {made:%d %B %Y at %H:%M} UTC for {who}.

Each list is here twice: as JSON, exact, and as CSV for a spreadsheet. In the CSV files an apostrophe stands before
cells that a spreadsheet would take for a formula (those that begin with = + - @, a tab or a line break); take it away
to have the text as it was.

There are no passwords, keys or other secrets in these files, nor data of other organisations beyond the names of
those that yours deals with.

Files:
{files}
"""


# --- asking -----------------------------------------------------------------------------------------------------


@verb
def export_organisation(actor: Access, *, organisation: Organisation) -> Export:
    """Ask for an organisation's data. For those who manage it and see its audit trail, and staff who act."""
    require(actor, Action.ORGANISATION_EXPORT, of_organisation(organisation))
    return _asked(actor, Action.ORGANISATION_EXPORT, kind=ExportKind.ORGANISATION, organisation=organisation)


@verb
def export_person(actor: Access, *, user: User) -> Export:
    """Ask for a person's data: she herself, or staff who act."""
    require(actor, Action.EXPORT_MAKE, of_user(user))
    return _asked(actor, Action.EXPORT_MAKE, kind=ExportKind.PERSON, person=user)


@verb
def export_own(actor: Access) -> Export:
    """Ask for one's own data."""
    if actor.user_id is None:
        raise _for_people(Action.EXPORT_MAKE)
    return export_person(actor, user=User.objects.get(pk=actor.user_id))


def _for_people(action: Action) -> Refused:
    reason = "An export is for the person who asks for it; an API key is nobody."
    return Refused(Decision(False, action, "D1", reason, Refusal.PERMISSION))


def _asked(actor: Access, action: Action, **values: Any) -> Export:
    if actor.user_id is None:
        raise _for_people(action)
    # Whoever asks twice at once takes turns.
    locked(User(pk=actor.user_id))
    spend(
        f"export:{actor.user_id}",
        times=10,
        within=timedelta(hours=1),
        detail="You have asked for many exports in the last hour. Use those, or try again later.",
    )
    export = Export.objects.create(requested_by_id=actor.user_id, **values)
    from customers.tasks import build_export  # tasks import verbs

    build_export.defer(public_id=export.public_id)
    return export


# --- making -----------------------------------------------------------------------------------------------------


def build(public_id: str) -> None:
    """Make the file. For the job; what cannot be made is marked as failed, and another try may make it yet."""
    export = Export.objects.select_related("requested_by", "organisation", "person").get(public_id=public_id)
    if export.status == ExportStatus.READY:
        return
    actor = Access(actor=export.requested_by.public_id, name=str(export.requested_by))
    try:
        with transaction.atomic():
            content = _content(export)
            finish_export(actor, export=export, content=content)
    except DomainError:
        # She may not have it any more.
        finish_export(actor, export=export, content=None)
    except Exception:
        finish_export(actor, export=export, content=None)
        raise


@verb
def finish_export(actor: Access, *, export: Export, content: bytes | None) -> None:
    """Put the file to the export, or say that there will be none. A part of the job."""
    row = locked(export)
    if content is None:
        row.status = ExportStatus.FAILED
    else:
        row.status, row.content, row.size = ExportStatus.READY, content, len(content)
        row.ready_at = clock.now()
        row.expires_at = clock.now() + timedelta(hours=settings.EXPORT_HOURS)
    row.save()


def _content(export: Export) -> bytes:
    access = Access.for_user(export.requested_by)
    if export.organisation is not None:
        title = f"The data of {export.organisation}"
        parts = _of_organisation(access, export.organisation)
    else:
        assert export.person is not None
        title = f"The data of {export.person}"
        parts = _of_person(export.person)
    return _zipped(title, str(export.requested_by), parts)


def _zipped(title: str, who: str, parts: Iterable[Part]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        files = []
        for name, rows in parts:
            columns = list(dict.fromkeys(column for row in rows for column in row))
            archive.writestr(f"{name}.json", json.dumps(rows, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1))
            archive.writestr(f"{name}.csv", csv.text(columns, rows))
            files.append(f"  {name}.json, {name}.csv: {len(rows)}{_cut_short(rows)}")
        archive.writestr("README.txt", README.format(title=title, who=who, made=clock.now(), files="\n".join(files)))
    return out.getvalue()


def _cut_short(rows: Rows) -> str:
    return f" ({rows[-1]['did']})" if rows and rows[-1].get("did") == trail_form.ends_here() else ""


def _scope(access: Access, organisation: Organisation) -> tuple[bool, frozenset[int]]:
    """Whether she has all of the organisation, and which of its units."""
    units = frozenset(BusinessUnit.objects.filter(organisation=organisation).values_list("pk", flat=True))
    if access.is_staff or organisation.pk in access.organisation_ids(Permission.MANAGE_ORGANISATION):
        return True, units
    return False, units & access.ids(Permission.MANAGE_ORGANISATION)


def _of_organisation(access: Access, organisation: Organisation) -> list[Part]:
    if access.is_staff:
        access = access.acting("Making the export that was asked for")
    require(access, Action.ORGANISATION_EXPORT, of_organisation(organisation))
    whole, units = _scope(access, organisation)
    parts = [("organisation", [_organisation(organisation)]), *_units(units)]
    if whole:
        parts += _whole(organisation)
        parts.append(("audit_trail", list(trail_form.lines(access, organisation, trail.Filters()))))
    parts += _grants(units)
    for hook in hooks.export_parts:
        parts += hook(access, organisation, units)
    return parts


def _organisation(row: Organisation) -> dict[str, Any]:
    fields = ("name", "kind", "company_number", "vat_number", "town", "postcode", "created_at", "archived_at")
    return {"id": row.public_id, **{name: getattr(row, name) for name in fields}}


def _values(rows: Any, **columns: str) -> Rows:
    """Rows as plain values, under our own names."""
    paths = list(columns.values())
    return [dict(zip(columns, row, strict=True)) for row in rows.order_by("pk").values_list(*paths)]


def _units(units: Collection[int]) -> list[Part]:
    same = ("name", "address", "town", "postcode", "phone", "created_at", "archived_at")
    of_units = _values(BusinessUnit.objects.filter(pk__in=units), id="public_id", **{one: one for one in same})
    data = (
        "kind", "is_producer", "sells", "description", "website", "contact_email", "contact_email_confirmed_at",
        "holding_number", "hectares", "farm_enterprises", "certifications", "store_code", "opening_hours",
        "floor_area", "capacity",
    )  # fmt: skip
    of_businesses = _values(Business.objects.filter(pk__in=units), unit="unit__public_id", **{one: one for one in data})
    return [("business_units", of_units), ("businesses", of_businesses)]


def _whole(organisation: Organisation) -> list[Part]:
    """What is the whole organisation's, and nobody's who has named units only."""
    people = [
        {
            "id": one.public_id,
            "name": one.user.name,
            "email": one.user.email,
            "role": one.role.name,
            "units": "all" if one.all_units else [unit.name for unit in one.units.all()],
            "is_active": one.is_active,
            "since": one.created_at,
        }
        for one in organisation.memberships.select_related("user", "role").prefetch_related("units").order_by("pk")
    ]
    invited = ("kind", "email", "name", "message", "status", "expires_at", "answered_at")
    key = ("name", "scopes", "expires_at", "last_used_at", "revoked_at", "created_at")
    known = ("kind", "contact_name", "contact_email", "note", "created_at")
    return [
        ("people", people),
        ("roles", _values(organisation.roles.all(), id="public_id", **_same("name", "description", "permissions"))),
        ("invitations", _values(organisation.invitations.all(), id="public_id", role="role__name", **_same(*invited))),
        ("api_keys", _values(organisation.api_keys.all(), id="public_id", role="role__name", **_same(*key))),
        (
            "connections",
            _values(
                organisation.connections.all(),
                id="public_id",
                organisation="other__public_id",
                name="other__name",
                **_same(*known),
            ),
        ),
    ]


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


def _grants(units: Collection[int]) -> list[Part]:
    told = {
        "id": "public_id",
        "permission": "permission__codename",
        "granter": "content_object__unit__name",
        "grantee": "group__enterprise__unit__name",
        "given_at": "given_at",
    }
    asked = {
        "id": "public_id",
        "granter": "granter__unit__name",
        "grantee": "grantee__unit__name",
        **_same("permission", "message", "status", "answer", "answered_at", "created_at"),
    }
    return [
        ("grants_given", _values(Grant.objects.filter(content_object__in=units), **told)),
        ("grants_received", _values(Grant.objects.filter(group__enterprise__in=units), **told)),
        ("grant_requests_made", _values(GrantRequest.objects.filter(grantee__in=units), **asked)),
        ("grant_requests_received", _values(GrantRequest.objects.filter(granter__in=units), **asked)),
    ]


def _addresses(user: User) -> list[str]:
    """Every address that she ever signed in with or confirmed, but those that are somebody else's by now.

    One that she has typed and not confirmed may be anybody's.
    """
    events = apps.get_model("customers", "UserEvent")._default_manager
    had = {user.email, *events.filter(pgh_obj_id=user.pk).order_by().values_list("email", flat=True)}
    had |= set(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    found = {spelling.lower() for one in had if one for spelling in (one, *spellings(one))}
    confirmed = EmailAddress.objects.filter(verified=True, email__in=found).exclude(user=user)
    others = {*User.objects.filter(email__in=found).exclude(pk=user.pk).values_list("email", flat=True)}
    others |= {*confirmed.values_list("email", flat=True)}
    return sorted(found - {spelling.lower() for one in others for spelling in (one, *spellings(one))})


def _one_of(field: str, emails: Iterable[str]) -> Q:
    """That a column holds one of some addresses, whatever its case."""
    condition = Q(pk__in=[])
    for email in emails:
        condition |= Q(**{f"{field}__iexact": email})
    return condition


def _of_person(user: User) -> list[Part]:
    emails = _addresses(user)
    contexts = apps.get_model("pghistory", "Context")._default_manager.filter(metadata__actor=user.public_id)
    newest = contexts.order_by("-created_at").values_list("created_at", "metadata")[: trail.MOST_ROWS + 1]
    did: Rows = [
        {
            "when": at,
            "did": metadata.get("verb", ""),
            "door": metadata.get("door", ""),
            "request_id": metadata.get("request_id", ""),
        }
        for at, metadata in newest
    ]
    if len(did) > trail.MOST_ROWS:
        did[-1] = {"did": trail_form.ends_here()}
    account = {
        "id": user.public_id,
        **{name: getattr(user, name) for name in ("name", "email", "is_active", "last_login", "created_at")},
    }
    offered = _values(
        Invitation.objects.filter(_one_of("email", emails)),
        id="public_id",
        organisation="organisation__name",
        **_same("kind", "name", "message", "status", "created_at", "answered_at"),
    )
    return [
        ("account", [account]),
        ("email_addresses", _values(EmailAddress.objects.filter(user=user), **_same("email", "verified", "primary"))),
        (
            "second_factors",
            _values(Authenticator.objects.filter(user=user), **_same("type", "created_at", "last_used_at")),
        ),
        (
            "sessions",
            _values(UserSession.objects.filter(user=user), **_same("ip", "user_agent", "created_at", "last_seen_at")),
        ),
        (
            "memberships",
            _values(
                user.memberships.all(),
                id="public_id",
                organisation="organisation__name",
                role="role__name",
                **_same("all_units", "is_active", "created_at"),
            ),
        ),
        ("invitations", offered),
        (
            "requests_for_access",
            _values(
                AccessRequest.objects.filter(_one_of("email", emails)),
                id="public_id",
                **_same("company_name", "name", "email", "message", "status", "created_at"),
            ),
        ),
        (
            "mails_to_you",
            _values(
                Mail.objects.filter(_one_of("recipient", emails)),
                id="public_id",
                **_same("kind", "subject", "status", "sent_at"),
            ),
        ),
        (
            "hectare_acted_as_you",
            _values(
                user.acted_as_by.all(), id="public_id", by="staff__name", **_same("reason", "began_at", "ended_at")
            ),
        ),
        ("ids_elsewhere", _values(user.external_ids.all(), **_same("source", "external_id"))),
        ("what_you_did", did),
    ]


# --- fetching ---------------------------------------------------------------------------------------------------


def link_token(export: Export) -> str:
    """What the link to the file carries: it names the file and the one it is for, and ends with the file."""
    return signing.dumps([export.public_id, export.requested_by.public_id], salt=_SALT)


@verb
def download(actor: Access, *, export: Export, token: str) -> bytes:
    """The file, for the one who asked for it, by the link that she was given. Counted, and in the audit trail.

    Raises:
        NotFound: it is not hers, or the link is not one for it.
        Gone: its time is over.
    """
    require(actor, Action.EXPORT_VIEW, of_export(export))
    keep(actor, EXPORTS)
    row = locked(export)
    try:
        named = signing.loads(token, salt=_SALT, max_age=settings.EXPORT_HOURS * 3600)
    except signing.SignatureExpired:
        raise Gone("The link has expired. Ask for the data again.") from None
    except signing.BadSignature:
        raise NotFound from None
    if named != [row.public_id, actor.actor]:
        raise NotFound
    if row.state == "expired" or (row.state == ExportStatus.READY and row.content is None):
        raise Gone("The file has expired. Ask for the data again.")
    if row.content is None:
        raise NotFound
    content = bytes(row.content)
    row.downloads += 1
    row.save(update_fields=["downloads", "updated_at"])
    return content


def empty_expired() -> int:
    """Empty the files whose time is over; how many. For the job."""
    over = Export.objects.filter(expires_at__lte=clock.now(), content__isnull=False)
    return over.update(content=None, size=0, updated_at=F("updated_at"))
