"""The mails of signing up, asking for access, and recovered ownership. Links are made here, when a mail is sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from common import clock
from common.tokens import hash_of, new_token
from customers.domain.signup import find_user, looked_into
from customers.enums import RequestState
from customers.models import AccessRequest, Invitation, PendingSignUp, User
from mails import outbox
from mails.models import Mail
from mails.outbox import Message
from organisations.models import Organisation


def register() -> None:
    """Make the kinds known. Called once, when the apps are ready."""
    kinds: list[tuple[str, outbox.Builder, Any]] = [
        ("sign_up", build_sign_up, _("Signing up: the link that goes on")),
        ("sign_up_company_known", build_request, _("Signing up a company that is here")),
        ("access_request_received", build_request, _("Request for access received")),
        ("access_request_refused", build_request, _("Request for access refused")),
        ("ownership_recovered", build_recovered, _("Ownership recovered by Hectare")),
    ]
    for kind, build, label in kinds:
        outbox.register(kind, build, label=str(label), example=_example_of(kind))


def build_sign_up(mail: Mail) -> Message | None:
    """The link that proves the e-mail and goes on, or why it does not go on; nothing when that is over."""
    row = PendingSignUp.objects.select_for_update().filter(public_id=mail.about, expires_at__gt=clock.now()).first()
    if row is None:
        return None
    company = row.details["organisation"]["name"]
    kind = looked_into(row)
    if kind != "sign_up":
        user = find_user(mail.recipient)
        return _message(kind, {"name": user.name if user else row.name, "company": company, **_ways_in()})
    token = new_token()
    row.token_hash = hash_of(token)
    row.save(update_fields=["token_hash", "updated_at"])
    link = f"{settings.SITE_URL}/sign-up/{token}/"
    return _message(kind, {"name": row.name, "company": company, "link": link, "until": row.expires_at})


def build_request(mail: Mail) -> Message | None:
    """What has become of a request."""
    row = AccessRequest.objects.filter(public_id=mail.about).first()
    if row is None or (mail.kind == "access_request_refused" and row.status != RequestState.REFUSED):
        return None
    return _message(mail.kind, {"name": row.name, "company": row.company_name, "answer": row.answer})


def build_recovered(mail: Mail) -> Message | None:
    """That Hectare made somebody account owner, for those who were owners already and for herself."""
    company = Organisation.objects.filter(public_id=mail.about).first()
    if company is None:
        return None
    target = str(mail.data.get("target", ""))
    if mail.data.get("how") == "member":
        user = User.objects.filter(public_id=target).first()
        person = f"{user.name} ({user.email})" if user else ""
    else:
        invitation = Invitation.objects.filter(public_id=target).first()
        person = invitation.email if invitation else ""
    owner = User.objects.filter(public_id=str(mail.data.get("owner", ""))).first()
    facts = {
        "name": owner.name if owner else "",
        "company": company.name,
        "person": person,
        "invited": mail.data.get("how") == "invited",
        "is_new": bool(target) and target == mail.data.get("owner"),
        "people": f"{settings.SITE_URL}/organisations/{company.public_id}/people/",
    }
    return _message(mail.kind, facts)


def _ways_in() -> dict[str, str]:
    return {
        "sign_in": f"{settings.SITE_URL}/accounts/login/",
        "forgotten": f"{settings.SITE_URL}/accounts/password/reset/",
    }


def _message(kind: str, facts: dict[str, Any]) -> Message:
    subjects = {
        "sign_up": _("Go on signing up %(company)s"),
        "sign_up_known": _("You have an account at Hectare already"),
        "sign_up_company_known": _("Signing up %(company)s: Hectare looks into it"),
        "access_request_received": _("We have your request for %(company)s"),
        "access_request_refused": _("Your request for %(company)s"),
        "ownership_recovered": _("Hectare has changed who owns the account of %(company)s"),
    }
    return Message(subjects[kind] % facts, kind, facts)


def _example_of(kind: str) -> outbox.Example:
    def example() -> Message:
        facts = {
            "name": "Anna Ash",
            "company": "Culm Dairy",
            "link": f"{settings.SITE_URL}/sign-up/EXAMPLE/",
            "until": clock.now(),
            **_ways_in(),
            "answer": "We take on farms and stores in Devon only, for now.",
            "person": "Bea Birch (bea@culm.example)",
            "invited": False,
            "is_new": False,
            "people": f"{settings.SITE_URL}/organisations/org_example/people/",
        }
        return _message(kind, facts)

    return example
