"""The rules of organisations and enterprises, registered with the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from organisations.enums import GrantKind, OrganisationKind, Sells
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions import engine
from permissions.access import Access, Actor
from permissions.actions import Action, Permission
from permissions.engine import Target, staffed
from permissions.grants import GrantedToHers, RelatedByGrant
from permissions.grants import between as grants_between
from permissions.models import GrantRequest
from permissions.models.grants import RequestStatus
from permissions.rules import (
    STATE,
    AllOf,
    HoldsOver,
    IsStaff,
    Manages,
    Need,
    Not,
    Policy,
    Rule,
    Same,
    Scope,
    StaffActs,
    Where,
)

ENTERPRISE = Scope({"enterprise": "pk"})
UNIT = Scope({"enterprise": "pk", "organisation": "organisation_id"})
ORGANISATION = Scope({"organisation": "pk"})
CONNECTION = Scope({"connection": "pk", "organisation": "organisation_id"})

#: Slots that hold enterprises, whose names every reason can use.
ENTERPRISE_SLOTS = ("coordinator", "enterprise", "producer", "owner", "granter", "grantee")


@cache
def active(slot: str) -> Where:
    """Neither the enterprise nor its organisation is archived."""
    return Where(
        f"active:{slot}",
        lambda scope, actor: Business.objects.filter(
            pk=scope.outer(slot), unit__archived_at=None, unit__organisation__archived_at=None
        ),
        (f"{{{slot}}} is active.", f"{{{slot}}} has been archived."),
        f"An account owner of {{{slot}}} or Hectare can restore it.",
    )


@cache
def sells(slot: str, *kinds: Sells) -> Where:
    """The enterprise sells in one of these ways."""
    told = " or ".join("its own goods" if kind == Sells.OWN else "anybody's goods" for kind in kinds)
    return Where(
        f"sells_{'_'.join(kinds)}:{slot}",
        lambda scope, actor: Business.objects.filter(pk=scope.outer(slot), sells__in=kinds),
        (f"{{{slot}}} sells {told}.", f"{{{slot}}} is not set up to sell {told}."),
        f"Change what {{{slot}}} sells under its trading settings.",
    )


@cache
def is_producer(slot: str) -> Where:
    """The enterprise is a producer."""
    return Where(
        f"producer:{slot}",
        lambda scope, actor: Business.objects.filter(pk=scope.outer(slot), is_producer=True),
        (f"{{{slot}}} is a producer.", f"{{{slot}}} is not a producer."),
        f"Mark {{{slot}}} as a producer under its trading settings.",
    )


def _connected(scope: Scope, actor: Actor) -> Any:
    theirs = Business.objects.filter(pk=scope.outer("enterprise"))
    return theirs.filter(
        Q(unit__organisation__connections__in=Connection.objects.filter(actor.member_of("other", 2)))
        | Q(unit__organisation__connections_from__in=Connection.objects.filter(actor.member_of("organisation", 2)))
    )


#: E3: the organisations know each other.
CONNECTED = Where(
    "connected:enterprise",
    _connected,
    ("{enterprise} is connected with your organisation.", "{enterprise} is not connected with your organisation."),
)

_CONNECTS = Where(
    "member:connection",
    lambda scope, actor: Connection.objects.filter(
        actor.member_of("organisation", 1) | actor.member_of("other", 1), pk=scope.outer("connection")
    ),
    ("It connects your organisation.", "It does not connect your organisation."),
)

E1 = Rule("E1", "Members see the enterprises of the units that they are given.", Manages("enterprise", Permission.VIEW))
E2 = Rule("E2", "Enterprises with a grant between them see each other's public profile.", RelatedByGrant("enterprise"))
E3 = Rule("E3", "Connected organisations see each other's public profile.", CONNECTED)
STAFF_SEE = Rule("S1", "Hectare staff see everything.", IsStaff())

_MEMBER = Where(
    "member:organisation",
    lambda scope, actor: Organisation.objects.filter(actor.member_of("pk", 1), pk=scope.outer("organisation")),
    ("You are a member of {organisation}.", "You are not a member of {organisation}."),
)


_MANAGES_ORGANISATION = HoldsOver(Permission.MANAGE_ORGANISATION)

#: O5: a shell that nobody has claimed, recorded by an organisation that she manages.
_RECORDED = Where(
    "recorded:organisation",
    lambda scope, actor: Organisation.objects.filter(
        actor.over("created_by_organisation_id", Permission.MANAGE_ORGANISATION, 1),
        pk=scope.outer("organisation"),
        kind=OrganisationKind.SHELL,
        archived_at=None,
    ),
    (
        "Your organisation recorded {organisation}, and nobody has claimed it.",
        "Your organisation does not keep its record.",
    ),
)
#: O6: the organisations know each other.
_KNOWN = Where(
    "connected:organisation",
    lambda scope, actor: Connection.objects.filter(
        Q(actor.member_of("organisation", 1), other=scope.outer("organisation"))
        | Q(actor.member_of("other", 1), organisation=scope.outer("organisation"))
    ),
    ("{organisation} is connected with your organisation.", "{organisation} is not connected with your organisation."),
)
#: O7: some of its units are hers to manage, whether or not the whole is.
_MANAGES_UNITS = Where(
    "manages_units:organisation",
    lambda scope, actor: BusinessUnit.objects.filter(
        actor.among("pk", Permission.MANAGE_ORGANISATION, 1),
        actor.among("pk", Permission.VIEW_AUDIT, 1),
        organisation=scope.outer("organisation"),
        organisation__archived_at=None,
    ),
    ("You manage units of {organisation}.", "You manage no unit of {organisation}."),
)
_SHELL = Where(
    "shell:organisation",
    lambda scope, actor: Organisation.objects.filter(
        pk=scope.outer("organisation"), kind=OrganisationKind.SHELL, archived_at=None
    ),
    ("Nobody has claimed {organisation} yet.", "{organisation} is a customer already."),
)
_KNOWS = Rule("O6", "Connected organisations see each other's public profile.", _KNOWN)
_KEEPS = Rule("O5", "An organisation keeps the record it made of a company until that is claimed.", _RECORDED)


def of(enterprise: Business) -> Target:
    """One enterprise."""
    return Target(Business.objects.filter(pk=enterprise.pk), ENTERPRISE)


def of_unit(unit: BusinessUnit) -> Target:
    """One business unit."""
    return Target(BusinessUnit.objects.filter(pk=unit.pk), UNIT)


def of_organisation(organisation: Organisation) -> Target:
    """One organisation."""
    return Target(Organisation.objects.filter(pk=organisation.pk), ORGANISATION)


def of_connection(connection: Connection) -> Target:
    """One connection."""
    return Target(Connection.objects.filter(pk=connection.pk), CONNECTION)


def of_nothing_yet(actor: Access) -> Target:
    """The actor herself: for what is decided by who asks, and on nothing else. A key is nobody here."""
    return Target(get_user_model()._default_manager.filter(pk=actor.user_id or 0), Scope({"user": "pk"}))


def to_grant(granter: Business, grantee: Business, permission: str = GrantKind.ADD_TO_ORDER_CYCLE) -> Target:
    """A grant that may or may not exist, from one enterprise to another."""
    return Target(
        Business.objects.filter(pk=granter.pk),
        Scope({"granter": "pk"}, {"grantee": grantee.pk, "permission": permission}),
    )


def of_request(request: GrantRequest) -> Target:
    """A request for a grant."""
    return Target(
        GrantRequest.objects.filter(pk=request.pk),
        Scope({"request": "pk", "granter": "granter_id", "grantee": "grantee_id", "permission": "permission"}),
    )


def names(slots: Iterable[Mapping[str, Any]]) -> dict[Any, str]:
    """Names of the enterprises that stand in slots, in one statement."""
    rows = list(slots)
    keys = {row[slot] for row in rows for slot in ENTERPRISE_SLOTS if row.get(slot) is not None}
    found: dict[Any, str] = dict(BusinessUnit.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    organisations = {row["organisation"] for row in rows if row.get("organisation") is not None}
    if organisations:
        named = Organisation.objects.filter(pk__in=organisations).values_list("pk", "name")
        found.update({("organisation", pk): name for pk, name in named})
    return found


_OTHER = Not(
    Same("granter", "grantee"),
    ("Granter and grantee are two enterprises.", "An enterprise needs no grant to itself."),
)


def _parties(code: str) -> tuple[Need, ...]:
    return (Need(active("granter"), code, STATE), Need(active("grantee"), code, STATE))


def _granted(scope: Scope, actor: Actor) -> Any:
    return grants_between(scope.outer("granter"), scope.outer("grantee", 2), scope.outer("permission", 2))


_ALREADY = Where("granted:granter>grantee", _granted, ("{granter} has granted {grantee} this already.", ""))
_PENDING = Where(
    "pending:request",
    lambda scope, actor: GrantRequest.objects.filter(pk=scope.outer("request"), status=RequestStatus.PENDING),
    ("The request waits for an answer.", "The request has been answered already."),
)
GRANTER = Manages("granter", Permission.MANAGE_GRANTS)
GRANTEE = Manages("grantee", Permission.MANAGE_GRANTS)
_THIRD = ("L5", "A grant can be ended by the two enterprises it stands between, and by nobody else.")


def _answer() -> tuple[Rule, ...]:
    return (
        Rule("L6", "The granter's manager answers a request.", GRANTER, (Need(_PENDING, "L6", STATE), *_parties("L6"))),
    )


def register() -> None:
    """Register the rules of organisations. Called once, when the apps are ready."""
    engine.register_namer(names)
    nobody = ("X2", "Not found.")
    give_needs = (Need(_OTHER, "G1", STATE), *_parties("G1"))
    engine.register(
        Policy(Action.BUSINESS_VIEW, (E1, E2, E3, STAFF_SEE), nobody),
        Policy(
            Action.BUSINESS_EDIT_PROFILE,
            staffed(
                (
                    Rule(
                        "G4",
                        "A member with the right role edits the public profile of her enterprise.",
                        Manages("enterprise", Permission.MANAGE_PROFILE),
                    ),
                    Rule(
                        "G5",
                        "An enterprise that was granted edit_profile edits the granter's public profile.",
                        GrantedToHers("enterprise", Permission.MANAGE_PROFILE, GrantKind.EDIT_PROFILE),
                    ),
                ),
                (),
            ),
            ("G4", "The public profile is edited by the enterprise itself and by those it has granted that."),
            view=Action.BUSINESS_VIEW,
        ),
        Policy(
            Action.BUSINESS_EDIT_TRADING,
            staffed(
                (
                    Rule(
                        "G6",
                        "A member with the right role sets what her enterprise sells and its contact e-mail.",
                        Manages("enterprise", Permission.MANAGE_ORGANISATION),
                    ),
                ),
                (),
            ),
            ("G6", "Trading settings are changed by the enterprise itself."),
            view=Action.BUSINESS_VIEW,
        ),
        Policy(Action.UNIT_VIEW, (E1, STAFF_SEE), nobody),
        Policy(
            Action.UNIT_EDIT,
            staffed(
                (
                    Rule(
                        "G7",
                        "A member with the right role edits the units that she is given.",
                        Manages("enterprise", Permission.MANAGE_ORGANISATION),
                    ),
                ),
                (),
            ),
            ("G7", "A unit is edited by its own organisation."),
            view=Action.UNIT_VIEW,
        ),
        Policy(
            Action.ORGANISATION_VIEW,
            (Rule("O1", "Members see their organisation.", _MEMBER), _KEEPS, STAFF_SEE),
            nobody,
        ),
        Policy(
            Action.ORGANISATION_VIEW_PROFILE,
            (Rule("O1", "Members see their organisation.", _MEMBER), _KNOWS, _KEEPS, STAFF_SEE),
            nobody,
        ),
        Policy(
            Action.ORGANISATION_RECORD,
            staffed((Rule("O5", "An organisation records the companies it knows.", _MANAGES_ORGANISATION),), ()),
            ("O5", "Companies are recorded by those who manage the whole organisation."),
            view=Action.ORGANISATION_VIEW,
        ),
        Policy(
            Action.ORGANISATION_INVITE_TO_CLAIM,
            (
                Rule(
                    "O5",
                    "Who keeps the record of a company invites it to take it over.",
                    _RECORDED,
                    (Need(_SHELL, "O5", STATE),),
                ),
                Rule(
                    "S1",
                    "Hectare staff invite a company to take its record over, with a reason that is recorded.",
                    StaffActs(),
                    (Need(_SHELL, "O5", STATE),),
                ),
            ),
            ("O5", "A company is invited by the customer that recorded it, or by Hectare."),
            view=Action.ORGANISATION_VIEW_PROFILE,
        ),
        Policy(
            Action.ORGANISATION_EXPORT,
            (
                Rule(
                    "O7",
                    "Those who manage the whole organisation and see its audit trail export its data.",
                    AllOf((_MANAGES_ORGANISATION, HoldsOver(Permission.VIEW_AUDIT))),
                ),
                Rule("O7", "Those who manage some of its units export the data of these.", _MANAGES_UNITS),
                Rule("S1", "Hectare staff do it through the admin, with a reason that is recorded.", StaffActs()),
            ),
            ("O7", "An organisation's data is exported by those who manage it, or units of it, and see what was done."),
            view=Action.ORGANISATION_VIEW,
        ),
        Policy(
            Action.ORGANISATION_EDIT,
            staffed(
                (
                    Rule(
                        "O2",
                        "A member with the right role edits her organisation.",
                        _MANAGES_ORGANISATION,
                    ),
                    _KEEPS,
                ),
                (),
            ),
            ("O2", "Your role does not include managing the organisation."),
            view=Action.ORGANISATION_VIEW,
        ),
        Policy(
            Action.CONNECTION_VIEW,
            (Rule("O3", "Both organisations of a connection see it.", _CONNECTS), STAFF_SEE),
            nobody,
        ),
        Policy(
            Action.CONNECTION_EDIT,
            staffed((Rule("O4", "An organisation keeps its own connections.", _MANAGES_ORGANISATION),), ()),
            ("O4", "A connection is kept by the organisation that recorded it."),
            view=Action.CONNECTION_VIEW,
        ),
        Policy(
            Action.GRANT_VIEW,
            (
                Rule("G2", "Both sides of a grant see it.", Manages("granter", Permission.VIEW)),
                Rule("G2", "Both sides of a grant see it.", Manages("grantee", Permission.VIEW)),
                STAFF_SEE,
            ),
            nobody,
        ),
        Policy(
            Action.GRANT_GIVE,
            staffed((Rule("G1", "The granter's manager gives a grant.", GRANTER, give_needs),), give_needs),
            ("G1", "Only the granter's own people can give a grant. You can ask for it."),
            view=Action.GRANT_VIEW,
        ),
        Policy(
            Action.GRANT_WITHDRAW,
            staffed((Rule("L5", "The granter withdraws its grant.", GRANTER),), ()),
            _THIRD,
            view=Action.GRANT_VIEW,
        ),
        Policy(
            Action.GRANT_GIVE_UP,
            staffed((Rule("L5", "The grantee gives a grant up.", GRANTEE),), ()),
            _THIRD,
            view=Action.GRANT_VIEW,
        ),
        Policy(
            Action.GRANT_REQUEST,
            (
                Rule(
                    "L6",
                    "The grantee asks for a grant.",
                    GRANTEE,
                    (
                        Need(_OTHER, "L6", STATE),
                        Need(Not(_ALREADY, ("It is not granted yet.", "")), "L6", STATE),
                        *_parties("L6"),
                    ),
                ),
            ),
            ("L6", "Only the people of the enterprise that would hold the grant can ask for it."),
            view=Action.GRANT_VIEW,
        ),
        Policy(
            Action.GRANT_APPROVE, _answer(), ("L6", "The granter's manager answers a request."), view=Action.GRANT_VIEW
        ),
        Policy(
            Action.GRANT_REFUSE, _answer(), ("L6", "The granter's manager answers a request."), view=Action.GRANT_VIEW
        ),
    )
    _register_staff_work()
    engine.register_model(Business, Action.BUSINESS_VIEW, Action.BUSINESS_EDIT_PROFILE, ENTERPRISE)
    engine.register_model(BusinessUnit, Action.UNIT_VIEW, Action.UNIT_EDIT, UNIT)
    engine.register_model(Connection, Action.CONNECTION_VIEW, Action.CONNECTION_EDIT, CONNECTION)
    engine.register_model(Organisation, Action.ORGANISATION_VIEW, Action.ORGANISATION_EDIT, ORGANISATION)


def _register_staff_work() -> None:
    acts = Rule("S1", "Hectare staff do it through the admin, with a reason that is recorded.", StaffActs())
    engine.register(
        Policy(
            Action.ORGANISATION_ARCHIVE,
            (acts,),
            ("S1", "A customer is put away by Hectare staff."),
            view=Action.ORGANISATION_VIEW,
        ),
        # Decided on the actor herself: there is nothing else yet.
        Policy(
            Action.ORGANISATION_CREATE,
            (acts,),
            ("S1", "A customer is taken on by Hectare staff."),
            view=Action.USER_VIEW,
        ),
    )
