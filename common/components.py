"""The template library of our components. It is built in: templates need not load it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

register = template.Library()

#: How a state looks, and what it is called.
SIGNS: dict[str, tuple[str, Any]] = {
    "draft": ("hollow", gettext_lazy("Draft")),
    "upcoming": ("coming", gettext_lazy("Upcoming")),
    "open": ("good", gettext_lazy("Open")),
    "closed": ("", gettext_lazy("Closed")),
    "unanswered": ("waits hollow", gettext_lazy("Not answered")),
    "accepted": ("good", gettext_lazy("Accepted")),
    "declined": ("bad", gettext_lazy("Declined")),
    "archived": ("hollow", gettext_lazy("Archived")),
    "active": ("good", gettext_lazy("Active")),
    "inactive": ("hollow", gettext_lazy("Not active")),
    "pending": ("waits", gettext_lazy("Waiting for an answer")),
    "approved": ("good", gettext_lazy("Given")),
    "refused": ("bad", gettext_lazy("Refused")),
    "cancelled": ("hollow", gettext_lazy("Taken back")),
    "on_offer": ("good", gettext_lazy("On offer")),
    "supplied": ("good", gettext_lazy("Supplied")),
    "lapsed": ("waits", gettext_lazy("Lapsed")),
    "addable": ("coming hollow", gettext_lazy("Can be added")),
    "not_in": ("hollow", gettext_lazy("Not in")),
    "ready": ("good", gettext_lazy("Ready")),
    "not_ready": ("waits", gettext_lazy("Not ready")),
}


@register.inclusion_tag("components/sign.html")
def sign(state: str, words: str = "") -> dict[str, Any]:
    """A state as a coloured dot with its word."""
    look, label = SIGNS.get(str(state), ("", str(state)))
    return {"look": look, "label": words or label}


@register.filter
def control(field: BoundField) -> SafeString:
    """The control of a form field, in our look."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return field.as_widget()
    if isinstance(widget, forms.CheckboxInput):
        look = "form-check-input"
    elif isinstance(widget, forms.Select):
        look = "form-select"
    else:
        look = "form-control"
    # The label says it already, and better.
    widget.attrs.pop("placeholder", None)
    own = widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{look} {own}".strip()})


@register.filter
def look_of(field: BoundField) -> str:
    """How a field is laid out: ``checkbox``, ``group`` or ``line``."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxSelectMultiple | forms.RadioSelect):
        return "group"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "line"


@register.filter
def pounds(amount: Decimal | str | None) -> str:
    """Money: ``£4.50``; a fee's fraction of a penny is kept."""
    if amount is None or amount == "":
        return ""
    exact = Decimal(amount)
    places = max(2, -int(exact.normalize().as_tuple().exponent))
    return f"£{exact:,.{places}f}"


@register.filter
def number(amount: Decimal | str | None) -> str:
    """A number without the zeros at its end."""
    return "" if amount is None or amount == "" else f"{Decimal(amount).normalize():f}"


@register.filter
def moment(at: datetime | str | None) -> str:
    """A date and time as people write it: ``Sat 21 Nov, 09:00``, with the year when it is not this one."""
    if not at:
        return _("not set")
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    local = timezone.localtime(at)
    return date_format(local, "D j M, H:i" if local.year == timezone.localtime().year else "D j M Y, H:i")


@register.filter
def words(text: object) -> str:
    """A name of ours, such as ``closes_at``, as words."""
    return str(text).replace("_", " ").strip().capitalize()


@register.filter
def lookup(mapping: Any, key: Any) -> Any:
    """The value of a key that a variable holds."""
    return mapping.get(key) if mapping else None


@register.filter
def failing(decision: Any) -> list[Any]:
    """What a refusal rests on, when it is more than one thing."""
    missing = [one for one in getattr(decision, "findings", ()) if not one.holds and one.sentence]
    return missing if len(missing) > 1 else []


@register.filter
def kind(value: object) -> str:
    """``list`` for what is to be shown as one."""
    return "list" if isinstance(value, list | tuple) else "one"


@register.filter
def in_words(value: Any) -> str:
    """One thing of a preview, as a person would say it: a name with a count, or a number."""
    if not isinstance(value, dict):
        return str(value)
    if not {"name", "id"} & value.keys():
        return ", ".join(f"{str(what).replace('_', ' ')}: {one}" for what, one in value.items())
    name = str(value.get("name", value.get("id", "")))
    count = value.get("variants")
    if count is None:
        return name
    return ngettext("%(name)s: %(n)d product", "%(name)s: %(n)d products", count) % {"name": name, "n": count}


@register.filter
def charged(fee: Any) -> str:
    """How a fee is charged, in words: ``£0.25 per item``."""

    def of(name: str) -> Any:
        return fee.get(name) if isinstance(fee, dict) else getattr(fee, name, None)

    amount = of("amount")
    words_by_charge = {
        "percent": _("%(number)s%% of the item price"),
        "per_item": _("%(amount)s per item"),
        "per_kg": _("%(amount)s per kg"),
        "per_order": _("%(amount)s per order"),
        "flexible": _("%(amount)s for the first item, %(further)s for each further one"),
        "price_sack": _("%(amount)s below %(minimum)s, %(further)s from there on"),
    }
    text = words_by_charge.get(str(of("charge")), "%(amount)s") % {
        "number": number(amount),
        "amount": pounds(amount),
        "further": pounds(of("further_amount")),
        "minimum": pounds(of("minimum")),
    }
    most = of("max_items")
    return text + (_(", at most %d items") % most if most else "")
