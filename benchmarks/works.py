"""What people do, on the reference network, each beside its floor and its targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from django.contrib.auth.hashers import get_hasher
from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks import floors, network, urls
from benchmarks.measure import Work
from benchmarks.sizes import SIZES, Size
from customers.domain.imports import batches
from customers.enums import ImportKind
from customers.models import ImportBatch, User
from ordercycles import offers, pictures, reads
from ordercycles.addable import addable_by_hub
from ordercycles.domain.exchanges import change_variants
from ordercycles.enums import Direction
from ordercycles.models import Exchange, Fee, OrderCycle, Variant
from ordercycles.rules import targets
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.reading import Target
from tests import logistics


@dataclass(frozen=True)
class Bench:
    """The network at hand, and who works in it."""

    size: Size

    def access(self, part: str) -> Access:
        """What the user with this part manages."""
        return Access.for_user(User.objects.get(email=network.email_of(part)))

    def mine(self, part: str) -> tuple[int, ...]:
        """The keys of the enterprises that the user manages."""
        return network.managed(self.size)[part]

    def client(self, part: str) -> Client:
        """A signed-in user with this part."""
        client = Client()
        client.force_login(User.objects.get(email=network.email_of(part)))
        return client

    @cached_property
    def cycle(self) -> OrderCycle:
        """The cycle with everybody in it."""
        return OrderCycle.objects.select_related("coordinator__unit").get(pk=network.CYCLE)

    @cached_property
    def hub(self) -> Exchange:
        """The outgoing exchange of the first hub."""
        rows = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit")
        return rows.get(cycle=network.CYCLE, direction=Direction.OUTGOING, enterprise=self.size.coordinator + 1)

    def works(self) -> Iterator[Work]:
        """Everything that is measured."""
        yield from self.pages()
        yield self.products()
        yield self.cycles()
        yield self.decision()
        yield self.adding()
        yield self.offer()
        # At XL it would be 50 million ids, in more memory than most machines have.
        if self.size.enterprises <= SIZES["L"].enterprises:
            yield self.like_for_like()
        yield self.importing()
        yield from self.overhead()

    # -- reads -------------------------------------------------------------------------------------

    def pages(self) -> Iterator[Work]:
        """The data of the cycle's page, for each part."""
        for part, seconds in ((network.COORDINATOR, 0.3), (network.PRODUCER, 0.1), (network.HUB, 0.1)):
            floor = partial(floors.cycle_page, network.CYCLE, self.size.coordinator, self.mine(part))
            run = partial(asked, self.client(part), f"/api/v1/order-cycles/{self.cycle.public_id}/")
            yield Work(f"cycle page data, {part} (API request)", run, floor, 15, 3, seconds)

    def overhead(self) -> Iterator[Work]:
        """A detail of the API beside bare Django views that return the same bytes."""
        client, fee = (
            self.client(network.COORDINATOR),
            Fee.objects.filter(owner=self.size.coordinator).order_by("pk")[0],
        )
        path = f"/api/v1/fees/{fee.public_id}/"
        urls.CONTENT["bytes"] = asked(client, path)
        run = partial(asked, client, path)
        bare = partial(asked, client, f"/benchmarks/fees/{fee.public_id}/")
        yield Work("API detail, beside a bare view", run, bare, None, 3, several=20)
        barest = partial(asked, client, "/benchmarks/bytes/")
        yield Work("the same, beside bytes from memory", run, barest, None, None, several=20)

    def products(self) -> Work:
        """One exchange's products, first page, with what may be added and removed."""
        access, public_id = self.access(network.COORDINATOR), self.hub.public_id
        values = {
            "exchange": self.hub.pk,
            "cycle": network.CYCLE,
            "coordinator": self.size.coordinator,
            "hub": self.hub.enterprise_id,
        }
        floor = partial(floors.fetch, floors.PRODUCTS, **values)
        return Work("products of an exchange, first page", partial(products, access, public_id), floor, 10, 3, 0.06)

    def cycles(self) -> Work:
        """The list of 500 cycles."""
        access = self.access(network.COORDINATOR)
        floor = partial(floors.cycle_list, self.mine(network.COORDINATOR))
        return Work("list of 500 cycles", partial(cycle_list, access), floor, 8, 3)

    def decision(self) -> Work:
        """One decision: may the hub's manager put this variant into its exchange."""
        access = self.access(network.HUB)
        variant = Variant.objects.filter(exchange_variants__exchange=self.hub).order_by("pk")[:1]
        target = targets.variants_in(self.hub, Variant.objects.filter(pk__in=[row.pk for row in variant]))
        return Work("decide one action", partial(decide, access, target), None, 3, None, 0.005)

    def offer(self) -> Work:
        """The offer of one hub: 500 variants, six fees each."""
        floor = partial(floors.offer, network.CYCLE, self.hub.pk, self.hub.enterprise_id, self.size.coordinator)
        return Work("offer of a hub", partial(offer, self.hub), floor, 10, 3)

    def like_for_like(self) -> Work:
        """For each visible hub, the ids of what could be put into its outgoing exchange."""
        access = self.access(network.COORDINATOR)
        floor = partial(floors.fetch, floors.LIKE_FOR_LIKE, coordinator=self.size.coordinator)
        run = partial(addable_by_hub, access, self.cycle)
        return Work("like for like: ids addable, by hub", run, floor, 5, 3)

    # -- writes ------------------------------------------------------------------------------------

    def adding(self) -> Work:
        """Put 2,000 variants (or all there are) into an empty exchange of a hub that every producer granted."""
        access, size = self.access(network.COORDINATOR), self.size
        wanted = Variant.objects.filter(producer__lte=size.incoming).order_by("pk")[:2_000]
        public_ids, keys = [row.public_id for row in wanted], [row.pk for row in wanted]
        place: dict[str, Any] = {}

        def ready() -> None:
            place["exchange"] = _empty_exchange(size)

        return Work(
            f"add {len(keys):,} variants",
            lambda: change_variants(access, exchange=place["exchange"], add=public_ids),
            lambda: floors.insert(place["exchange"].pk, keys),
            20,
            5,
            undone=True,
            before=ready,
        )

    def importing(self) -> Work:
        """Users of the Logistics service with their passwords, checked and written; 10,000 of them at size L."""
        users = 10_000 if self.size.enterprises >= SIZES["L"].enterprises else 500
        content = logistics.batch(users, users // 20, users * 3 // 20)
        place: dict[str, Access] = {}

        def ready() -> None:
            staff = User.objects.create_superuser("import@hectare.farm", name="Import")
            place["actor"] = Access.for_user(staff).acting("Benchmark")

        return Work(
            f"import {users:,} users",
            lambda: imported(place["actor"], content),
            None,
            70,
            None,
            60.0,
            undone=True,
            before=ready,
            after=lambda: sign_in_each(users),
        )


def sign_in_each(users: int) -> None:
    """One user of each kind of hash signs in by the form with her old password, which is hashed anew.

    Raises:
        RuntimeError: one could not, or kept her old hash.
    """
    kinds = {
        logistics.secret_of(number)[0]: number
        for number in range(users, 0, -1)
        # Those who are active and whose hash is taken.
        if number % 50 != 7 and logistics.secret_of(number)[0] in logistics.HASHES
    }
    for kind in logistics.HASHES:
        email, password = logistics.email_of(kinds[kind]), logistics.secret_of(kinds[kind])[1]
        old = User.objects.get(email=email).password
        client = Client()
        client.post(reverse("account_login"), {"login": email, "password": password})
        new = User.objects.get(email=email).password
        if "_auth_user_id" not in client.session or new == old or not new.startswith(str(get_hasher().algorithm)):
            raise RuntimeError(f"Whoever had a hash of the kind {kind} could not sign in, or it was not hashed anew.")


def imported(actor: Access, content: bytes) -> ImportBatch:
    """A batch, checked and applied."""
    reading = batches.Reading()
    batch = batches.check_import(actor, kind=ImportKind.LOGISTICS, source="logistics", content=content, reading=reading)
    return batches.apply_import(actor, batch=batch)


def asked(client: Client, path: str) -> bytes:
    """What the site answers."""
    response = client.get(path)
    if response.status_code != 200:
        raise RuntimeError(f"{path} answered {response.status_code}: {response.content[:200]!r}")
    return response.content


def products(access: Access, public_id: str) -> Any:
    """The first page of an exchange's products."""
    return pictures.exchange_products(access, reads.get_exchange(access, public_id))


def cycle_list(access: Access) -> Any:
    """500 cycles."""
    return pictures.rows_of(access, list(pictures.filtered(reads.cycles(access)).order_by("pk")[:500]))


def decide(access: Access, target: Target) -> str:
    """One decision with its reason."""
    return engine.decide(access, Action.EXCHANGE_VARIANT_ADD, target).reason


def offer(exchange: Exchange) -> dict[str, Any]:
    """What a hub offers, as it is sent."""
    return offers.live(exchange).as_dict()


def _empty_exchange(size: Size) -> Exchange:
    """The last hub joins the cycle, granted by every producer in it. Undone with what is measured."""
    hub = size.enterprises
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO permissions_grant (public_id, given_at, granter_id, group_id, permission_id)
            SELECT 'grt_9' || lpad(k::text, 25, '0'), now(), k, {hub}, {floors.P_OC}
            FROM generate_series(1, {size.incoming}) AS k ON CONFLICT DO NOTHING"""
        )
    Exchange.objects.filter(cycle=network.CYCLE, direction=Direction.OUTGOING, enterprise=hub).delete()
    made = Exchange.objects.create(cycle_id=network.CYCLE, direction=Direction.OUTGOING, enterprise_id=hub)
    return Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit").get(pk=made.pk)
