"""Companies that an organisation knows: connections, records, and invitations to take a record over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.web import FormPage
from customers import reads
from customers.domain import invitations as invitation_verbs
from customers.domain.companies import record_company
from customers.enums import InvitationKind
from customers.invitation_forms import ClaimForm, CompanyForm, ConnectionForm
from customers.models import Invitation
from organisations.domain import connections as verbs
from organisations.enums import ConnectionKind, OrganisationKind
from organisations.models import Connection, Organisation
from organisations.reads import get_known, kinds_of
from organisations.rules import of_connection, of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions.actions import Action
from permissions.enforce import enforced
from permissions.lookup import one

PER_PAGE = 50
FORM = "organisations/organisation_form.html"


@dataclass(frozen=True)
class Shown:
    """A connection as the organisation sees it."""

    connection: Connection
    company: Organisation
    own: bool
    businesses: list[str]
    is_record: bool
    invitation: Invitation | None


class ConnectionsPage(OrganisationPage):
    """A page of an organisation's connections."""

    def may(self) -> None:
        """Those who manage the whole organisation."""
        enforced(engine.decide(self.access, Action.ORGANISATION_RECORD, of_organisation(self.organisation)))

    def prepare(self) -> None:
        """The organisation."""
        self.read_organisation()

    def back(self) -> str:
        """The list."""
        return reverse("connections", args=[self.kwargs["organisation"]])

    def steps(self, *more: tuple[str, str]) -> dict[str, Any]:
        """The trail."""
        return self.trail((_("Connections"), self.back() if more else ""), *more)


class Connections(ConnectionsPage):
    """Whom the organisation knows, and who knows it."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show a page of them."""
        self.prepare()
        search, kind, state = (request.GET.get(name, "").strip()[:100] for name in ("q", "kind", "state"))
        rows = reads.connections(self.access, self.organisation)
        if kind in ConnectionKind.values:
            rows = rows.filter(organisation=self.organisation, kind=kind)
        if state == "records":
            rows = rows.filter(
                organisation=self.organisation,
                other__kind=OrganisationKind.SHELL,
                other__created_by_organisation=self.organisation,
            )
        elif state == "theirs":
            rows = rows.filter(other=self.organisation)
        for word in search.split():
            own = rows.filter(organisation=self.organisation, other__name__icontains=word)
            rows = own | rows.filter(other=self.organisation, organisation__name__icontains=word)
        page = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        shown = self.shown(list(page))
        context = {
            **self.steps(),
            "title": _("Connections"),
            "page": page,
            "connections": shown,
            "known": {one.company.pk for one in shown if one.own},
            "search": search,
            "kind": kind,
            "kinds": ConnectionKind.choices,
            "state": state,
            "filtered": bool(search or kind or state),
            "may_record": engine.decide(self.access, Action.ORGANISATION_RECORD, of_organisation(self.organisation)),
        }
        return self.show("customers/connections.html", context)

    def shown(self, rows: list[Connection]) -> list[Shown]:
        """What is shown of each: of the other side its public profile, and no more."""
        held = self.organisation
        others = {row.pk: row.other if row.organisation_id == held.pk else row.organisation for row in rows}
        kinds = kinds_of(others.values())
        claims: dict[int, Invitation] = {}
        wanted = reads.invitations(self.access).filter(
            kind=InvitationKind.CLAIM, organisation__in=list(others.values())
        )
        for invitation in wanted.order_by("created_at", "pk"):
            claims[invitation.organisation_id] = invitation
        return [
            Shown(
                row,
                others[row.pk],
                row.organisation_id == held.pk,
                kinds[others[row.pk].pk],
                is_record_of(others[row.pk], held),
                claims.get(others[row.pk].pk),
            )
            for row in rows
        ]


def is_record_of(company: Organisation, organisation: Organisation) -> bool:
    """Whether an organisation keeps the record of a company."""
    return company.kind == OrganisationKind.SHELL and company.created_by_organisation_id == organisation.pk


class RecordCompany(ConnectionsPage, FormPage[CompanyForm]):
    """Record a company that the organisation knows."""

    form_class = CompanyForm
    template = FORM

    def prepare(self) -> None:
        """The organisation."""
        super().prepare()
        self.title, self.submit_label = _("Record a company"), _("Record it")

    def context(self, form: CompanyForm) -> dict[str, Any]:
        """The trail."""
        return self.steps((_("Record a company"), ""))

    def save(self, form: CompanyForm) -> HttpResponse:
        """Record it, or connect with it when it is known already."""
        done = record_company(self.access, organisation=self.organisation, **form.cleaned_data)
        if done.invitation is not None:
            words = _("%(name)s is recorded, and an invitation goes to %(email)s.")
        elif done.is_new:
            words = _("%(name)s is recorded.")
        else:
            words = _("%(name)s was known here already. You are connected with it now.")
            if form.cleaned_data["invite"]:
                words += " " + _("No invitation went out: the record is not yours to give away.")
        email = form.cleaned_data["contact_email"]
        return self.done(self.back(), words % {"name": done.connection.other.name, "email": email})


class ConnectBack(ConnectionsPage):
    """Record one's own side of a connection that another organisation made."""

    def post(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Connect."""
        self.prepare()
        other = get_known(self.access, request.POST.get("other", ""))
        self.may()
        made = verbs.connect(self.access, organisation=self.organisation, other=other)
        return self.done(reverse("connection_edit", args=[self.organisation.public_id, made.public_id]))


class ConnectionPage(ConnectionsPage):
    """A page of one connection that the organisation recorded."""

    connection: Connection

    def prepare(self) -> None:
        """The connection, of this organisation and no other."""
        super().prepare()
        self.connection = reads.get_connection(self.access, self.organisation, self.kwargs["connection"])

    def may(self) -> None:
        """Those who manage the whole organisation that recorded it."""
        enforced(engine.decide(self.access, Action.CONNECTION_EDIT, of_connection(self.connection)))


class EditConnection(ConnectionPage, FormPage[ConnectionForm]):
    """Change what the organisation keeps of it."""

    form_class = ConnectionForm
    template = FORM

    def prepare(self) -> None:
        """The connection."""
        super().prepare()
        self.title = self.connection.other.name

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.connection, name) for name in ConnectionForm.base_fields}

    def context(self, form: ConnectionForm) -> dict[str, Any]:
        """The trail and the version."""
        return {**self.steps((self.connection.other.name, "")), "version": self.connection.version}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form, for the side that recorded it: the other side does not see what is in it."""
        self.prepare()
        self.may()
        return self.shown(self.form_class(initial=self.initial()))

    def save(self, form: ConnectionForm) -> HttpResponse:
        """Change it."""
        verbs.edit_connection(self.access, connection=self.connection, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))


class RemoveConnection(ConnectionPage):
    """End a connection."""

    def get(self, request: HttpRequest, organisation: str, connection: str) -> HttpResponse:
        """Ask."""
        self.prepare()
        self.may()
        name = self.connection.other.name
        context = {
            **self.steps((name, ""), (_("End"), "")),
            "title": _("End the connection with %(name)s?") % {"name": name},
            "text": _(
                "Your note and contact go with it, and neither of you sees the other’s public profile by it any more. "
                "Grants between your enterprises stay as they are."
            ),
            "label": _("End it"),
            "back": self.back(),
            "version": self.connection.version,
        }
        return self.show("pages/ask.html", context)

    def post(self, request: HttpRequest, organisation: str, connection: str) -> HttpResponse:
        """End it."""
        self.prepare()
        name = self.connection.other.name
        verbs.disconnect(self.access, connection=self.connection, version=self.version)
        return self.done(self.back(), _("The connection with %(name)s has ended.") % {"name": name})


class InviteToClaim(ConnectionPage, FormPage[ClaimForm]):
    """Invite somebody of a recorded company to take its record over."""

    form_class = ClaimForm
    template = "customers/invite_to_claim.html"

    def prepare(self) -> None:
        """The connection and its company."""
        super().prepare()
        self.title = _("Invite %(name)s to take its record over") % {"name": self.connection.other.name}
        self.submit_label = _("Send the invitation")

    def may(self) -> None:
        """Who keeps the record."""
        super().may()
        enforced(
            engine.decide(self.access, Action.ORGANISATION_INVITE_TO_CLAIM, of_organisation(self.connection.other))
        )

    def initial(self) -> dict[str, Any]:
        """The contact."""
        return {"email": self.connection.contact_email, "name": self.connection.contact_name}

    def context(self, form: ClaimForm) -> dict[str, Any]:
        """The trail, and what was sent before."""
        sent = reads.invitations(self.access).filter(organisation=self.connection.other, kind=InvitationKind.CLAIM)
        return {
            **self.steps((self.connection.other.name, ""), (_("Invite"), "")),
            "sent": list(sent.order_by("-created_at", "-pk")[:20]),
            "connection": self.connection,
            "waiting": ("pending", "expired", "failed"),
        }

    def save(self, form: ClaimForm) -> HttpResponse:
        """Invite her."""
        made = invitation_verbs.invite_to_claim(self.access, organisation=self.connection.other, **form.cleaned_data)
        return self.done(self.request.path, _("An invitation goes to %(email)s.") % {"email": made.email})


class ActOnClaim(ConnectionPage):
    """Send a claim's invitation again, or revoke it."""

    def post(self, request: HttpRequest, organisation: str, connection: str, invitation: str) -> HttpResponse:
        """Do it."""
        self.prepare()
        # Of the company at the other end, and of no other.
        sent = reads.invitations(self.access).filter(organisation=self.connection.other, kind=InvitationKind.CLAIM)
        found = one(sent, invitation)
        if request.POST.get("act") == "revoke":
            invitation_verbs.revoke(self.access, invitation=found)
            words = _("The invitation of %(email)s is revoked.")
        else:
            invitation_verbs.resend(self.access, invitation=found)
            words = _("The invitation goes to %(email)s again; older links do not work any more.")
        return self.done(self.back(), words % {"email": found.email})

    def back(self) -> str:
        """Where the invitations of the record are."""
        return reverse("claim_invite", args=[self.kwargs["organisation"], self.kwargs["connection"]])
