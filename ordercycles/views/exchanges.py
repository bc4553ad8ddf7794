"""One enterprise's part in a cycle: its products, its fees, its times and notes, its answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.errors import ConfirmationNeeded, Stale
from common.web import DomainForm, FormPage, Page
from ordercycles import choices, pictures, reads
from ordercycles.domain import exchanges as verbs
from ordercycles.domain import own
from ordercycles.domain.exchanges import MOST_VARIANTS
from ordercycles.forms import DeclineForm, HubNotesForm, ProducerNotesForm
from ordercycles.models import Exchange
from ordercycles.rules import targets
from ordercycles.views.support import Crumb, cycles_crumb, next_url
from permissions import engine
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.decisions import Decision
from permissions.enforce import enforced

PAGE = 50
_ONLY = ("in", "addable", "lapsed")


class ExchangePage(Page):
    """A page of one exchange. All share the header and the tabs."""

    tab = "products"

    def read(self, public_id: str) -> Exchange:
        """The exchange, when she sees it."""
        self.exchange = reads.get_exchange(self.access, public_id)
        return self.exchange

    def decisions(self) -> dict[Action, Decision]:
        """What she may do with the exchange as a whole. One statement."""
        actions = pictures.EXCHANGE_ACTIONS
        (facts,) = engine.facts_for(self.access, actions, targets.exchange(self.exchange)).values()
        return {action: engine.judge(action, facts) for action in actions}

    def frame(self) -> dict[str, Any]:
        """What the header and the tabs show."""
        exchange, cycle = self.exchange, self.exchange.cycle
        step = "cycle_incoming" if exchange.is_incoming else "cycle_outgoing"
        label = _("Incoming") if exchange.is_incoming else _("Outgoing")
        decisions = self.decisions()
        return {
            "exchange": exchange,
            "cycle": cycle,
            "tab": self.tab,
            "crumbs": [
                cycles_crumb(),
                Crumb(cycle.name, reverse("cycle", args=[cycle.public_id])),
                Crumb(label, reverse(step, args=[cycle.public_id])),
                Crumb(exchange.enterprise.name),
            ],
            "accept": decisions[Action.EXCHANGE_ACCEPT],
            "decline": decisions[Action.EXCHANGE_DECLINE],
            "removal": decisions[Action.EXCHANGE_REMOVE],
            "notes": decisions[Action.EXCHANGE_SET_NOTES],
            "mine": self.access.manages(exchange.enterprise_id, Permission.VIEW),
            "version": exchange.version,
        }

    def back(self) -> str:
        """The exchange."""
        return reverse("exchange", args=[self.kwargs["exchange"]])


class Products(ExchangePage):
    """The goods of an exchange, page by page through thousands."""

    def get(self, request: HttpRequest, exchange: str) -> HttpResponse:
        """Show a page of them."""
        goods = goods_of(self.access, self.read(exchange), request.GET)
        return self.show("ordercycles/exchange_products.html", {**self.frame(), **goods})


def goods_of(access: Access, exchange: Exchange, asked: Any) -> dict[str, Any]:
    """What a page of an exchange's goods shows. ``asked``: filter and place, from the address."""
    search, producer, only = _filter(asked)
    after = choices.place_of(asked.get("after", ""))
    options = {"search": search, "producer": producer, "only": only}
    page = pictures.exchange_products(access, exchange, after=after, size=PAGE, count=True, **options)

    def count(*, remove: bool) -> int:
        counted: int = choices.matching(access, exchange, remove=remove, **options).count()
        return counted

    return {
        "page": page,
        "after": asked.get("after", "") if after else "",
        "last": page.rows[-1].id if page.next else "",
        "addable": 0 if only in ("in", "lapsed") else count(remove=False),
        "removable": 0 if only == "addable" else count(remove=True),
        **_freedom(page.rows),
        "producers": [] if exchange.is_incoming else choices.suppliers(access, exchange.cycle),
        "filtered": bool(search or producer or only),
        **options,
    }


def _freedom(rows: Sequence[pictures.ProductRow]) -> dict[str, Any]:
    """Whether anything on the page can be changed; when nothing can, for one reason, that reason once for all."""
    decisions = [row.remove if row.carried else row.add for row in rows]
    changeable = any(decision.allowed for decision in decisions)
    same = not changeable and len({decision.reason for decision in decisions}) == 1
    return {"changeable": changeable, "nothing": decisions[0] if same else None}


def _filter(data: Any) -> tuple[str, str, str]:
    only = data.get("only", "")
    return data.get("q", "").strip()[:100], data.get("producer", ""), only if only in _ONLY else ""


class ChangeProducts(ExchangePage):
    """Add and remove goods: what was ticked and unticked on a page, or all that match the filter."""

    def post(self, request: HttpRequest, exchange: str) -> HttpResponse:
        """Change them."""
        found = self.read(exchange)
        add, remove = self.wanted()
        if request.POST.get("all") == "remove" and not self.confirmed:
            raise ConfirmationNeeded(_all_out(found, len(remove)), {})
        if own.is_supply(found):
            done = own.change_goods(
                self.access, supply=found, add=add, remove=remove, version=self.version, confirmed=self.confirmed
            )
        else:
            done = verbs.change_variants(
                self.access, exchange=found, add=add, remove=remove, version=self.version, confirmed=self.confirmed
            )
        return self.done(next_url(request, self.back()), _said(done, len(add) + len(remove)))

    def wanted(self) -> tuple[list[str], list[str]]:
        """What to add, and what to remove. Ticked is in, unticked is out; what the page did not show stays."""
        data = self.request.POST
        search, producer, only = _filter(data)
        if data.get("all") in ("add", "remove"):
            out = data["all"] == "remove"
            rows = choices.matching(self.access, self.exchange, remove=out, search=search, producer=producer, only=only)
            ids = choices.matching_ids(rows)
            return ([], ids) if out else (ids, [])
        ticked, was = data.getlist("in"), data.getlist("was")
        return [one for one in ticked if one not in set(was)], [one for one in was if one not in set(ticked)]

    def warn(self, error: Stale) -> HttpResponse:
        """Say how much was chosen, in words; the choice itself is sent again."""
        add, remove = self.wanted()
        response_context = {
            "typed": [(_("To add"), len(add)), (_("To remove"), len(remove))],
        }
        return self.show("pages/stale.html", self.stale_context(error) | response_context, 409)


def _all_out(exchange: Exchange, count: int) -> str:
    words = ngettext(
        "This takes %(n)d product out of the part of %(name)s in “%(cycle)s”.",
        "This takes %(n)d products out of the part of %(name)s in “%(cycle)s”.",
        count,
    )
    return words % {"n": count, "name": exchange.enterprise.name, "cycle": exchange.cycle.name}


def _said(done: verbs.VariantsChanged, asked: int) -> str:
    words = []
    if done.added:
        words.append(ngettext("%d product added.", "%d products added.", done.added) % done.added)
    if done.removed:
        words.append(ngettext("%d product removed.", "%d products removed.", done.removed) % done.removed)
    if asked >= MOST_VARIANTS:
        words.append(_("That were as many as can be changed at once; do it again for the others."))
    return " ".join(words) or _("Nothing had to be changed.")


class Fees(ExchangePage):
    """The fees on an exchange: hers to attach and detach, others' to read."""

    tab = "fees"

    def get(self, request: HttpRequest, exchange: str) -> HttpResponse:
        """Show them."""
        found = self.read(exchange)
        fees = choices.exchange_fees(self.access, found)
        changeable = any(one.decision.allowed for one in fees)
        return self.show("ordercycles/exchange_fees.html", {**self.frame(), "fees": fees, "changeable": changeable})

    def post(self, request: HttpRequest, exchange: str) -> HttpResponse:
        """Ticked is on, unticked is off."""
        found = self.read(exchange)
        ticked, was = request.POST.getlist("on"), request.POST.getlist("was")
        verbs.change_fees(
            self.access,
            exchange=found,
            add=[one for one in ticked if one not in was],
            remove=[one for one in was if one not in ticked],
            version=self.version,
        )
        return self.done(reverse("exchange_fees", args=[exchange]), _("Fees saved."))

    def warn(self, error: Stale) -> HttpResponse:
        """Say how much was chosen, in words."""
        ticked, was = set(self.request.POST.getlist("on")), set(self.request.POST.getlist("was"))
        typed = [(_("To put on"), len(ticked - was)), (_("To take off"), len(was - ticked))]
        return self.show("pages/stale.html", self.stale_context(error) | {"typed": typed}, 409)


class Notes(ExchangePage, FormPage[DomainForm]):
    """Times and instructions of a hub, delivery notes of a producer."""

    tab = "notes"
    template = "ordercycles/exchange_notes.html"

    def prepare(self) -> None:
        """The exchange, and the form for its direction."""
        self.read(self.kwargs["exchange"])
        self.form_class = ProducerNotesForm if self.exchange.is_incoming else HubNotesForm

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.exchange, name) for name in self.form_class.base_fields}

    def context(self, form: DomainForm) -> dict[str, Any]:
        """The header."""
        return self.frame()

    def save(self, form: DomainForm) -> HttpResponse:
        """Change them."""
        verbs.set_notes(self.access, exchange=self.exchange, version=self.version, **form.cleaned_data)
        return self.done(reverse("exchange_notes", args=[self.exchange.public_id]), _("Saved."))


class Accept(ExchangePage):
    """Say yes."""

    def post(self, request: HttpRequest, exchange: str) -> HttpResponse:
        """Accept."""
        done = verbs.accept(self.access, exchange=self.read(exchange))
        words = {"name": done.enterprise.name, "cycle": done.cycle.name}
        return self.done(next_url(request, self.back()), _("%(name)s takes part in “%(cycle)s”.") % words)


class Decline(ExchangePage, FormPage[DeclineForm]):
    """Say no, and why."""

    form_class = DeclineForm

    def prepare(self) -> None:
        """The exchange."""
        found = self.read(self.kwargs["exchange"])
        self.title = _("Decline for %(name)s") % {"name": found.enterprise.name}
        self.submit_label = _("Decline")

    def may(self) -> None:
        """Only the enterprise itself, and until the cycle opens."""
        enforced(self.decisions()[Action.EXCHANGE_DECLINE])

    def context(self, form: DeclineForm) -> dict[str, Any]:
        """What declining means."""
        lead = _("Your part is kept but nothing of it is on offer. You can accept again at any time before it closes.")
        crumbs = self.frame()["crumbs"]
        crumbs[-1] = Crumb(self.exchange.enterprise.name, self.back())
        return {"lead": lead, "crumbs": [*crumbs, Crumb(_("Decline"))], "submit_look": "btn-danger"}

    def save(self, form: DeclineForm) -> HttpResponse:
        """Decline."""
        verbs.decline(self.access, exchange=self.exchange, reason=form.cleaned_data["reason"])
        return self.done(self.back(), _("Declined. The coordinator has been told."))


class Remove(ExchangePage):
    """Take an enterprise out of a cycle: shows what goes first."""

    def get(self, request: HttpRequest, exchange: str) -> HttpResponse:
        """Ask."""
        found = self.read(exchange)
        preview = verbs.removal_preview(self.access, exchange=found)
        names = {"name": found.enterprise.name, "cycle": found.cycle.name}
        context = {
            **self.frame(),
            "title": _("Remove %(name)s from “%(cycle)s”?") % names,
            "text": _("Its products, fees and notes are removed from this cycle. It is told, and can be added again."),
            "items_title": _("These hubs carry what it supplies; for them it lapses:")
            if found.is_incoming
            else _("Its products that go with it:"),
            "items": [f"{hub['name']}: {hub['variants']}" for hub in preview["hubs"]],
            "label": _("Remove it"),
            "back": self.back(),
            "confirms": True,
        }
        return self.show("pages/ask.html", context)

    def post(self, request: HttpRequest, exchange: str) -> HttpResponse:
        """Remove it."""
        found = self.read(exchange)
        step = "cycle_incoming" if found.is_incoming else "cycle_outgoing"
        url = reverse(step, args=[found.cycle.public_id])
        verbs.remove_exchange(self.access, exchange=found, version=self.version, confirmed=self.confirmed)
        return self.done(url, _("%(name)s was removed.") % {"name": found.enterprise.name})
