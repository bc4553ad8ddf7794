"""Loads the demo network (``ordercycles.demo``) through the verbs, each by somebody who may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from common import clock
from customers.domain import users
from customers.enums import RequestKind
from customers.models import AccessRequest, User
from ordercycles.demo import catalogue, companies, people, trade
from ordercycles.domain import catalogue as catalogue_verbs
from ordercycles.domain import cycles, exchanges, fees, methods, offers
from ordercycles.enums import Direction
from ordercycles.models import Exchange, Fee, OrderCycle, Variant
from organisations import contact
from organisations.domain import businesses, connections, grants, organisations, units
from organisations.enums import ConnectionKind
from organisations.models import Business, BusinessUnit, Organisation
from permissions.access import Access
from permissions.domain import members
from permissions.models import Role


def is_loaded() -> bool:
    """Whether the demo network is in the database."""
    return User.objects.filter(email=people.STAFF_EMAIL).exists()


def is_empty() -> bool:
    """Whether nobody and nothing is in the database."""
    return not User.objects.exists() and not Organisation.objects.exists()


@transaction.atomic
def load() -> None:
    """Load all of it, or nothing."""
    Loader().load()


class Loader:
    """Makes the network from its tables, and remembers what it made by the keys of the tables."""

    def __init__(self) -> None:
        self.now: datetime = clock.now()
        self.users: dict[str, User] = {}
        self.organisations: dict[str, Organisation] = {}
        self.units: dict[str, BusinessUnit] = {}
        self.enterprises: dict[str, Business] = {}
        self.owner_of: dict[str, str] = {}
        self.variants: dict[str, list[str]] = {}
        self.fees: dict[str, Fee] = {}

    def load(self) -> None:
        """In the order in which it rests on one another."""
        self._staff()
        for company in companies.COMPANIES:
            self._company(company)
        self._people()
        # Hashed once for all: a hash is slow by intent, and this is not a secret.
        User.objects.update(password=make_password(people.PASSWORD))
        for producer, lines in catalogue.CATALOGUE.items():
            self._catalogue(producer, lines)
        self._methods()
        self._fees()
        self._grants()
        for row in trade.CYCLES:
            self._cycle(row)
        self._withdrawal()
        self._newcomer()

    # --- who acts ---------------------------------------------------------------------------------------------

    def _as(self, email: str) -> Access:
        """The access of a user as it is now; of staff, acting for the demo."""
        access = Access.for_user(self.users[email])
        return access.acting("Setting up the demo network") if access.is_staff else access

    def _owner(self, key: str) -> Access:
        """The account owner of an enterprise."""
        return self._as(self.owner_of[key])

    @property
    def _acting(self) -> Access:
        return self._as(people.STAFF_EMAIL)

    # --- people and companies ---------------------------------------------------------------------------------

    def _staff(self) -> None:
        # Nobody may make the first member of staff, so it comes as from createsuperuser.
        staff = User.objects.create_superuser(people.STAFF_EMAIL, None, name=people.STAFF_NAME)
        EmailAddress.objects.create(user=staff, email=staff.email, verified=True, primary=True)
        self.users[people.STAFF_EMAIL] = staff

    def _user(self, email: str, name: str) -> User:
        user = users.create_user(self._acting, email=email, name=name)
        self.users[email] = user
        return user

    def _company(self, company: companies.Company) -> None:
        first = company.units[0]
        organisation = organisations.create_organisation(
            self._acting, name=company.name, town=first.town, postcode=first.postcode
        )
        self.organisations[company.domain] = organisation
        owner = f"owner@{company.domain}.example"
        self._join(self._user(owner, company.owner), organisation, "owner")
        for unit in company.units:
            self._unit(organisation, owner, company.domain, unit)

    def _join(self, user: User, organisation: Organisation, role: str, limit: Iterable[str] = ()) -> None:
        members.add_member(
            self._acting,
            organisation=organisation,
            user=user,
            role=Role.objects.get(organisation=None, key=role),
            units=[self.units[key] for key in limit] or None,
        )

    def _unit(self, organisation: Organisation, owner: str, domain: str, row: companies.Unit) -> None:
        unit = units.create_unit(
            self._as(owner),
            organisation=organisation,
            name=row.name,
            address=row.address,
            town=row.town,
            postcode=row.postcode,
        )
        self.units[row.key] = unit
        if row.kind is None:
            return
        business = businesses.create_business(
            self._as(owner),
            unit=unit,
            kind=row.kind,
            is_producer=row.is_producer,
            sells=row.sells,
            description=row.description,
            website=f"https://{domain}.example",
            contact_email=f"orders@{domain}.example",
            **companies.PARTICULARS.get(row.key, {}),
        )
        if row.key != companies.NOT_READY:
            business = businesses.confirm_contact(self._as(owner), token=contact.make_token(business))
        self.enterprises[row.key] = business
        self.owner_of[row.key] = owner

    def _people(self) -> None:
        for person in people.PEOPLE:
            user = self._user(person.email, person.name)
            for part in person.parts:
                self._join(user, self.organisations[part.domain], part.role, part.units)

    # --- what they have to sell, and how ----------------------------------------------------------------------

    def _catalogue(self, producer: str, lines: Iterable[catalogue.Line]) -> None:
        made = catalogue_verbs.create_products(
            self._owner(producer), producer=self.enterprises[producer], products=[_product(line) for line in lines]
        )
        rows = Variant.objects.filter(product__in=made).order_by("pk")
        self.variants[producer] = list(rows.values_list("public_id", flat=True))

    def _methods(self) -> None:
        for ways in trade.WAYS:
            actor, hub = self._owner(ways.hub), self.enterprises[ways.hub]
            for name, kind, price in ways.shipping:
                methods.create_shipping_method(actor, hub=hub, name=name, kind=kind, price=Decimal(price))
            for name in ways.payment:
                methods.create_payment_method(actor, hub=hub, name=name)

    def _fees(self) -> None:
        for row in trade.FEES:
            self.fees[row.key] = fees.create_fee(
                self._owner(row.owner),
                owner=self.enterprises[row.owner],
                name=row.name,
                kind=row.kind,
                charge=row.charge,
                amount=Decimal(row.amount),
                further_amount=_decimal(row.further_amount),
                max_items=row.max_items,
                minimum=_decimal(row.minimum),
            )

    # --- grants -----------------------------------------------------------------------------------------------

    def _grants(self) -> None:
        for granter, grantee, kind in trade.GRANTS:
            grants.give(
                self._owner(granter),
                granter=self.enterprises[granter],
                grantee=self.enterprises[grantee],
                permission=kind,
            )
        for grantee, granter, message in trade.REQUESTS:
            self._connect(grantee, granter)
            grants.ask(
                self._owner(grantee),
                granter=self.enterprises[granter],
                grantee=self.enterprises[grantee],
                message=message,
            )

    def _connect(self, one: str, other: str) -> None:
        """Let two organisations know each other: one asks only whom one knows."""
        connections.connect(
            self._acting,
            organisation=self.units[one].organisation,
            other=self.units[other].organisation,
            kind=ConnectionKind.SUPPLIER,
        )

    def _newcomer(self) -> None:
        """A company asks to be taken on, and waits on the staff's desk; without a mail to anybody."""
        AccessRequest.objects.create(
            kind=RequestKind.ACCESS,
            company_name="Otter Valley Ales",
            postcode="EX11 1AA",
            name="Otto Otterbourne",
            email="otto@otter-ales.example",
            message="We brew by the river, and would like to sell with the hubs in Exeter.",
        )

    def _withdrawal(self) -> None:
        granter, grantee = (self.enterprises[key] for key in trade.WITHDRAWN)
        grant = granter.grants_given.get(group=grantee.group)
        grants.withdraw(self._owner(trade.WITHDRAWN[0]), grant=grant)

    # --- order cycles -----------------------------------------------------------------------------------------

    def _moment(self, days: float | None, hour: int) -> datetime | None:
        """On the day so many days from now, at an hour of the local clock."""
        if days is None:
            return None
        day = timezone.localtime(self.now) + timedelta(days=days)
        return day.replace(hour=hour, minute=0, second=0, microsecond=0)

    def _cycle(self, row: trade.CycleRow) -> None:
        with clock.at(self.now + timedelta(days=row.made)):
            cycle = cycles.create_cycle(
                self._owner(row.coordinator),
                coordinator=self.enterprises[row.coordinator],
                name=row.name,
                opens_at=self._moment(row.opens, 8),
                closes_at=self._moment(row.closes, 18),
            )
            made = self._exchanges(cycle, row)
            cycles.attach_cycle_fees(
                self._owner(row.coordinator), cycle=cycle, add=[self.fees[key] for key in row.cycle_fees]
            )
            for direction, key in row.accepted:
                exchanges.accept(self._owner(key), exchange=made[direction, key])
            for direction, key, reason in row.declined:
                exchanges.decline(self._owner(key), exchange=made[direction, key], reason=reason)
        # What has closed by now is recorded before anything else changes.
        offers.record_due()

    def _exchanges(self, cycle: OrderCycle, row: trade.CycleRow) -> dict[tuple[str, str], Exchange]:
        actor = self._owner(row.coordinator)
        made: dict[tuple[str, str], Exchange] = {}
        supplied: dict[str, list[str]] = {}
        for supply in row.incoming:
            goods = supplied[supply.producer] = self.variants[supply.producer][:: supply.every]
            made["incoming", supply.producer] = exchange = self._exchange(
                actor, cycle, Direction.INCOMING, supply.producer, goods, supply.fees
            )
            if supply.delivery_notes:
                exchanges.set_notes(
                    self._owner(supply.producer), exchange=exchange, delivery_notes=supply.delivery_notes
                )
        for outlet in row.outgoing:
            goods = [one for producer, every in outlet.takes for one in supplied[producer][::every]]
            made["outgoing", outlet.hub] = exchange = self._exchange(
                actor, cycle, Direction.OUTGOING, outlet.hub, goods, outlet.fees
            )
            exchanges.set_notes(
                self._owner(outlet.hub),
                exchange=exchange,
                collection_time=outlet.collection_time,
                collection_instructions=outlet.collection_instructions,
            )
        return made

    def _exchange(
        self, actor: Access, cycle: OrderCycle, direction: Direction, key: str, goods: Any, on: Any
    ) -> Exchange:
        enterprise = self.enterprises[key]
        # A coordinator that sells its own goods takes part already.
        exchange = cycle.exchanges.filter(direction=direction, enterprise=enterprise).first()
        exchange = exchange or exchanges.add_exchange(actor, cycle=cycle, direction=direction, enterprise=enterprise)
        exchanges.change_variants(actor, exchange=exchange, add=goods)
        if on:
            exchanges.change_fees(actor, exchange=exchange, add=[self.fees[one].public_id for one in on])
        return exchange


def _product(line: catalogue.Line) -> catalogue_verbs.NewProduct:
    variants: list[catalogue_verbs.VariantChanges] = [
        {
            "name": size.name,
            "unit_type": size.unit_type,
            "unit_value": Decimal(size.unit_value),
            "unit_name": size.unit_name,
            "price": catalogue.price_of(line, size),
            "on_demand": True,
        }
        for size in line.sizes
    ]
    return catalogue_verbs.NewProduct(line.name, line.category, variants=variants)


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def sign_ins() -> str:
    """Who can sign in and what to try, as a table."""
    width = max(len(email) for email, _ in people.TO_TRY)
    rows = [f"  {email.ljust(width)}  {what}" for email, what in people.TO_TRY]
    return "\n".join([f"Sign in with the password {people.PASSWORD} as", *rows])
