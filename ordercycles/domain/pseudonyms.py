"""Taking a removed customer's names out of recorded offers, which are written once and never changed but for this."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.apps import apps
from django.db.models import Func, TextField

from ordercycles.models import Fee, RecordedOffer
from organisations.models import BusinessUnit


def rename_in_offers(enterprises: Collection[int], called: Callable[[str, str], str]) -> None:
    """Put pseudonyms for the names of enterprises and of their fees in recorded offers. Past the triggers.

    Names are found by the ids beside them, so whoever else has the same name keeps it, and earlier names go, too. What
    was sold keeps its name.
    """
    units = dict(BusinessUnit.objects.filter(pk__in=enterprises).values_list("pk", "public_id"))
    names = {public_id: called("unit", public_id) for public_id in units.values()}
    owners: dict[str, str] = {}
    # Fees that are gone by now may stand in an offer.
    for fees in (Fee.objects, apps.get_model("ordercycles", "FeeEvent")._default_manager):
        for public_id, owner in fees.filter(owner__in=enterprises).values_list("public_id", "owner_id"):
            names[public_id], owners[public_id] = called("fee", public_id), names[units[owner]]
    if not names:
        return
    # A public id is letters, digits and _.
    body = Func("body", template="%(expressions)s::text", output_field=TextField())
    rows = RecordedOffer.objects.alias(told=body).filter(told__regex="|".join(sorted(names)))
    for offer in rows.order_by("pk").iterator(chunk_size=100):
        RecordedOffer.objects.filter(pk=offer.pk).update(body=_renamed(offer.body, names, owners))


def _renamed(part: Any, names: Mapping[str, str], owners: Mapping[str, str]) -> Any:
    if isinstance(part, list):
        return [_renamed(one, names, owners) for one in part]
    if not isinstance(part, dict):
        return part
    result = {key: _renamed(value, names, owners) for key, value in part.items()}
    public_id = part.get("id")
    if isinstance(public_id, str):
        if "name" in part and public_id in names:
            result["name"] = names[public_id]
        if "owner" in part and public_id in owners:
            result["owner"] = owners[public_id]
    return result
