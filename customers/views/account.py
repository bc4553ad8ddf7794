"""The pages of one's own account."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.logout import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from common.errors import Gone, Invalid
from common.web import FormPage, Page
from customers import act_as, links
from customers.adapters import origin_of
from customers.domain import accounts, users
from customers.forms import NameForm, NewPasswordForm
from customers.models import User
from permissions.access import Access


class Rename(FormPage[NameForm]):
    """What one is called."""

    form_class = NameForm
    title = _("Your name")

    def back(self) -> str:
        """To the account."""
        return reverse("account")

    def initial(self) -> dict[str, Any]:
        """As it is."""
        return {"name": self.access.name}

    def save(self, form: NameForm) -> HttpResponse:
        """Change it."""
        user = User.objects.get(public_id=self.access.actor)  # door: one's own account, no tenant's data
        users.edit_user(self.access, user=user, name=form.cleaned_data["name"])
        return self.done(self.back(), _("Your name is changed."))


class StopActing(Page):
    """Where staff who act as a person stop. Somebody who acts as nobody is led to where she belongs."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Stop."""
        acting = act_as.acting_as(request)
        if acting is not None:
            return act_as.stop(request, acting)
        return self.done(reverse("admin:index" if self.access.is_staff else "home"))


class Account(Page):
    """Where one's own account is kept: e-mail, password, second factor, sessions, memberships."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return self.show("customers/account.html", {"held": self.access.held})


@method_decorator((login_not_required, never_cache, sensitive_post_parameters()), name="dispatch")
class SetPassword(Page):
    """Where the link of a new account, or of a forgotten password, leads. Reading the page changes nothing."""

    def get(self, request: HttpRequest, uid: str, token: str) -> HttpResponse:
        """Ask for the password."""
        try:
            user = links.user_of(uid, token)
        except Gone as error:
            return self.gone(error)
        return self._form(NewPasswordForm(), user)

    def post(self, request: HttpRequest, uid: str, token: str) -> HttpResponse:
        """Set it."""
        form = NewPasswordForm(request.POST)
        try:
            user = links.user_of(uid, token)
            if not form.is_valid():
                return self._form(form, user, 422)
            # Nobody acts here but the link.
            accounts.set_password_by_link(
                Access.none(), uid=uid, token=token, password=form.cleaned_data["password1"], **origin_of(request)
            )
        except Gone as error:
            return self.gone(error)
        except Invalid as error:
            for one in error.errors:
                form.add_error("password1", one.detail)
            return self._form(form, user, 422)
        return self._welcome_in(user)

    def gone(self, error: Gone) -> HttpResponse:
        """The link has died."""
        return self._quiet(self.show("customers/dead_set_password.html", {"error": error}, 410))

    def _form(self, form: NewPasswordForm, user: User, status: int = 200) -> HttpResponse:
        return self._quiet(self.show("customers/set_password.html", {"form": form, "person": user}, status))

    def _welcome_in(self, user: User) -> HttpResponse:
        """On to signing in. Somebody else who is signed in here is signed out first."""
        logout(self.request, show_message=False)
        # Whoever has been locked out by somebody else's guesses is let in again.
        get_adapter()._delete_login_attempts_cached_email(self.request, email=user.email)
        words = _("Your password is set. Sign in with %(email)s.") % {"email": user.email}
        return self._quiet(self.done(reverse("account_login"), words))

    def _quiet(self, response: HttpResponse) -> HttpResponse:
        """The address is a secret: it is told to nobody as where one came from."""
        response["Referrer-Policy"] = "no-referrer"
        return response
