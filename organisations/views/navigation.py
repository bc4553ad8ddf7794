"""What stands beside the pages of one organisation: the switcher, and the list of its parts.

An app adds its own part when it is ready:
``navigation.add(Entry(gettext_lazy("People"), "people", Action.MEMBERSHIP_MANAGE, 30))``.
Nothing here decides: an entry is left out by the same policy by which its page would be refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.web import Page, access_of
from organisations import reads
from organisations.models import Organisation
from organisations.rules import of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.impersonation import CODE


@dataclass(frozen=True, slots=True)
class Entry:
    """One part of an organisation's pages.

    Attributes:
        label: what it is called; lazily translated.
        url_name: of its page, which takes the organisation's public id and nothing else.
        action: what she must be allowed on the organisation to see the entry. Its policy rests on the slot
            ``organisation`` alone, because all entries are decided in one go.
        place: where it stands: lower comes first.
    """

    label: Any
    url_name: str
    action: Action
    place: int


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is shown; ``current`` is ``page`` or ``true`` as in the main navigation."""

    label: str
    url: str
    current: str = ""


_entries: Final[list[Entry]] = [
    Entry(gettext_lazy("Profile"), "organisation", Action.ORGANISATION_VIEW, 10),
    Entry(gettext_lazy("Business units"), "units", Action.ORGANISATION_VIEW, 20),
    Entry(gettext_lazy("API keys"), "api_keys", Action.API_KEY_VIEW, 60),
    Entry(gettext_lazy("Audit trail"), "audit", Action.AUDIT_VIEW, 80),
]


def add(*entries: Entry) -> None:
    """Add parts. Called once, when an app is ready."""
    for entry in entries:
        if all(one.url_name != entry.url_name for one in _entries):
            _entries.append(entry)
    _entries.sort(key=lambda one: one.place)


def links(access: Access, organisation: Organisation, path: str) -> list[Link]:
    """The parts of an organisation that she may see. Two statements at most."""
    actions = tuple(dict.fromkeys(entry.action for entry in _entries))
    facts = engine.facts_for(access, actions, of_organisation(organisation)).get(organisation.pk)
    if facts is None:
        return []
    decided = {action: engine.judge(action, facts) for action in actions}
    # What staff leave alone who act as somebody stays in its place, and says why.
    may = {action: bool(one) or one.code == CODE for action, one in decided.items()}
    return [_link(entry, organisation.public_id, path) for entry in _entries if may[entry.action]]


def _link(entry: Entry, public_id: str, path: str) -> Link:
    url = reverse(entry.url_name, args=[public_id])
    # Every other address begins with the profile's, so that one is current for itself and for its own form only.
    further = f"{url}edit/" if entry.url_name == "organisation" else url
    return Link(str(entry.label), url, "page" if path == url else ("true" if path.startswith(further) else ""))


def switcher(access: Access, organisation: Organisation, shown: Sequence[Link]) -> list[Link]:
    """The same part of her other organisations; nothing when she has one. No statement: her access knows them."""
    others = dict.fromkeys((one.organisation_public_id, one.organisation) for one in access.held)
    if len(others) < 2:
        return []
    here = next((link.url for link in shown if link.current), reverse("organisation", args=[organisation.public_id]))
    return [
        Link(
            name, here.replace(organisation.public_id, public_id), "true" if public_id == organisation.public_id else ""
        )
        for public_id, name in others
    ]


def beside(request: HttpRequest, organisation: Organisation) -> dict[str, Any]:
    """What ``organisation_base.html`` shows beside a page."""
    access = access_of(request)
    shown = links(access, organisation, request.path)
    return {"links": shown if len(shown) > 1 else [], "switcher": switcher(access, organisation, shown)}


def crumbs(organisation: Organisation, *steps: tuple[str, str]) -> list[dict[str, str]]:
    """The trail of a page of an organisation: the list, the organisation, and the steps below it."""
    first = {"label": _("Organisations"), "url": reverse("organisations")}
    own = {"label": organisation.name, "url": reverse("organisation", args=[organisation.public_id]) if steps else ""}
    return [first, own, *({"label": str(label), "url": url} for label, url in steps)]


class OrganisationPage(Page):
    """A page of one organisation, which the address names. Its template extends ``organisation_base.html``."""

    organisation: Organisation

    def read_organisation(self) -> Organisation:
        """The organisation, when she sees it whole: her own (or the record that hers keeps)."""
        self.organisation = reads.get_organisation(self.access, self.kwargs["organisation"])
        return self.organisation

    def trail(self, *steps: tuple[str, str]) -> dict[str, Any]:
        """The organisation and the trail, for the template."""
        return {"organisation": self.organisation, "crumbs": crumbs(self.organisation, *steps)}

    def back(self) -> str:
        """The organisation."""
        return reverse("organisation", args=[self.kwargs["organisation"]])
