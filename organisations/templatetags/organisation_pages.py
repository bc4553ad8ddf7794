"""What the pages of one organisation show beside their content."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import Context

from organisations.models import Organisation
from organisations.views import navigation

register = template.Library()


@register.inclusion_tag("organisations/organisation_beside.html", takes_context=True)
def organisation_beside(context: Context, organisation: Organisation) -> dict[str, Any]:
    """The switcher and the parts of the organisation that the one who asks may see."""
    return {"organisation": organisation, **navigation.beside(context["request"], organisation)}
