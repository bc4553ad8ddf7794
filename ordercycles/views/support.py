"""What the pages of order cycles share: trails, links that mend a refusal, where to go next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from organisations.models import Business
from permissions.access import Access
from permissions.actions import Permission
from permissions.decisions import Decision


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step of the trail at the top of a page."""

    label: str
    url: str = ""


def cycles_crumb() -> Crumb:
    """The list of cycles."""
    return Crumb(_("Order cycles"), reverse("cycles"))


def next_url(request: HttpRequest, otherwise: str) -> str:
    """Where the form, or the button that was pressed (``then``), asks to go, when that is a page of ours."""
    wanted = request.POST.get("then", "") or request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else otherwise


def owners(enterprises: Iterable[Business]) -> list[tuple[str, str]]:
    """Enterprises as choices."""
    return [(one.public_id, one.name) for one in enterprises]


def mends(
    access: Access, decision: Decision, enterprise: tuple[int, str, str], coordinator: tuple[int, str, str]
) -> list[tuple[str, str]]:
    """Links that mend what is missing for an enterprise (key, id, name) in a cycle of the coordinator's.

    Only what the actor may do: where somebody else has to act, the decision's own words say so.
    """
    key, public_id, _name = enterprise
    failing = {one.key for one in decision.findings if not one.holds}
    links: list[tuple[str, str]] = []
    if access.manages(key, Permission.MANAGE_METHODS):
        if "ready:shipping" in failing:
            links.append((_("Add a shipping method"), f"{reverse('shipping_create')}?hub={public_id}"))
        if "ready:payment" in failing:
            links.append((_("Add a payment method"), f"{reverse('payment_create')}?hub={public_id}"))
    if "ready:contact_email" in failing and access.manages(key, Permission.MANAGE_ORGANISATION):
        held = access.through(key, Permission.MANAGE_ORGANISATION)
        # Without a membership of hers the organisation is not at hand: the old address leads on to the unit.
        unit = reverse("unit", args=[held.organisation_public_id, public_id]) if held else ""
        links.append((_("Confirm the contact e-mail"), unit or reverse("enterprise", args=[public_id])))
    if any(one.startswith("grant:") and one.endswith(">coordinator") for one in failing):
        links += grant_links(access, enterprise, coordinator)
    return links


def grant_links(access: Access, granter: tuple[int, str, str], grantee: tuple[int, str, str]) -> list[tuple[str, str]]:
    """The link by which a missing grant can be given, or asked for."""
    query = urlencode({"granter": granter[1], "grantee": grantee[1]})
    if access.manages(granter[0], Permission.MANAGE_GRANTS):
        return [(_("Give %(to)s the grant") % {"to": grantee[2]}, f"{reverse('grant_give')}?{query}")]
    if access.manages(grantee[0], Permission.MANAGE_GRANTS):
        return [(_("Ask %(of)s for the grant") % {"of": granter[2]}, f"{reverse('grant_ask')}?{query}")]
    return []
