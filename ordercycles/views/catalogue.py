"""Products and their variants."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, F, Max, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.web import FormPage, Page
from ordercycles import reads
from ordercycles.domain import catalogue as verbs
from ordercycles.forms import ProductForm, VariantForm
from ordercycles.models import Product, Variant
from ordercycles.offers import unit_text
from ordercycles.rules import targets
from ordercycles.views.support import Crumb, owners
from organisations import reads as organisations
from permissions import engine
from permissions.actions import Action, Permission
from permissions.enforce import enforced
from permissions.rules import Scope

PER_PAGE = 50
#: Enterprises, as producers whose catalogue something is added to.
PRODUCER = Scope({"producer": "pk"})


def products_crumb() -> Crumb:
    """The list of products."""
    return Crumb(_("Products"), reverse("products"))


def found_by(rows: QuerySet[Product], search: str) -> QuerySet[Product]:
    """Products whose name, category or SKU holds every word."""
    for word in search.split():
        named = Q(name__icontains=word) | Q(category__icontains=word) | Q(producer__unit__name__icontains=word)
        by_variant = Q(name__icontains=word) | Q(sku__icontains=word)
        products = Variant.objects.filter(by_variant).values("product")  # door: narrows rows that she sees
        rows = rows.filter(named | Q(pk__in=products))
    return rows


class ProductList(Page):
    """What the producers that she sees have to sell."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show a page of them."""
        search, producer, show = (request.GET.get(name, "") for name in ("q", "producer", "show"))
        seen = reads.products(self.access)
        rows = seen.filter(archived_at__isnull=show != "archived")
        if producer:
            rows = rows.filter(producer__unit__public_id=producer)
        live = Q(variants__archived_at=None)
        rows = (
            found_by(rows, search.strip()[:100])
            .annotate(
                sizes=Count("variants", filter=live),
                lowest=Min("variants__price", filter=live),
                highest=Max("variants__price", filter=live),
            )
            .order_by("producer__unit__name", "name", "pk")
        )
        page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
        producers = seen.order_by("producer__unit__name").values_list(
            "producer__unit__public_id", "producer__unit__name"
        )
        context = {
            "page": page,
            "search": search,
            "producer": producer,
            "show": show,
            "producers": list(producers.distinct()),
            "filtered": bool(search or producer or show),
            "may_create": bool(self.access.ids(Permission.MANAGE_PRODUCTS)),
        }
        return self.show("ordercycles/products.html", context)


class ProductPage(Page):
    """One product with its variants."""

    def get(self, request: HttpRequest, product: str) -> HttpResponse:
        """Show it."""
        found = reads.get_product(self.access, product)
        variants = list(found.variants.order_by(F("archived_at").asc(nulls_first=True), "unit_value", "pk"))
        context = {
            "product": found,
            "variants": [(one, unit_text(one.unit_type, one.unit_value, one.unit_name)) for one in variants],
            "edit": engine.decide(self.access, Action.PRODUCT_EDIT, targets.product(found)),
            "crumbs": [products_crumb(), Crumb(found.name)],
        }
        return self.show("ordercycles/product.html", context)


class CreateProduct(FormPage[ProductForm]):
    """A new product."""

    form_class = ProductForm

    def prepare(self) -> None:
        """The producers whose catalogue she manages."""
        rows = organisations.enterprises(self.access).filter(is_producer=True, unit__archived_at=None)
        self.producers = list(
            engine.allowed(self.access, Action.PRODUCT_EDIT, engine.Target(rows, PRODUCER)).order_by("unit__name", "pk")
        )
        self.title = _("New product")
        self.submit_label = _("Create and add sizes")
        if not self.producers:
            self.template = "ordercycles/no_producer.html"  # type: ignore[misc]

    def form_options(self) -> dict[str, Any]:
        """The producers to choose from."""
        return {"owners": owners(self.producers)}

    def initial(self) -> dict[str, Any]:
        """The producer that was filtered by."""
        return {"owner": self.request.GET.get("producer", "")}

    def context(self, form: ProductForm) -> dict[str, Any]:
        """The trail."""
        form.fields["owner"].label = _("Producer")
        return {"crumbs": [products_crumb(), Crumb(_("New"))]}

    def back(self) -> str:
        """The list."""
        return reverse("products")

    def save(self, form: ProductForm) -> HttpResponse:
        """Create it."""
        data = form.cleaned_data
        producer = organisations.get_enterprise(self.access, data.pop("owner"))
        product = verbs.create_product(self.access, producer=producer, **data)
        return self.done(
            reverse("variant_create", args=[product.public_id]), _("Created. Now add its first size and price.")
        )


class EditProduct(FormPage[ProductForm]):
    """Change a product."""

    form_class = ProductForm

    def prepare(self) -> None:
        """The product."""
        self.product = reads.get_product(self.access, self.kwargs["product"])
        self.title = _("Edit %(name)s") % {"name": self.product.name}

    def may(self) -> None:
        """Its producer's people, and those it has granted that."""
        enforced(engine.decide(self.access, Action.PRODUCT_EDIT, targets.product(self.product)))

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.product, name) for name in ("name", "category", "description")}

    def context(self, form: ProductForm) -> dict[str, Any]:
        """The trail and the version."""
        crumbs = [products_crumb(), Crumb(self.product.name, self.back()), Crumb(_("Edit"))]
        return {"crumbs": crumbs, "version": self.product.version}

    def back(self) -> str:
        """The product."""
        return reverse("product", args=[self.kwargs["product"]])

    def save(self, form: ProductForm) -> HttpResponse:
        """Change it."""
        verbs.edit_product(self.access, product=self.product, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))


class ArchiveProduct(Page):
    """Put a product away: shows what lapses first."""

    def get(self, request: HttpRequest, product: str) -> HttpResponse:
        """Ask."""
        found = reads.get_product(self.access, product)
        preview = verbs.archive_product_preview(self.access, product=found)
        return self.show("pages/ask.html", archiving(found.name, preview, self.back(), found.version))

    def post(self, request: HttpRequest, product: str) -> HttpResponse:
        """Put it away."""
        found = reads.get_product(self.access, product)
        verbs.archive_product(self.access, product=found, version=self.version)
        return self.done(self.back(), _("Archived."))

    def back(self) -> str:
        """The product."""
        return reverse("product", args=[self.kwargs["product"]])


def archiving(name: str, preview: dict[str, Any], back: str, version: int) -> dict[str, Any]:
    """What the page shows that asks before something is put away."""
    touched = [*preview.get("cycles", []), *preview.get("whole_cycles", [])]
    return {
        "title": _("Archive %(name)s?") % {"name": name},
        "text": _("Nothing is deleted, and it can be restored. Where it is on offer it lapses."),
        "items_title": _("These order cycles are affected:"),
        "items": [one["name"] for one in touched],
        "label": _("Archive it"),
        "back": back,
        "version": version,
    }


class RestoreProduct(Page):
    """Take a product out of the archive."""

    def post(self, request: HttpRequest, product: str) -> HttpResponse:
        """Restore it."""
        verbs.restore_product(self.access, product=reads.get_product(self.access, product))
        return self.done(reverse("product", args=[product]), _("Restored."))


class CreateVariant(FormPage[VariantForm]):
    """A new size of a product."""

    form_class = VariantForm

    def prepare(self) -> None:
        """The product."""
        self.product = reads.get_product(self.access, self.kwargs["product"])
        self.title = _("New size of %(name)s") % {"name": self.product.name}

    def may(self) -> None:
        """As for the product."""
        enforced(engine.decide(self.access, Action.PRODUCT_EDIT, targets.product(self.product)))

    def context(self, form: VariantForm) -> dict[str, Any]:
        """The trail."""
        return {"crumbs": [products_crumb(), Crumb(self.product.name, self.back()), Crumb(_("New size"))]}

    def back(self) -> str:
        """The product."""
        return reverse("product", args=[self.kwargs["product"]])

    def save(self, form: VariantForm) -> HttpResponse:
        """Create it."""
        verbs.create_variant(self.access, product=self.product, **form.cleaned_data)
        return self.done(self.back(), _("Added."))


class EditVariant(FormPage[VariantForm]):
    """Change a size of a product."""

    form_class = VariantForm

    def prepare(self) -> None:
        """The variant."""
        self.variant = reads.get_variant(self.access, self.kwargs["variant"])
        self.title = _("Edit a size of %(name)s") % {"name": self.variant.product.name}

    def may(self) -> None:
        """As for the product."""
        enforced(engine.decide(self.access, Action.PRODUCT_EDIT, targets.product(self.variant.product)))

    def initial(self) -> dict[str, Any]:
        """As it stands, numbers without the zeros at their end."""
        values = {name: getattr(self.variant, name) for name in VariantForm.base_fields}
        for name in ("unit_value", "weight_kg"):
            if values[name] is not None:
                values[name] = f"{values[name].normalize():f}"
        return values

    def context(self, form: VariantForm) -> dict[str, Any]:
        """The trail and the version."""
        crumbs = [products_crumb(), Crumb(self.variant.product.name, self.back()), Crumb(_("Edit a size"))]
        return {"crumbs": crumbs, "version": self.variant.version}

    def back(self) -> str:
        """The product."""
        return reverse("product", args=[self.variant.product.public_id])

    def save(self, form: VariantForm) -> HttpResponse:
        """Change it."""
        verbs.edit_variant(self.access, variant=self.variant, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))


class ArchiveVariant(Page):
    """Put a size away: shows what lapses first."""

    def get(self, request: HttpRequest, variant: str) -> HttpResponse:
        """Ask."""
        found = reads.get_variant(self.access, variant)
        preview = verbs.archive_variant_preview(self.access, variant=found)
        back = reverse("product", args=[found.product.public_id])
        return self.show("pages/ask.html", archiving(str(found), preview, back, found.version))

    def post(self, request: HttpRequest, variant: str) -> HttpResponse:
        """Put it away."""
        found = reads.get_variant(self.access, variant)
        verbs.archive_variant(self.access, variant=found, version=self.version)
        return self.done(reverse("product", args=[found.product.public_id]), _("Archived."))

    def back(self) -> str:
        """The list of products."""
        return reverse("products")


class RestoreVariant(Page):
    """Take a size out of the archive."""

    def post(self, request: HttpRequest, variant: str) -> HttpResponse:
        """Restore it."""
        found = verbs.restore_variant(self.access, variant=reads.get_variant(self.access, variant))
        return self.done(reverse("product", args=[found.product.public_id]), _("Restored."))
