"""People in browsers, and the small network that the stories take place on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core import mail
from django.test import Client
from playwright.sync_api import Locator, Page, Response, expect

from ordercycles.enums import Charge, Direction, FeeKind
from ordercycles.models import Exchange, OrderCycle, Variant
from organisations.enums import BusinessKind, Sells
from organisations.models import Business, Connection
from tests.browser import DESK, PHONE, check_accessible, width_of
from tests.factories import (
    BusinessFactory,
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    ProductFactory,
    UserFactory,
    VariantFactory,
    grant,
    hub,
    manager_of,
    producer,
)
from tests.jobs import run_jobs
from tests.walk import place

if TYPE_CHECKING:
    from customers.models import User

#: Pages that have been looked at in this run, by their place and by whether they say that something is wrong.
LOOKED: set[tuple[str, bool]] = set()
#: What axe looks at on a phone as well, where little differs: how many kinds of page. Every kind is measured there.
ON_A_PHONE = 4


@dataclass
class Person:
    """Somebody with a browser of her own. Every page that she comes to is checked as she comes to it.

    Attributes:
        scripts: whether her browser runs scripts; without them axe cannot look.
    """

    page: Page
    site: str
    scripts: bool = True

    def sign_in(self, user: User) -> None:
        """Let her be signed in, and come to her home. The page for it has a test of its own."""
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        self.page.context.add_cookies([{"name": session.key, "value": session.value, "url": self.site}])
        self.go("/")

    def go(self, path: str) -> None:
        """Open an address."""
        self._came(self.page.goto(f"{self.site}{path}"))

    def follow(self, name: str, *, within: Locator | None = None) -> None:
        """Follow a link by its words."""
        self._act((within or self.page).get_by_role("link", name=name))

    def back_to(self, name: str) -> None:
        """Follow a step of the trail at the top of the page."""
        self.follow(name, within=self.page.get_by_role("navigation", name="Where you are"))

    def press(self, name: str, *, within: Locator | None = None) -> None:
        """Press a button by its words, and wait for the page that comes."""
        self._act((within or self.page).get_by_role("button", name=name, exact=True))

    def _act(self, what: Locator) -> None:
        with self.page.expect_navigation() as came:
            what.click()
        self._came(came.value)

    def _came(self, answer: Response | None) -> None:
        assert answer is None or answer.status < 500, f"{answer.status} on {answer.url}: {answer.text()[:300]}"
        self.look()

    def fill(self, label: str, text: str) -> None:
        """Fill in a field by its label."""
        self.page.get_by_label(label, exact=False).first.fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose from a list by its label."""
        self.page.get_by_label(label).select_option(label=option)

    def tick(self, name: str, *, on: bool = True) -> None:
        """Tick or untick a box by its label."""
        self.page.get_by_role("checkbox", name=name).set_checked(on)

    def row(self, name: str) -> Locator:
        """The row of a table whose heading has these words."""
        return self.page.get_by_role("row").filter(has=self.page.get_by_role("rowheader", name=name))

    def part(self, name: str) -> Locator:
        """The part of the page with this heading."""
        return self.page.get_by_role("region", name=name)

    def reads(self, text: str, *, within: Locator | None = None) -> None:
        """The words are there to be read."""
        where = within if within is not None else self.page.get_by_role("main")
        expect(where).to_contain_text(text)

    def reads_not(self, text: str, *, within: Locator | None = None) -> None:
        """The words are not there."""
        where = within if within is not None else self.page.get_by_role("main")
        expect(where).not_to_contain_text(text)

    def look(self) -> None:
        """Nothing serious for axe, and nothing that makes a phone scroll sideways: on every kind of page.

        A kind is looked at once in a run; on a phone, axe goes to the first few. ``make screens`` looks at all pages.
        """
        if not self.scripts:
            return
        kind = place(self.page.url), self.page.locator("[aria-invalid=true], [role=alert]").count() > 0
        if kind in LOOKED:
            return
        LOOKED.add(kind)
        self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        width = width_of(self.page)
        assert width <= PHONE["width"], f"{self.page.url} is {width} px wide on {PHONE['width']} px"
        if len(LOOKED) <= ON_A_PHONE:
            self._ask_axe(PHONE["width"])
        self.page.set_viewport_size(DESK)  # type: ignore[arg-type]
        self._ask_axe(DESK["width"])

    def _ask_axe(self, width: int) -> None:
        try:
            check_accessible(self.page)
        except AssertionError as problem:
            problem.add_note(f"At {width} px, on {self.page.url}")
            raise


MakePerson = Callable[..., Person]


def mailed_link(address: str, holding: str, site: str) -> str:
    """The path of the link with these words in the last mail to an address."""
    run_jobs()
    message = [one for one in mail.outbox if one.to == [address]][-1]
    (link,) = [word for word in str(message.body).split() if holding in word]
    path: str = "/" + link.partition("://")[2].partition("/")[2]
    return path


@dataclass(frozen=True)
class Valley:
    """A small network. Everybody has one manager, whose account is named after the enterprise.

    Exe Hub coordinates. Ashclyst Dairy and Bramble Farm supply it; Town Larder and Quay Stores are hubs. Quay Stores is
    not ready: it has no methods and no contact address. Ashclyst Dairy grants Exe Hub and Town Larder; Bramble Farm
    grants Exe Hub, Town Larder and Quay Stores; the hubs grant Exe Hub. Moor Goats is known, and grants nobody.
    The town's hub and the dairy know each other also without a grant.
    """

    exe: Business
    ash: Business
    bramble: Business
    town: Business
    quay: Business
    moor: Business
    people: dict[str, User]

    def person(self, enterprise: Business) -> User:
        """Who manages it."""
        return self.people[enterprise.name]


def valley() -> Valley:
    """Make it."""
    exe, town = hub("Exe Hub"), hub("Town Larder")
    quay = hub("Quay Stores", is_ready=False, contact_email="")
    ash = producer("Ashclyst Dairy")
    bramble = BusinessFactory.create(name="Bramble Farm", kind=BusinessKind.FARM, sells=Sells.OWN)
    moor = producer("Moor Goats")
    goods(ash, "Dairy", Milk=("1 litre", "1.45"), Butter=("250 g", "3.20"), Cheddar=("400 g", "5.75"))
    goods(bramble, "Vegetables", Kale=("bunch", "1.80"), Leeks=("500 g", "2.10"))
    goods(moor, "Dairy", Curd=("150 g", "3.95"))
    for granter, grantees in ((ash, (exe, town)), (bramble, (exe, town, quay)), (town, (exe,)), (quay, (exe,))):
        for grantee in grantees:
            grant(granter, grantee)
    for one, other in ((exe, moor), (town, ash)):
        Connection.objects.create(organisation=one.unit.organisation, other=other.unit.organisation)
    fee(exe, "Running costs", FeeKind.ADMIN, Charge.PERCENT, "10")
    fee(ash, "Crates", FeeKind.PACKING, Charge.PER_ITEM, "0.20")
    fee(town, "Counter", FeeKind.SALES, Charge.PERCENT, "5")
    fee(town, "Round the town", FeeKind.TRANSPORT, Charge.PER_ORDER, "2.50")
    everybody = (exe, ash, bramble, town, quay, moor)
    people = {
        one.name: manager_of(
            one,
            user=UserFactory.create(
                name=f"Manager of {one.name}", email=f"{one.name.split()[0].lower()}@people.example"
            ),
        )
        for one in everybody
    }
    return Valley(exe, ash, bramble, town, quay, moor, people)


def goods(of: Business, category: str, **sizes: tuple[str, str]) -> None:
    """A product with one size for each name."""
    for name, (size, price) in sizes.items():
        product = ProductFactory.create(producer=of, name=name, category=category)
        VariantFactory.create(product=product, name=size, price=price)


def fee(owner: Business, name: str, kind: str, charge: str, amount: str) -> Any:
    """A fee."""
    return FeeFactory.create(owner=owner, name=name, kind=kind, charge=charge, amount=amount)


def of(producer: Business, *names: str) -> list[Variant]:
    """The variants of a producer's products with these names; all of them when none is named."""
    found = Variant.objects.filter(producer=producer).order_by("pk")
    return list(found.filter(product__name__in=names) if names else found)


@dataclass(frozen=True)
class Thursday:
    """A cycle that is to open, with everybody of the valley in it but Moor Goats; who carries what is named."""

    cycle: OrderCycle
    ash: Exchange
    bramble: Exchange
    town: Exchange
    quay: Exchange


def thursday(network: Valley) -> Thursday:
    """Milk, butter, kale and leeks come in; milk, butter and kale go to Town Larder, kale to Quay Stores."""
    cycle = CycleFactory.create(coordinator=network.exe, name="Exe Thursday")
    into, out = Direction.INCOMING, Direction.OUTGOING

    def part(direction: Direction, enterprise: Business, variants: list[Variant]) -> Exchange:
        made: Exchange = ExchangeFactory.create(
            cycle=cycle, direction=direction, enterprise=enterprise, variants=variants
        )
        return made

    return Thursday(
        cycle=cycle,
        ash=part(into, network.ash, of(network.ash, "Milk", "Butter")),
        bramble=part(into, network.bramble, of(network.bramble)),
        town=part(out, network.town, of(network.ash, "Milk", "Butter") + of(network.bramble, "Kale")),
        quay=part(out, network.quay, of(network.bramble, "Kale")),
    )
