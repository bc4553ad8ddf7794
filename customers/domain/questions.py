"""Asking whether a company is known here, by its number: so often in a day, whichever way an organisation asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from common import limits
from organisations.models import Organisation

#: Questions of one organisation in a day: enough for what it trades with, too few to go through a register.
IN_A_DAY: Final = 200


def spend(organisation: Organisation) -> None:
    """Count a question.

    Raises:
        TooMany: the organisation has asked too often today.
    """
    limits.spend(
        f"exists:{organisation.public_id}",
        times=IN_A_DAY,
        within=timedelta(days=1),
        detail=f"An organisation may ask for {IN_A_DAY} companies in a day, those included that it records with a "
        "number. Try again tomorrow.",
    )
