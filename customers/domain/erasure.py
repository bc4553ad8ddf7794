"""Erasing a person: everything that tells who she is goes from every table; what she did stays under a pseudonym."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Concat, JSONObject, Length, Substr

from common import clock, hooks
from common.audit import past_the_triggers
from common.emails import spellings
from common.verbs import verb
from customers.domain import accounts, admin_log, invitations, scrub
from customers.domain.imports.forgetting import forget
from customers.domain.users import held
from customers.enums import InvitationStatus
from customers.models import AccessRequest, Export, ExternalId, Invitation, PendingSignUp, User
from customers.rules import of_user
from mails.models import Mail
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.domain.owners import keep_owners_of
from permissions.enforce import require
from permissions.models import ApiKey, Membership

#: Columns that name one person, of whom the row tells who it is.
_OF_ONE: Final = frozenset(
    {
        "customers.User.name",
        "customers.Invitation.name",
        "customers.AccessRequest.name",
        "customers.AccessRequest.company_name",
        "customers.PendingSignUp.name",
        "organisations.Connection.contact_name",
        "ordercycles.Notice.actor_name",
    }
)
#: Apps of others whose rows of a person are hers alone.
_OWN_APPS = frozenset({"account", "mfa", "socialaccount", "usersessions", "allauth_idp_oidc"})


def pseudonym(user: User) -> str:
    """What she is called afterwards."""
    return f"Erased person {user.public_id[-4:]}"


def preview(actor: Access, *, user: User) -> dict[str, Any]:
    """What would go, in names and numbers. Decides as the verb does.

    Raises:
        Refused: she may not be erased, or not now.
    """
    _may(actor, user)
    emails = _emails(user)
    return {
        "memberships": [str(one.organisation) for one in user.memberships.select_related("organisation")],
        "email_addresses": EmailAddress.objects.filter(user=user).count(),
        "second_factors": Authenticator.objects.filter(user=user).count(),
        "sessions": UserSession.objects.filter(user=user).count(),
        "api_keys_that_end": ApiKey.objects.filter(created_by=user, revoked_at=None).count(),
        "invitations": Invitation.objects.filter(_any("email", emails)).count(),
        "mails_in_the_log": Mail.objects.filter(_any("recipient", emails) | Q(about=user.public_id)).count(),
        "exports": _exports(user).count(),
        "contact_address_of": [str(one) for one in _contacts(emails)],
        "stays_under_a_pseudonym": pseudonym(user),
    }


@verb
def erase_person(actor: Access, *, user: User) -> User:
    """Erase a person: herself, or staff who act.

    Raises:
        Refused: she is the last account owner of an organisation, or staff that the actor may not erase.
    """
    _may(actor, user)
    row = held(user)
    _may(actor, row)
    keep_owners_of(row, Action.USER_ERASE)
    wipe(actor, row)
    return row


def _may(actor: Access, user: User) -> None:
    require(actor, Action.USER_ERASE, of_user(user))
    if user.is_staff and (user.pk == actor.user_id or not actor.is_administrator):
        reason = "Hectare staff are erased by another staff administrator, who ends their work first."
        raise Refused(Decision(False, Action.USER_ERASE, "S2", reason, Refusal.PERMISSION))


def wipe(actor: Access, user: User) -> None:
    """Do it. A part of the verbs that erase a person or purge a customer, which have decided and hold the rows."""
    emails, names = _emails(user), _names(user)
    typed = _typed(user, emails)
    _leave(actor, user)
    _contacts_of_hers(emails)
    _accounts(user)
    _exports(user).delete()
    forget(ExternalId.objects.filter(user=user), [user.public_id], emails)
    invitations.end_all(
        Invitation.objects.filter(
            _any("email", emails), status__in=[InvitationStatus.PENDING, InvitationStatus.FAILED]
        ).order_by("pk")
    )
    name, email = pseudonym(user), f"{user.public_id.replace('_', '-')}@erased.invalid"
    user.name, user.email, user.is_active, user.erased_at = name, email, False, clock.now()
    user.last_login = None
    user.set_unusable_password()
    user.save()
    with past_the_triggers():
        # Whatever she typed as hers is in no list of hers any more; elsewhere it may be anybody's.
        Mail.objects.filter(_any("recipient", typed), about=user.public_id).update(recipient=email)
        scrub.replace(emails, email)
        _tied(user, names, name, email)
        _in_free_texts(user, names, name)


def _emails(user: User) -> list[str]:
    """Every address that was hers, and is nobody else's now.

    What she only typed is not hers: anybody can type the address of somebody else, and have that one erased.
    """
    events = apps.get_model("customers", "UserEvent")._default_manager
    had = {user.email, *events.filter(pgh_obj_id=user.pk).values_list("email", flat=True)}
    had |= set(EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True))
    mine = {spelling for one in had if one for spelling in (*spellings(one), one)}
    others = {
        *User.objects.exclude(pk=user.pk).filter(_any("email", mine)).values_list("email", flat=True),
        *EmailAddress.objects.exclude(user=user)
        .filter(_any("email", mine), verified=True)
        .values_list("email", flat=True),
    }
    theirs = {spelling.lower() for one in others for spelling in (*spellings(one), one)}
    return sorted(one for one in mine if one.lower() not in theirs)


def _typed(user: User, emails: Collection[str]) -> set[str]:
    """Addresses that she said were hers, and that never were, or are somebody else's now."""
    return set(EmailAddress.objects.filter(user=user).values_list("email", flat=True)) - {*emails}


def _any(field: str, emails: Collection[str]) -> Q:
    """That a column holds one of some addresses, whatever its case."""
    condition = Q(pk__in=[])
    for email in emails:
        condition |= Q(**{f"{field}__iexact": email})
    return condition


def _names(user: User) -> set[str]:
    events = apps.get_model("customers", "UserEvent")._default_manager
    return {user.name, *events.filter(pgh_obj_id=user.pk).values_list("name", flat=True)} - {""}


def _exports(user: User) -> Any:
    """Of her, and of organisations that she belonged to: she is in those, too."""
    return Export.objects.filter(Q(requested_by=user) | Q(person=user) | Q(organisation__in=_belonged(user)))


def _belonged(user: User) -> Any:
    """The organisations that she is or was in."""
    memberships = apps.get_model("permissions", "MembershipEvent")._default_manager.filter(user_id=user.pk)
    return memberships.order_by().values("organisation_id")


def _contacts(emails: Collection[str]) -> Any:
    return Business.objects.select_related("unit").filter(_any("contact_email", emails)).order_by("pk")


def _leave(actor: Access, user: User) -> None:
    """Her memberships end, and with them what she had offered; so do the keys that borrow her rights."""
    for membership in Membership.objects.filter(user=user).select_related("organisation", "role", "user"):
        for hook in hooks.membership_changed:
            hook(actor, membership, "removed")
        membership.delete()
    ApiKey.objects.filter(created_by=user, revoked_at=None).update(revoked_at=clock.now(), updated_at=clock.now())


def _contacts_of_hers(emails: Collection[str]) -> None:
    """Where her address is a company's, that company has none until it gives another one."""
    keys = list(_contacts(emails).values_list("pk", flat=True))
    if keys:
        hooks.settle(keys)
        Business.objects.filter(pk__in=keys).update(
            contact_email="", contact_email_confirmed_at=None, version=F("version") + 1, updated_at=clock.now()
        )


def _accounts(user: User) -> None:
    """What she signed in with, and every session."""
    accounts.end_sessions(user)
    # Those that nobody keeps a list of: what a session says is not to be read without its key.
    for session in Session.objects.filter(expire_date__gt=clock.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    for relation in User._meta.related_objects:
        model: Any = relation.related_model
        if model._meta.app_label in _OWN_APPS and relation.field.many_to_one | relation.field.one_to_one:
            model._default_manager.filter(**{relation.field.name: user}).delete()


def _tied(user: User, names: set[str], name: str, email: str) -> None:
    """Rows and events that are known to be of her: whatever she is called."""
    _notices(user, names, name)
    events = {
        label: apps.get_model("customers", f"{label}Event")._default_manager
        for label in ("User", "Invitation", "AccessRequest", "ExternalId")
    }
    events["User"].filter(pgh_obj_id=user.pk).update(name=name, email=email)
    events["ExternalId"].filter(user_id=user.pk).update(external_id="")
    for rows in (Invitation.objects, events["Invitation"]):
        rows.filter(email=email).update(name=name, message="")
    for rows in (AccessRequest.objects, events["AccessRequest"]):
        rows.filter(email=email).update(name=name, message="", answer="")
    PendingSignUp.objects.filter(email=email).delete()
    known = apps.get_model("organisations", "ConnectionEvent")._default_manager
    for rows in (Connection.objects, known):
        rows.filter(contact_email=email).update(contact_name="", contact_email="")
    Mail.objects.filter(Q(recipient=email) | Q(about=user.public_id)).update(data={}, subject="", error="")
    contexts = apps.get_model("pghistory", "Context")._default_manager
    contexts.filter(metadata__actor=user.public_id).update(
        metadata=Func(
            F("metadata"), JSONObject(actor_name=Value(name)), template="(%(expressions)s)", arg_joiner=" || "
        )
    )
    contexts.filter(metadata__impersonator=user.public_id).update(
        metadata=Func(
            F("metadata"), JSONObject(impersonator_name=Value(name)), template="(%(expressions)s)", arg_joiner=" || "
        )
    )
    admin_log.forget_person(user, email, name)


def _notices(user: User, names: set[str], name: str) -> None:
    """What others were told that she did. A sentence that tells who did it begins with the name."""
    told = apps.get_model("ordercycles", "Notice")._default_manager.filter(actor_id=user.pk)
    told.update(actor_name=name)
    for one in sorted(names, key=len, reverse=True):
        rest = Substr("text", Length(Value(one)) + 1)
        told.filter(text__startswith=f"{one} ").update(text=Concat(Value(name), rest))


def _in_free_texts(user: User, names: set[str], name: str) -> None:
    """Her full name wherever people wrote it down, unless somebody or something else is called the same.

    Where a column is the name of one person, and the row says by a key or an address who that is, it is hers only if
    that says so (``_tied``).
    """
    full = {one for one in (name.strip() for name in names) if " " in one and len(one) > 4}
    hers = {one for one in full if not _shared(user, one)}
    for one in hers:
        apps.get_model("ordercycles", "Notice")._default_manager.filter(actor_id=None, actor_name__iexact=one).update(
            actor_name=name
        )
        for label in ("Connection", "ConnectionEvent"):
            rows = apps.get_model("organisations", label)._default_manager
            rows.filter(contact_email="", contact_name__iexact=one).update(contact_name="")
    longer = {one: _longer(user, one) for one in hers}
    scrub.replace(hers, name, leave=scrub.OF_THINGS | _OF_ONE, longer=longer)


def _others(user: User) -> Any:
    return User.objects.filter(erased_at=None).exclude(pk=user.pk)


def _shared(user: User, name: str) -> bool:
    """Whether somebody else is called the same, or a company that is not hers."""
    belonged = _belonged(user)
    companies = Organisation.objects.exclude(pk__in=belonged)
    units = BusinessUnit.objects.exclude(organisation__in=belonged)
    return any(rows.filter(name__iexact=name).exists() for rows in (_others(user), companies, units))


def _longer(user: User, name: str) -> set[str]:
    """What people, organisations and units are called that has a name in it."""
    return {
        found
        for rows in (_others(user), Organisation.objects.all(), BusinessUnit.objects.all())
        for found in rows.filter(name__icontains=name).values_list("name", flat=True)
    }
