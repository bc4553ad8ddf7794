"""The base of our pages: a view calls one verb, and what the verb raises is translated here, once.

NotFound becomes 404; Refused a page with the reason (403, or 409 when it is not possible now); ConfirmationNeeded the
page that shows what would change and asks; Stale a page that tells who changed what and keeps what was typed; Invalid
goes to the fields of the form. What is not possible now, or too often, is said above a form that keeps what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views import View

from common.errors import (
    UNKNOWN,
    ConfirmationNeeded,
    Conflict,
    DomainError,
    Invalid,
    NotFound,
    Stale,
    TooMany,
)

if TYPE_CHECKING:
    from permissions.access import Access

#: What is never sent along when a form is sent a second time.
_OWN_FIELDS = frozenset({"csrfmiddlewaretoken", "version", "confirmed"})

_STATUS: Mapping[str, int] = {
    "refused": 403,
    "refused_items": 403,
    "too_many": 429,
    "gone": 410,
    "reauthentication_required": 403,
}


def access_of(request: HttpRequest) -> Access:
    """Who is asking (``permissions.web.AccessMiddleware`` puts it there)."""
    found: Access = request.access.itself  # type: ignore[attr-defined]
    return found


def version_in(request: HttpRequest) -> int:
    """The version that the form carried; ``UNKNOWN``, which no row has, when it carried none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else UNKNOWN


def sent_again(request: HttpRequest) -> list[tuple[str, str]]:
    """What a form held, to be sent again from the page that asks or warns."""
    return [
        (name, value) for name, values in request.POST.lists() if name not in _OWN_FIELDS for value in map(str, values)
    ]


def without_nul(request: HttpRequest, named: Mapping[str, Any]) -> None:
    """Take out of a query, and of a form, what no text of the database may hold.

    Nothing that is looked for has it, and nobody types it.

    Args:
        named: what the address names.

    Raises:
        NotFound: it is in what the address names.
    """
    if any("\0" in str(value) for value in named.values()):
        raise NotFound
    for where in ("GET", "POST"):
        sent = getattr(request, where)
        if any("\0" in value for values in sent.lists() for value in values[1]):
            cleaned = sent.copy()
            for name, values in sent.lists():
                cleaned.setlist(name, [value.replace("\0", "") for value in values])
            setattr(request, where, cleaned)


class Page(View):
    """A page. Subclasses give ``get`` or ``post``, and where to go back to."""

    @property
    def access(self) -> Access:
        """Who is asking."""
        return access_of(self.request)

    @property
    def confirmed(self) -> bool:
        """Whether the form says that its sender has seen what would change."""
        return self.request.POST.get("confirmed") == "yes"

    @property
    def version(self) -> int:
        """The version that the form carried. A form without one is stale: nobody knows what its sender saw."""
        return version_in(self.request)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Run the view; turn domain errors into pages."""
        try:
            without_nul(request, kwargs)
            response = super().dispatch(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except ConfirmationNeeded as error:
            response = self.ask(error)
        except Stale as error:
            response = self.warn(error)
        except DomainError as error:
            response = self.refuse(error)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def back(self) -> str:
        """Where to go instead."""
        return self.request.path

    def show(self, template: str, context: Mapping[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page."""
        return render(self.request, template, dict(context or {}), status=status)

    def done(self, url: str, text: str = "") -> HttpResponse:
        """Go on to another page, with a message."""
        if text:
            messages.success(self.request, text)
        return HttpResponseRedirect(url)

    def ask(self, error: ConfirmationNeeded) -> HttpResponse:
        """Show what would change, and ask."""
        context = {
            "error": error,
            "preview": error.preview,
            "fields": sent_again(self.request),
            "version": self.version,
            "back": self.back(),
        }
        return self.show("pages/confirm.html", context, 409)

    def warn(self, error: Stale) -> HttpResponse:
        """Tell who changed what; keep what was typed."""
        return self.show("pages/stale.html", self.stale_context(error), 409)

    def stale_context(self, error: Stale) -> dict[str, Any]:
        """What the page that tells of others' changes shows. ``typed`` is for reading, ``fields`` are sent again."""
        fields = sent_again(self.request)
        return {"error": error, "fields": fields, "typed": [one for one in fields if one[1]], "back": self.back()}

    def refuse(self, error: DomainError) -> HttpResponse:
        """Say why not, and what to do."""
        context = {
            "error": error,
            "decision": getattr(error, "decision", None),
            "decisions": list(getattr(error, "decisions", {}).values())[:20],
            "errors": getattr(error, "errors", ()),
            "back": self.back(),
        }
        status = 400 if isinstance(error, Invalid) else _STATUS.get(error.code, 409)
        return _with_wait(self.show("pages/refused.html", context, status), error)


def _with_wait(response: HttpResponse, error: DomainError) -> HttpResponse:
    if "retry_after" in error.facts:
        response["Retry-After"] = str(error.facts["retry_after"])
    return response


def _can_be_sent_again(error: DomainError) -> bool:
    """Whether the same form, a little different or a little later, may go through."""
    return isinstance(error, Conflict | TooMany) or error.code == "not_possible_now"


class DomainForm(forms.Form):
    """A form that takes the errors of a verb."""

    #: Fields by the last part of a JSON pointer, where their names differ.
    pointers: ClassVar[Mapping[str, str]] = {}

    #: The browser's own messages would come before ours, in other words.
    use_required_attribute = False

    def take(self, error: Invalid) -> None:
        """Put each error at its field; what has none goes to the top."""
        for one in error.errors:
            name = one.pointer.strip("/").split("/")[0]
            name = self.pointers.get(name, name)
            self.add_error(name if name in self.fields else None, one.detail)

    def tell(self, error: DomainError) -> None:
        """Say at the top why nothing was done."""
        decision = getattr(error, "decision", None)
        # A decision that refuses is false.
        rule = _("Rule %(code)s.") % {"code": decision.code} if decision is not None else ""
        self.add_error(None, f"{error.detail} {rule}".strip())


F = TypeVar("F", bound=DomainForm)


class FormPage(Page, Generic[F]):
    """A page with one form: shown, checked, and given to one verb.

    Subclasses set ``template`` and ``form_class`` and give ``save``; ``prepare`` reads what the address names.
    """

    template: ClassVar[str] = "pages/form.html"
    form_class: type[F]
    title: str = ""
    submit_label: str = ""

    def prepare(self) -> None:
        """Read what the address names, through the reads."""

    def initial(self) -> dict[str, Any]:
        """What the form shows at first."""
        return {}

    def form_options(self) -> dict[str, Any]:
        """More arguments for the form, such as choices."""
        return {}

    def save(self, form: F) -> HttpResponse:
        """Call the verb, and say where to go."""
        raise NotImplementedError

    def context(self, form: F) -> dict[str, Any]:
        """What the template gets besides the form."""
        return {}

    def may(self) -> None:
        """Refuse somebody who may see what this is about, but not do it, before a form is shown."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        self.prepare()
        self.may()
        return self.shown(self.form_class(initial=self.initial(), **self.form_options()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Check, save; show the form again with its errors."""
        self.prepare()
        form = self.form_class(request.POST, request.FILES, initial=self.initial(), **self.form_options())
        if form.is_valid():
            try:
                return self.save(form)
            except Invalid as error:
                form.take(error)
            except Stale as error:
                return self.shown(form, stale=error)
            except ConfirmationNeeded:
                raise
            except DomainError as error:
                if not _can_be_sent_again(error):
                    raise
                form.tell(error)
                return _with_wait(self.shown(form, status=_STATUS.get(error.code, 409)), error)
        else:
            self.may()
        return self.shown(form, status=422)

    def shown(self, form: F, *, status: int = 200, stale: Stale | None = None) -> HttpResponse:
        """The page with the form."""
        context = {
            "form": form,
            "title": self.title,
            "submit_label": self.submit_label or _("Save"),
            "back": self.back(),
            "stale": stale,
            **self.context(form),
        }
        if stale is not None:
            context["version"] = stale.current
        return self.show(self.template, context, 409 if stale else status)
