"""Who lets whom: grants given and received, requests made and received."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import Invalid
from common.web import FormPage, Page
from organisations import reads as organisations
from organisations.domain import grants as verbs
from organisations.enums import GrantKind
from organisations.forms import AnswerForm, AskForm, GiveForm
from organisations.models import Business
from organisations.rules import of_request
from permissions import engine, reads
from permissions import grants as words
from permissions.actions import Action, Permission
from permissions.models import Grant, GrantRequest
from permissions.models.grants import RequestStatus

PER_PAGE = 50


def crumbs(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """The trail at the top."""
    return [{"label": _("Grants"), "url": reverse("grants")}, *({"label": a, "url": b} for a, b in steps)]


def choices(rows: QuerySet[Business]) -> list[tuple[str, str]]:
    """Enterprises as choices."""
    return [(one.public_id, one.name) for one in rows]


class GrantRow:
    """A grant as a list shows it."""

    def __init__(self, grant: Grant, mine: frozenset[int], managed: frozenset[int]) -> None:
        granter, grantee = words.granter_of(grant), words.grantee_of(grant)
        self.id = grant.public_id
        self.granter, self.grantee = granter, grantee
        self.what = words.words(words.kind_of(grant))
        self.given_at, self.given_by = grant.given_at, grant.given_by
        self.given = granter.pk in mine
        self.received = grantee.pk in mine
        self.may_withdraw = granter.pk in managed
        self.may_give_up = grantee.pk in managed


class GrantList(Page):
    """Given, or received."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        side, permission, search = (request.GET.get(name, "") for name in ("side", "permission", "q"))
        mine, managed = self.access.ids(Permission.VIEW), self.access.ids(Permission.MANAGE_GRANTS)
        rows = reads.given_and_received(self.access)
        counts = {
            "given": rows.filter(content_object__in=mine).count(),
            "received": rows.filter(group__enterprise__in=mine).count(),
        }
        if side not in ("given", "received"):
            side = "received" if counts["received"] and not counts["given"] else "given"
        if not self.access.is_staff:
            rows = rows.filter(**{"content_object__in" if side == "given" else "group__enterprise__in": mine})
        if permission in GrantKind.values:
            rows = rows.filter(permission__codename=permission)
        for word in search.split():
            rows = rows.filter(
                Q(content_object__unit__name__icontains=word) | Q(group__enterprise__unit__name__icontains=word)
            )
        ordered = rows.order_by(
            "content_object__unit__name", "group__enterprise__unit__name", "permission__codename", "pk"
        )
        page = Paginator(ordered, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "grants": [GrantRow(one, mine, managed) for one in page],
            "side": side,
            "permission": permission,
            "permissions": GrantKind.choices,
            "search": search,
            "filtered": bool(permission or search),
            "counts": counts,
            "pending": _pending(self, received=True).count(),
            "may_manage": bool(managed),
        }
        return self.show("organisations/grants.html", context)


def _pending(page: Page, *, received: bool) -> QuerySet[GrantRequest]:
    side = "granter__in" if received else "grantee__in"
    rows = reads.grant_requests(page.access).filter(**{side: page.access.ids(Permission.VIEW)})
    return rows.filter(status=RequestStatus.PENDING)


class Requests(Page):
    """Requests, received and made."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them, those that wait at the top."""
        side = "made" if request.GET.get("side") == "made" else "received"
        mine = self.access.ids(Permission.VIEW)
        rows = reads.grant_requests(self.access)
        if not self.access.is_staff:
            rows = rows.filter(**{"grantee__in" if side == "made" else "granter__in": mine})
        # Those that wait have not been answered.
        rows = rows.order_by(F("answered_at").desc(nulls_first=True), "-created_at", "-pk")
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "page": page,
            "requests": [(one, words.words(one.permission)) for one in page],
            "side": side,
            "crumbs": crumbs((_("Requests"), "")),
            "may_manage": bool(self.access.ids(Permission.MANAGE_GRANTS)),
        }
        return self.show("organisations/grant_requests.html", context)


class RequestPage(Page):
    """One request: approve it, or refuse it with an answer."""

    def get(self, request: HttpRequest, grant_request: str) -> HttpResponse:
        """Show it."""
        found = reads.get_grant_request(self.access, grant_request)
        context = {
            "one": found,
            "what": words.words(found.permission),
            "approve": engine.decide(self.access, Action.GRANT_APPROVE, of_request(found)),
            "form": AnswerForm(),
            "crumbs": crumbs((_("Requests"), reverse("grant_requests")), (found.grantee.name, "")),
        }
        return self.show("organisations/grant_request.html", context)

    def back(self) -> str:
        """The requests."""
        return reverse("grant_requests")


class Approve(RequestPage):
    """Give what was asked for."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, grant_request: str) -> HttpResponse:
        """Approve it."""
        found = reads.get_grant_request(self.access, grant_request)
        verbs.approve(self.access, request=found)
        return self.done(self.back(), _("Given to %(name)s.") % {"name": found.grantee.name})


class Refuse(RequestPage):
    """Refuse what was asked for."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, grant_request: str) -> HttpResponse:
        """Refuse it."""
        found = reads.get_grant_request(self.access, grant_request)
        verbs.refuse(self.access, request=found, answer=request.POST.get("answer", "").strip())
        return self.done(self.back(), _("Refused. %(name)s has been told.") % {"name": found.grantee.name})


class Give(FormPage[GiveForm]):
    """Give a grant to one or several partners."""

    form_class = GiveForm
    template = "organisations/grant_give.html"

    def prepare(self) -> None:
        """Hers, and whom she knows."""
        self.mine = choices(organisations.managed(self.access, Permission.MANAGE_GRANTS))
        known = choices(_active(self).order_by("unit__name", "pk"))
        self.known = [one for one in known if [one] != self.mine]
        self.title, self.submit_label = _("Give a grant"), _("Give it")

    def form_options(self) -> dict[str, Any]:
        """Whom to choose from."""
        return {"granters": self.mine, "grantees": self.known}

    def initial(self) -> dict[str, Any]:
        """What a link named."""
        data = self.request.GET
        return {"granter": data.get("granter", ""), "grantees": data.getlist("grantee")}

    def context(self, form: GiveForm) -> dict[str, Any]:
        """The trail, and what to do when there is nothing to choose."""
        return {"crumbs": crumbs((_("Give"), "")), "mine": self.mine, "known": self.known}

    def back(self) -> str:
        """The list."""
        return reverse("grants")

    def save(self, form: GiveForm) -> HttpResponse:
        """Give it to each."""
        data = form.cleaned_data
        granter = organisations.chosen(self.access, data["granter"], "granter")
        wanted = set(data["grantees"])
        if len(wanted) > 1:
            # Whoever chose all of a list meant the others; who chose herself alone is told why not.
            wanted.discard(data["granter"])
        grantees = list(organisations.enterprises(self.access).filter(unit__public_id__in=wanted).order_by("pk"))
        if len(grantees) < len(wanted):
            raise Invalid.one("/grantees", "not_found", "Not found.")
        given = verbs.give_each(self.access, granter=granter, grantees=grantees, permission=data["permission"])
        text = ngettext("Given to %d enterprise.", "Given to %d enterprises.", len(given)) % len(given)
        return self.done(self.back(), text)


def _active(page: Page) -> QuerySet[Business]:
    return organisations.enterprises(page.access).filter(unit__archived_at=None, unit__organisation__archived_at=None)


class Ask(FormPage[AskForm]):
    """Ask for a grant."""

    form_class = AskForm

    def prepare(self) -> None:
        """Hers, and whom she knows."""
        mine = organisations.managed(self.access, Permission.MANAGE_GRANTS)
        self.mine = choices(mine)
        known = choices(_active(self).order_by("unit__name", "pk"))
        self.known = [one for one in known if [one] != self.mine]
        self.title, self.submit_label = _("Ask for a grant"), _("Send the request")

    def form_options(self) -> dict[str, Any]:
        """Whom to choose from."""
        return {"granters": self.known, "grantees": self.mine}

    def initial(self) -> dict[str, Any]:
        """What a link named."""
        return {name: self.request.GET.get(name, "") for name in ("granter", "grantee")}

    def context(self, form: AskForm) -> dict[str, Any]:
        """The trail."""
        lead = _("They are told, and answer when they like. Nothing changes until they do.")
        return {"crumbs": crumbs((_("Ask"), "")), "lead": lead}

    def back(self) -> str:
        """The list."""
        return reverse("grants")

    def save(self, form: AskForm) -> HttpResponse:
        """Ask."""
        data = form.cleaned_data
        asked = verbs.ask(
            self.access,
            granter=organisations.chosen(self.access, data["granter"], "granter"),
            grantee=organisations.chosen(self.access, data["grantee"], "grantee"),
            permission=data["permission"],
            message=data["message"],
        )
        words_ = _("%(name)s has been asked.") % {"name": asked.granter.name}
        return self.done(f"{reverse('grant_requests')}?side=made", words_)


class EndPage(Page):
    """Shows what lapses before a grant is ended, and asks."""

    def read(self) -> Grant:
        """The grant, when she sees it."""
        self.grant = reads.get_grant(self.access, self.kwargs["grant"])
        return self.grant

    def asked(self, title: str, label: str) -> HttpResponse:
        """The page."""
        grant = self.read()
        names = {"from": words.granter_of(grant).name, "to": words.grantee_of(grant).name}
        context = {
            "title": title % names,
            "label": label,
            "what": _("%(from)s lets %(to)s %(what)s.") % {**names, "what": words.words(words.kind_of(grant))},
            "preview": verbs.withdrawal_preview(self.access, grant=grant),
            "back": self.back(),
            "crumbs": crumbs((label, "")),
        }
        return self.show("organisations/grant_end.html", context)

    def back(self) -> str:
        """The list."""
        return reverse("grants")


class Withdraw(EndPage):
    """The granter ends its grant."""

    def get(self, request: HttpRequest, grant: str) -> HttpResponse:
        """Ask."""
        return self.asked(_("Withdraw what %(from)s lets %(to)s do?"), _("Withdraw it"))

    def post(self, request: HttpRequest, grant: str) -> HttpResponse:
        """Withdraw it."""
        verbs.withdraw(self.access, grant=self.read())
        return self.done(self.back(), _("Withdrawn. The other side has been told."))


class GiveUp(EndPage):
    """The grantee gives a grant up."""

    def get(self, request: HttpRequest, grant: str) -> HttpResponse:
        """Ask."""
        return self.asked(_("Give up what %(from)s lets %(to)s do?"), _("Give it up"))

    def post(self, request: HttpRequest, grant: str) -> HttpResponse:
        """Give it up."""
        verbs.give_up(self.access, grant=self.read())
        return self.done(f"{self.back()}?side=received", _("Given up. The other side has been told."))


__all__ = ["Approve", "Ask", "Give", "GiveUp", "GrantList", "Refuse", "RequestPage", "Requests", "Withdraw"]
