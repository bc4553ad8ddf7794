"""The list of order cycles, and the editor of one: general, incoming, outgoing, review."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Case, DurationField, ExpressionWrapper, F, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import clock
from common.errors import NotFound
from common.unset import UNSET
from common.web import FormPage, Page
from ordercycles import choices, effective, pictures, reads
from ordercycles.domain import cycles as verbs
from ordercycles.domain import exchanges
from ordercycles.enums import CycleState, Direction, ExchangeStatus
from ordercycles.forms import CycleForm, NewCycleForm
from ordercycles.models import OrderCycle
from ordercycles.models.cycle import state_q
from ordercycles.views.support import Crumb, cycles_crumb, grant_links, mends, next_url, owners
from ordercycles.views.timeline import timeline
from organisations import reads as organisations
from organisations.enums import Sells
from permissions import reads as grants
from permissions.actions import Action, Permission
from permissions.enforce import enforced
from permissions.models.grants import RequestStatus

PER_PAGE = 25


class CycleList(Page):
    """The cycles that she sees: filtered by the address, drawn on a line of time."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        state, search, part = (request.GET.get(name, "") for name in ("state", "q", "part"))
        if state not in CycleState.values:
            state = ""
        rows = pictures.filtered(reads.cycles(self.access), state=state, search=search)
        page = Paginator(_sorted(self._in_part(rows, part)), PER_PAGE).get_page(request.GET.get("page"))
        cycles = pictures.rows_of(self.access, list(page))
        context = {
            "page": page,
            "cycles": [(row, to_do(row)) for row in cycles],
            "timeline": timeline(cycles, clock.now()),
            "state": state,
            "search": search,
            "part": part,
            "states": CycleState.choices,
            "filtered": bool(state or search or part),
            "may_create": bool(self.access.ids(Permission.COORDINATE)),
        }
        return self.show("ordercycles/cycles.html", context)

    def _in_part(self, rows: QuerySet[OrderCycle], part: str) -> QuerySet[OrderCycle]:
        mine = self.access.ids(Permission.VIEW)
        if part == "coordinator":
            return rows.filter(coordinator__in=mine)
        return rows.exclude(coordinator__in=mine) if part == "participant" else rows


def _sorted(rows: QuerySet[OrderCycle]) -> QuerySet[OrderCycle]:
    """Running ones first, those that close soonest at the top; then closed ones, the latest at the top."""
    now = clock.now()
    closed = state_q(CycleState.CLOSED, now)
    far = ExpressionWrapper(F("closes_at") - Value(now), output_field=DurationField())
    past = ExpressionWrapper(Value(now) - F("closes_at"), output_field=DurationField())
    rank = Case(When(closed, then=1), default=0, output_field=IntegerField())
    return rows.annotate(rank=rank, distance=Case(When(closed, then=past), default=far)).order_by(
        "rank", F("distance").asc(nulls_last=True), "-pk"
    )


def to_do(row: pictures.CycleRow) -> str:
    """What needs doing in a cycle, in a few words; empty when nothing does."""
    if row.to_answer:
        return ngettext("%d part to answer", "%d parts to answer", row.to_answer) % row.to_answer
    if "coordinator" not in row.part or row.state == CycleState.CLOSED:
        return ""
    if row.state == CycleState.DRAFT:
        return _("Set both dates")
    if not row.producers:
        return _("Add producers")
    if row.sells_own:
        return "" if row.hubs else _("Put it on sale")
    return "" if row.hubs else _("Add hubs")


class CreateCycle(FormPage[NewCycleForm]):
    """A new cycle: the coordinator is chosen here, and never changed."""

    form_class = NewCycleForm
    template = "ordercycles/cycle_create.html"

    def prepare(self) -> None:
        """The enterprises that may coordinate, and those that cannot and why."""
        managed = list(organisations.managed(self.access, Permission.COORDINATE))
        self.able = [one for one in managed if one.sells in (Sells.ANY, Sells.OWN)]
        self.unable = [one for one in managed if one not in self.able]
        self.title = _("New order cycle")
        self.submit_label = _("Create the order cycle")

    def form_options(self) -> dict[str, Any]:
        """The coordinators to choose from."""
        return {"coordinators": owners(self.able)}

    def context(self, form: NewCycleForm) -> dict[str, Any]:
        """Also who cannot."""
        return {"able": self.able, "unable": self.unable, "crumbs": [cycles_crumb(), Crumb(_("New"))]}

    def back(self) -> str:
        """The list."""
        return reverse("cycles")

    def save(self, form: NewCycleForm) -> HttpResponse:
        """Create it."""
        data = form.cleaned_data
        coordinator = organisations.chosen(self.access, data.pop("coordinator"), "coordinator")
        cycle = verbs.create_cycle(self.access, coordinator=coordinator, **data)
        if coordinator.sells == Sells.OWN:
            return self.done(reverse("cycle_products", args=[cycle.public_id]), _("Created. Now choose what it sells."))
        return self.done(reverse("cycle_incoming", args=[cycle.public_id]), _("Created. Now choose who supplies it."))


class CyclePage(Page):
    """A page of the editor. All four share the header and the steps."""

    step = ""

    def read(self, public_id: str) -> pictures.CyclePicture:
        """The cycle as she sees it."""
        self.cycle = reads.get_cycle(self.access, public_id)
        return pictures.cycle_picture(self.access, self.cycle)

    def frame(self, picture: pictures.CyclePicture) -> dict[str, Any]:
        """What the header and the steps show."""
        decisions = picture.decisions
        return {
            "picture": picture,
            "cycle": picture.cycle,
            "step": self.step,
            "simple": picture.simple,
            "crumbs": [cycles_crumb(), Crumb(picture.cycle.name)],
            "edit": decisions[Action.ORDER_CYCLE_EDIT],
            "fixed": decisions[Action.ORDER_CYCLE_SET_COORDINATOR],
            "copy": decisions[Action.ORDER_CYCLE_COPY],
            "close": decisions[Action.ORDER_CYCLE_CLOSE],
            "delete": decisions[Action.ORDER_CYCLE_DELETE],
        }


class General(CyclePage, FormPage[CycleForm]):
    """Step 1: name, times, coordinator, and the coordinator's fees on everything."""

    form_class = CycleForm
    template = "ordercycles/cycle_general.html"
    step = "general"

    def prepare(self) -> None:
        """The cycle."""
        self.picture = self.read(self.kwargs["cycle"])

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.cycle, name) for name in ("name", "opens_at", "closes_at")}

    def context(self, form: CycleForm) -> dict[str, Any]:
        """The header, the form and the fees."""
        return {
            **self.frame(self.picture),
            "version": self.cycle.version,
            "fees": choices.cycle_fees(self.access, self.cycle),
        }

    def save(self, form: CycleForm) -> HttpResponse:
        """Change it."""
        changes = form.changes(self.initial())
        # The form has no such field; who sends it all the same is told that it is fixed.
        coordinator = self.request.POST.get("coordinator", UNSET)
        verbs.edit_cycle(self.access, cycle=self.cycle, version=self.version, coordinator=coordinator, **changes)
        return self.done(reverse("cycle", args=[self.cycle.public_id]), _("Saved."))


class CycleFees(CyclePage):
    """Put fees of the coordinator's on the whole cycle, or take them off. A step of its own where one sells its own."""

    step = "fees"

    def get(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Show them."""
        picture = self.read(cycle)
        if not picture.simple:
            return HttpResponseRedirect(reverse("cycle", args=[cycle]))
        context = {**self.frame(picture), "fees": choices.cycle_fees(self.access, self.cycle), "next": request.path}
        return self.show("ordercycles/cycle_fees.html", context)

    def post(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Ticked is on, unticked is off."""
        found = reads.get_cycle(self.access, cycle)
        ticked, was = set(request.POST.getlist("on")), set(request.POST.getlist("was"))
        seen = reads.fees_towards(self.access, found, ticked ^ was)
        if seen.keys() != ticked ^ was:
            raise NotFound
        verbs.attach_cycle_fees(
            self.access,
            cycle=found,
            add=[seen[one] for one in sorted(ticked - was)],
            remove=[seen[one] for one in sorted(was - ticked)],
            version=self.version,
        )
        return self.done(next_url(request, self.back()), _("Fees saved."))

    def back(self) -> str:
        """Step 1."""
        return reverse("cycle", args=[self.kwargs["cycle"]])


@dataclass(frozen=True, slots=True)
class Greyed:
    """Somebody who cannot be added, and what would mend it."""

    row: pictures.CandidateRow
    links: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody she knows who has not granted the coordinator."""

    id: str
    name: str
    links: list[tuple[str, str]]
    asked: bool


class Direct(CyclePage):
    """Steps 2 and 3: who takes part, who can be added, who cannot and why."""

    direction = Direction.INCOMING

    def get(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Show them."""
        picture = self.read(cycle)
        if picture.simple:
            return HttpResponseRedirect(reverse("cycle_products", args=[cycle]))
        incoming = self.direction == Direction.INCOMING
        context = {
            **self.frame(picture),
            "direction": self.direction,
            "incoming": incoming,
            "rows": picture.incoming if incoming else picture.outgoing,
            "leads": picture.role != "participant",
        }
        if picture.role != "participant":
            context.update(self._candidates() if context["edit"] else self._known())
        return self.show("ordercycles/cycle_exchanges.html", context)

    def _candidates(self) -> dict[str, Any]:
        found = [one for one in pictures.candidates(self.access, self.cycle, self.direction) if not one.taking_part]
        coordinator = pictures.party(self.cycle.coordinator)
        c = (coordinator.key, coordinator.id, coordinator.name)
        greyed = [
            Greyed(
                one, mends(self.access, one.decision, (one.enterprise.key, one.enterprise.id, one.enterprise.name), c)
            )
            for one in found
            if not one.decision
        ]
        return {
            "addable": [one for one in found if one.decision],
            "greyed": greyed,
            "partners": self._partners({one.enterprise.key for one in found}, c),
        }

    def _known(self) -> dict[str, Any]:
        """For those who see all and change nothing: who has granted the coordinator, with one reason for all."""
        found = pictures.candidates(self.access, self.cycle, self.direction)
        return {"known": [one for one in found if one.granted and not one.taking_part], "reading": True}

    def _partners(self, known: set[int], coordinator: tuple[int, str, str]) -> list[Partner]:
        """Enterprises that she knows of, of the right kind, without a grant to the coordinator."""
        if (
            not self.access.manages(coordinator[0], Permission.MANAGE_GRANTS)
            or self.cycle.coordinator.sells != Sells.ANY
        ):
            return []
        kind = Q(is_producer=True) if self.direction == Direction.INCOMING else Q(sells=Sells.ANY)
        taking_part = self.cycle.exchanges.filter(direction=self.direction).values("enterprise_id")
        rows = (
            organisations.enterprises(self.access)
            .filter(kind, unit__archived_at=None, unit__organisation__archived_at=None)
            .exclude(pk__in=known | {coordinator[0]})
            .exclude(pk__in=taking_part)
            .order_by("unit__name", "pk")[:30]
        )
        asked = set(
            grants.grant_requests(self.access)
            .filter(grantee=coordinator[0], status=RequestStatus.PENDING)
            .values_list("granter_id", flat=True)
        )
        return [
            Partner(
                one.public_id,
                one.name,
                grant_links(self.access, (one.pk, one.public_id, one.name), coordinator),
                one.pk in asked,
            )
            for one in rows
        ]


class Incoming(Direct):
    """Step 2: producers."""

    step = "incoming"
    direction = Direction.INCOMING


class Outgoing(Direct):
    """Step 3: hubs."""

    step = "outgoing"
    direction = Direction.OUTGOING


class AddExchange(Page):
    """Add a producer or a hub, by one click."""

    def post(self, request: HttpRequest, cycle: str, direction: str) -> HttpResponse:
        """Add it."""
        found = reads.get_cycle(self.access, cycle)
        enterprise = reads.get_enterprise(self.access, request.POST.get("enterprise", ""), found)
        exchange = exchanges.add_exchange(self.access, cycle=found, direction=direction, enterprise=enterprise)
        return self.done(
            self.back(), _("%(name)s was added. Choose its products next.") % {"name": exchange.enterprise.name}
        )

    def back(self) -> str:
        """The step."""
        return reverse(f"cycle_{self.kwargs['direction']}", args=[self.kwargs["cycle"]])


class Review(CyclePage):
    """Step 4: the lanes, the offer of each hub with its prices, and what to look at."""

    step = "review"

    def get(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Show it."""
        picture = self.read(cycle)
        lanes = pictures.lanes(self.access, self.cycle)
        hubs = choices.priced_hubs(self.access, self.cycle)
        wanted = request.GET.get("hub", "")
        chosen = next((one for one in hubs if one.enterprise.public_id == wanted), hubs[0] if hubs else None)
        context = {
            **self.frame(picture),
            "lanes": LanePicture(picture, lanes, request.GET.get("page"), request.GET.get("across")),
            "hubs": hubs,
            "chosen": chosen,
            "offer": choices.offer_of(chosen) if chosen else None,
            "warnings": warnings(picture),
        }
        return self.show("ordercycles/cycle_review.html", context)


#: How much of the table of lanes one page shows: a browser lays out thousands of cells slowly, and nobody reads them.
LANES_DOWN, LANES_ACROSS = 25, 20


class LanePicture:
    """Producers down, hubs across: a part of the table, and what the whole of it holds."""

    def __init__(
        self, picture: pictures.CyclePicture, lanes: list[pictures.LaneRow], down: str | None, across: str | None
    ) -> None:
        hubs = {row.enterprise.key: row.enterprise for row in picture.outgoing}
        producers = {row.enterprise.key: row.enterprise for row in picture.incoming}
        for lane in lanes:
            hubs.setdefault(lane.hub.key, lane.hub)
            producers.setdefault(lane.producer.key, lane.producer)
        by_pair = {(lane.producer.key, lane.hub.key): lane for lane in lanes}
        self.down = Paginator(list(producers.values()), LANES_DOWN).get_page(down)
        self.across = Paginator(list(hubs.values()), LANES_ACROSS).get_page(across)
        self.hubs = list(self.across)
        self.rows = [
            (producer, [LaneCell(by_pair.get((producer.key, hub.key)), picture.cycle) for hub in self.hubs])
            for producer in self.down
        ]
        looks = Counter(LaneCell(lane, picture.cycle).look for lane in lanes)
        self.counts = {look: looks[look] for look in ("flows", "could", "lapsed")}


class LaneCell:
    """One lane, as it looks."""

    def __init__(self, lane: pictures.LaneRow | None, cycle: OrderCycle) -> None:
        self.lane = lane
        self.coordinator = cycle.coordinator.name
        self.look = self._look()

    def _look(self) -> str:
        if self.lane is None:
            return "cannot"
        if self.lane.flows:
            return "flows"
        if self.lane.lapsed:
            return "lapsed"
        return "cannot" if self.lane.reasons else "could"

    @property
    def why(self) -> str:
        """Why nothing flows, or why what is there has lapsed."""
        if self.lane is None:
            return _("No grant from the producer to the hub")
        names = {
            "producer": self.lane.producer.name,
            "enterprise": self.lane.hub.name,
            "coordinator": self.coordinator,
        }
        return " ".join(effective.sentence(code, names) for code in self.lane.reasons)


def warnings(picture: pictures.CyclePicture) -> list[tuple[str, str]]:
    """What to look at before the cycle opens: words, and where."""
    if picture.state == CycleState.CLOSED:
        return []
    public_id = picture.cycle.public_id
    found: list[tuple[str, str]] = []
    if picture.state == CycleState.DRAFT:
        found.append((_("Both dates are needed before it can open."), reverse("cycle", args=[public_id])))
    if picture.simple and not picture.outgoing:
        found.append((_("It is not on sale yet."), reverse("cycle_products", args=[public_id])))
    if not picture.simple and not picture.incoming:
        found.append((_("There is no producer yet."), reverse("cycle_incoming", args=[public_id])))
    if not picture.simple and not picture.outgoing:
        found.append((_("There is no hub yet."), reverse("cycle_outgoing", args=[public_id])))
    found.extend(
        (text, reverse("exchange", args=[row.id]))
        for row in (*picture.incoming, *picture.outgoing)
        if (text := _warning(row))
    )
    return found


def _warning(row: pictures.ExchangeRow) -> str:
    name = {"name": row.enterprise.name}
    if row.status == ExchangeStatus.DECLINED:
        return _("%(name)s has declined.") % name
    if row.lapsed:
        words = ngettext("%(name)s: %(n)d product has lapsed.", "%(name)s: %(n)d products have lapsed.", row.lapsed)
        return words % {**name, "n": row.lapsed}
    return "" if row.variants else _("%(name)s has no products yet.") % name


class Asking(CyclePage):
    """A page that asks before something is done to the whole cycle."""

    action = Action.ORDER_CYCLE_CLOSE

    def get(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Ask; refuse at once when it may not be."""
        picture = self.read(cycle)
        enforced(picture.decisions[self.action])
        return self.show("pages/ask.html", {**self.frame(picture), **self.words(picture), "back": self.back()})

    def words(self, picture: pictures.CyclePicture) -> dict[str, Any]:
        """Title, text, label of the button."""
        raise NotImplementedError

    def back(self) -> str:
        """The cycle."""
        return reverse("cycle", args=[self.kwargs["cycle"]])


class Close(Asking):
    """Close an open cycle now."""

    action = Action.ORDER_CYCLE_CLOSE

    def words(self, picture: pictures.CyclePicture) -> dict[str, Any]:
        """What closing means."""
        return {
            "title": _("Close “%(name)s” now?") % {"name": picture.cycle.name},
            "text": _(
                "No more orders are taken, what is on offer now is recorded, and nobody can change it afterwards."
            ),
            "label": _("Close it now"),
        }

    def post(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Close it."""
        found = reads.get_cycle(self.access, cycle)
        verbs.close_cycle(self.access, cycle=found, version=self.version)
        return self.done(self.back(), _("Closed."))


class Delete(Asking):
    """Delete a draft or upcoming cycle."""

    action = Action.ORDER_CYCLE_DELETE

    def words(self, picture: pictures.CyclePicture) -> dict[str, Any]:
        """Who is touched."""
        told = [row.enterprise.name for row in (*picture.incoming, *picture.outgoing)]
        text = _("Everything chosen in it goes with it. Enterprises and products stay as they are.")
        return {
            "title": _("Delete “%(name)s”?") % {"name": picture.cycle.name},
            "text": text,
            "items_title": _("These are told that it is gone:"),
            "items": list(dict.fromkeys(told)),
            "label": _("Delete it"),
        }

    def post(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Delete it."""
        found = reads.get_cycle(self.access, cycle)
        verbs.delete_cycle(self.access, cycle=found, version=self.version)
        return self.done(reverse("cycles"), _("“%(name)s” was deleted.") % {"name": found.name})


class Copy(CyclePage, FormPage[CycleForm]):
    """A new cycle from this one."""

    form_class = CycleForm
    template = "pages/form.html"

    def prepare(self) -> None:
        """The cycle to copy."""
        self.picture = self.read(self.kwargs["cycle"])
        self.title = _("Copy “%(name)s”") % {"name": self.cycle.name}
        self.submit_label = _("Make the copy")

    def may(self) -> None:
        """Only who coordinates."""
        enforced(self.picture.decisions[Action.ORDER_CYCLE_COPY])

    def initial(self) -> dict[str, Any]:
        """A name to start from."""
        return {"name": _("%(name)s (copy)") % {"name": self.cycle.name[:190]}}

    def context(self, form: CycleForm) -> dict[str, Any]:
        """What is copied."""
        lead = _(
            "Producers, hubs, products and fees are taken over. Grants are checked anew; what is left out is listed."
        )
        own = reverse("cycle", args=[self.cycle.public_id])
        return {"lead": lead, "crumbs": [cycles_crumb(), Crumb(self.cycle.name, own), Crumb(_("Copy"))]}

    def back(self) -> str:
        """The cycle."""
        return reverse("cycle", args=[self.kwargs["cycle"]])

    def save(self, form: CycleForm) -> HttpResponse:
        """Copy it, and remember what was left out for the next page."""
        report = verbs.copy_cycle(self.access, cycle=self.cycle, **form.cleaned_data)
        new = report.cycle.public_id
        left_out = [(one.what, one.name, one.code, one.reason) for one in report.left_out]
        self.request.session["copied"] = {"cycle": new, "count": len(left_out), "left_out": left_out[:200]}
        return self.done(reverse("cycle_copied", args=[new]))


class Copied(CyclePage):
    """What a copy left out, and why."""

    def get(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Show it."""
        picture = self.read(cycle)
        kept = request.session.get("copied", {})
        report = kept if kept.get("cycle") == cycle else {"count": 0, "left_out": []}
        return self.show("ordercycles/cycle_copied.html", {**self.frame(picture), "report": report})


__all__ = [
    "AddExchange",
    "Close",
    "Copied",
    "Copy",
    "CreateCycle",
    "CycleFees",
    "CycleList",
    "Delete",
    "General",
    "Incoming",
    "Outgoing",
    "Review",
]
