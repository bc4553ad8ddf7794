"""What a password must not be made of, besides Django's own rules. There are no rules of composition."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from permissions.models import Membership

#: Letters that must remain once known words are taken out.
ENOUGH: Final = 5
#: Shorter words would be found in everything.
_SHORTEST: Final = 3
_LOOKALIKES: Final = str.maketrans("013457@$!", "oieastasi")


class NotTheOrganisation:
    """Refuses passwords made of the name of one's organisation, or of ours, with some figures: ``CulmDairy2024!``.

    Organisations are those that the person belongs to, and those that ``user.organisation_names`` tells of (at
    sign-up there is no membership yet).
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Refuse it when too little is left without those names.

        Raises:
            ValidationError: ``password_is_organisation``.
        """
        names = [*_names_of(user), "Hectare"]
        if any(_is_made_of(form, names) for form in (_plain(password), _plain(password.translate(_LOOKALIKES)))):
            raise ValidationError(
                _("The password is made of your organisation’s name. Choose something that others do not know."),
                code="password_is_organisation",
            )

    def get_help_text(self) -> str:
        """For the form."""
        return _("Your password can’t be made of the name of your organisation.")


def _names_of(user: Any) -> list[str]:
    told = list(getattr(user, "organisation_names", ()))
    if getattr(user, "pk", None) is None:
        return told
    held = Membership.objects.filter(user=user).values_list("organisation__name", flat=True)
    return [*told, *held]


def _is_made_of(password: str, names: list[str]) -> bool:
    """Whether a password has a name in it and hardly any letters besides."""
    rest = password
    for name in names:
        rest = rest.replace(_plain(name), " ")
    for word in sorted({word for name in names for word in _words(name)}, key=len, reverse=True):
        rest = rest.replace(word, " ")
    letters = re.sub(r"[^a-z\u00c0-\U0010ffff]", "", rest)
    return rest != password and len(letters) < ENOUGH


def _words(name: str) -> list[str]:
    return [word for word in map(_plain, re.split(r"[\W_]+", name)) if len(word) >= _SHORTEST]


def _plain(text: str) -> str:
    """Small letters and figures, without accents and whatever stands between them."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in decomposed if one.isalnum())
