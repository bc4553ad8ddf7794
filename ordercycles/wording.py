"""What the constraints of the tables mean to whoever runs into them."""

from __future__ import annotations

from common.validation import say


def register() -> None:
    """Called once, when the apps are ready."""
    for name, field in (
        ("variant_price_not_negative", "price"),
        ("variant_weight_not_negative", "weight_kg"),
        ("fee_amount_not_negative", "amount"),
        ("fee_further_amount_not_negative", "further_amount"),
        ("shipping_method_price_not_negative", "price"),
    ):
        say(name, field, "min_value", "Enter 0 or more.")
    say("variant_amount_positive", "unit_value", "min_value", "Enter more than 0.")
    say("order_cycle_closes_after_it_opens", "closes_at", "before_opening", "The cycle closes after it opens.")
    say("fee_flexible_has_a_further_amount", "further_amount", "required", "Needed for a flexible fee.")
    say("fee_price_sack_is_whole", "minimum", "required", "A price sack has a minimum and a further amount.")
