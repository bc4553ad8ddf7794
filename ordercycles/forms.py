"""What people type about cycles, goods, fees and methods. The verbs check it; forms only read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.web import DomainForm
from ordercycles.enums import Charge, DeliveryKind, FeeKind, UnitType
from organisations.form_fields import EnterpriseField


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a date and time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(attrs={"class": "medium"}, format="%Y-%m-%dT%H:%M")


def _short(**attrs: Any) -> forms.NumberInput:
    return forms.NumberInput(attrs={"class": "short", "inputmode": "decimal", **attrs})


def _rows(count: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": count})


class CycleForm(DomainForm):
    """Name and times."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("What participants call it, such as “Exeter week 48”.")
    )
    opens_at = forms.DateTimeField(
        label=_("Opens"),
        required=False,
        widget=MomentInput(),
        help_text=_("From then on orders can be placed. Without both dates it stays a draft."),
    )
    closes_at = forms.DateTimeField(
        label=_("Closes"),
        required=False,
        widget=MomentInput(),
        help_text=_("From then on it is history and nobody changes it."),
    )

    def changes(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """What differs from what is stored. A time that is shown to the minute is the stored one, seconds and all."""
        return {name: value for name, value in self.cleaned_data.items() if value != _shown(stored[name])}


def _shown(value: Any) -> Any:
    return value.replace(second=0, microsecond=0) if isinstance(value, datetime) else value


class NewCycleForm(CycleForm):
    """Also the coordinator, which is set for good."""

    coordinator = EnterpriseField(
        label=_("Coordinator"),
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        help_text=_("The enterprise that runs the cycle. It cannot be changed afterwards."),
    )
    field_order = ("coordinator", "name", "opens_at", "closes_at")

    def __init__(self, *args: Any, coordinators: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["coordinator"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = coordinators
        if len(coordinators) == 1:
            field.initial = coordinators[0][0]


class DeclineForm(DomainForm):
    """Why not."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=_rows(3), help_text=_("The coordinator reads it.")
    )


class HubNotesForm(DomainForm):
    """What a hub tells about collection."""

    collection_time = forms.CharField(
        label=_("Ready for collection"),
        required=False,
        max_length=200,
        help_text=_("Customers see it, such as “Thursday from 4 pm to 7 pm”."),
    )
    collection_instructions = forms.CharField(
        label=_("Collection instructions"), required=False, max_length=2000, widget=_rows(5)
    )


class ProducerNotesForm(DomainForm):
    """What a producer tells about delivery."""

    delivery_notes = forms.CharField(
        label=_("Delivery notes"),
        required=False,
        max_length=2000,
        widget=_rows(5),
        help_text=_("When and how the goods come to the coordinator."),
    )


class OwnedForm(DomainForm):
    """Something new that belongs to one of her enterprises."""

    owner = forms.ChoiceField(label=_("Belongs to"))

    def __init__(self, *args: Any, owners: list[tuple[str, str]] | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        if owners is None:
            del self.fields["owner"]
        else:
            field.choices = owners


class ProductForm(OwnedForm):
    """A product."""

    name = forms.CharField(label=_("Name"), max_length=200)
    category = forms.CharField(
        label=_("Category"), max_length=80, required=False, help_text=_("Such as Vegetables, Dairy or Bakery.")
    )
    description = forms.CharField(label=_("Description"), max_length=4000, required=False, widget=_rows(4))


class VariantForm(DomainForm):
    """One size or kind of a product."""

    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("What tells it from the others, such as “large”.")
    )
    unit_value = forms.DecimalField(
        label=_("Amount"), min_value=0, max_digits=10, decimal_places=3, initial=1, widget=_short(step="any")
    )
    unit_type = forms.ChoiceField(label=_("Unit"), choices=UnitType.choices, initial=UnitType.ITEM)
    unit_name = forms.CharField(
        label=_("Name of the item"),
        max_length=40,
        required=False,
        help_text=_("Only for items: what is counted, such as “eggs” or “bunch”."),
    )
    price = forms.DecimalField(
        label=_("Price (£)"), min_value=0, max_digits=10, decimal_places=2, widget=_short(step="0.01")
    )
    weight_kg = forms.DecimalField(
        label=_("Weight (kg)"),
        min_value=0,
        max_digits=10,
        decimal_places=4,
        required=False,
        widget=_short(step="any"),
        help_text=_("For fees by weight. Worked out by itself when the unit is a weight."),
    )
    sku = forms.CharField(label=_("SKU"), max_length=60, required=False, help_text=_("Your own article number."))
    on_hand = forms.IntegerField(label=_("In stock"), min_value=0, initial=0, widget=_short())
    on_demand = forms.BooleanField(
        label=_("Made on demand"), required=False, help_text=_("Can always be ordered, whatever is in stock.")
    )


class FeeForm(OwnedForm):
    """A fee. The last three fields matter for some ways to charge only."""

    name = forms.CharField(label=_("Name"), max_length=100)
    kind = forms.ChoiceField(label=_("What it is for"), choices=FeeKind.choices)
    charge = forms.ChoiceField(
        label=_("How it is charged"),
        choices=Charge.choices,
        help_text=_("The first three are part of the price of each item; the others are charged once per order."),
    )
    amount = forms.DecimalField(
        label=_("Amount"),
        min_value=0,
        max_digits=10,
        decimal_places=4,
        widget=_short(step="any"),
        help_text=_(
            "Pounds; for “percent” the percentage; for “flexible” the first item; for “price sack” while the order is "
            "below the minimum."
        ),
    )
    further_amount = forms.DecimalField(
        label=_("Further amount (£)"),
        min_value=0,
        max_digits=10,
        decimal_places=4,
        required=False,
        widget=_short(step="any"),
        help_text=_("For “flexible” each further item; for “price sack” from the minimum on."),
    )
    max_items = forms.IntegerField(
        label=_("At most this many items"),
        min_value=1,
        required=False,
        widget=_short(),
        help_text=_("For “flexible”: further items cost nothing. Leave it empty for no limit."),
    )
    minimum = forms.DecimalField(
        label=_("Minimum order (£)"),
        min_value=0,
        max_digits=10,
        decimal_places=2,
        required=False,
        widget=_short(step="0.01"),
        help_text=_("For “price sack”."),
    )
    #: For which ways to charge a field matters; scripts hide it for the others.
    shown_for = {"further_amount": "flexible,price_sack", "max_items": "flexible", "minimum": "price_sack"}

    def clean(self) -> dict[str, Any]:
        """What does not matter for the way to charge is not kept."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name, charges in self.shown_for.items():
            if data.get("charge") not in charges.split(","):
                data[name] = None
        return data


class ShippingForm(OwnedForm):
    """A shipping method."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Such as “Collect from the barn”."))
    kind = forms.ChoiceField(label=_("How goods reach the customer"), choices=DeliveryKind.choices)
    description = forms.CharField(label=_("Description"), max_length=500, required=False, widget=_rows(3))
    price = forms.DecimalField(
        label=_("Price (£)"), min_value=0, max_digits=8, decimal_places=2, initial=0, widget=_short(step="0.01")
    )


class PaymentForm(OwnedForm):
    """A payment method."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("Such as “Bank transfer”."))
    description = forms.CharField(label=_("Description"), max_length=500, required=False, widget=_rows(3))
    is_active = forms.BooleanField(
        label=_("Active"), required=False, initial=True, help_text=_("Customers can choose it now.")
    )
