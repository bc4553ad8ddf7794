"""The products of a cycle whose coordinator sells its own goods: one page for what comes in and goes out (C12)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ordercycles import pictures
from ordercycles.domain import own
from ordercycles.enums import Direction
from ordercycles.views.cycles import CyclePage
from ordercycles.views.exchanges import goods_of
from ordercycles.views.support import mends


class OwnProducts(CyclePage):
    """What the coordinator sells. Its own parts are added by one button where they could not be at creation."""

    step = "products"

    def get(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Show a page of them."""
        picture = self.read(cycle)
        if not picture.simple:
            return HttpResponseRedirect(reverse("cycle_incoming", args=[cycle]))
        supply = own.part(self.cycle, Direction.INCOMING)
        goods = goods_of(self.access, supply, request.GET) if supply else {}
        context = {
            **self.frame(picture),
            **goods,
            **self._sale(picture),
            "exchange": supply,
            "version": supply.version if supply else None,
            "mine": picture.role == "coordinator",
        }
        return self.show("ordercycles/cycle_products.html", context)

    def _sale(self, picture: pictures.CyclePicture) -> dict[str, Any]:
        """Whether what it supplies is on sale, could be, or what is against it."""
        outlet = picture.outgoing[0] if picture.outgoing else None
        supplied = picture.incoming[0].variants if picture.incoming else 0
        if outlet and picture.incoming and outlet.variants == supplied:
            return {"on_sale": True, "outlet": outlet}
        if not self.frame(picture)["edit"]:
            return {"on_sale": bool(outlet), "outlet": outlet}
        decisions = own.open_to(self.access, self.cycle)
        against = next((one for one in decisions if not one), None)
        if against is None:
            return {"ready": True}
        coordinator = pictures.party(self.cycle.coordinator)
        who = (coordinator.key, coordinator.id, coordinator.name)
        return {"against": against, "links": mends(self.access, against, who, who)}

    def post(self, request: HttpRequest, cycle: str) -> HttpResponse:
        """Put it on sale."""
        self.read(cycle)
        own.put_on_sale(self.access, cycle=self.cycle)
        return self.done(self.back(), _("It is on sale."))

    def back(self) -> str:
        """The step."""
        return reverse("cycle_products", args=[self.kwargs["cycle"]])
