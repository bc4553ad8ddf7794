"""What the constraints of the tables mean to whoever runs into them."""

from __future__ import annotations

from common.validation import say


def register() -> None:
    """Called once, when the apps are ready."""
    say("organisation_company_number_once", "company_number", "unique", "Another customer has this company number.")
    say("organisation_vat_number_once", "vat_number", "unique", "Another customer has this VAT number.")
    say(
        "business_unit_name_once_in_organisation", "name", "unique", "The organisation has a unit of this name already."
    )
    say(
        "business_confirmed_email_is_an_email",
        "contact_email",
        "required",
        "Only an address that is given is confirmed.",
    )
    say("business_farm_data_is_a_farms", "kind", "has_data", "Empty first what only a farm has.")
    say("business_store_data_is_a_stores", "kind", "has_data", "Empty first what only a store has.")
