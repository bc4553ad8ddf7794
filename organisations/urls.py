"""Addresses of the pages of organisations, enterprises and grants.

Everything of one organisation is under ``/organisations/<org>/``; other apps add their parts there.
"""

from __future__ import annotations

from django.urls import path

from organisations.views import enterprises, grants, organisations, units

urlpatterns = [
    path("organisations/", organisations.Organisations.as_view(), name="organisations"),
    path("organisations/<str:organisation>/", organisations.Profile.as_view(), name="organisation"),
    path("organisations/<str:organisation>/units/", units.Units.as_view(), name="units"),
    path("enterprises/", enterprises.Enterprises.as_view(), name="enterprises"),
    path("enterprises/confirm-contact/<str:token>/", enterprises.ConfirmContact.as_view(), name="confirm_contact"),
    path("enterprises/<str:enterprise>/", enterprises.Profile.as_view(), name="enterprise"),
    path("enterprises/<str:enterprise>/profile/", enterprises.EditProfile.as_view(), name="profile"),
    path("enterprises/<str:enterprise>/trading/", enterprises.EditTrading.as_view(), name="trading"),
    path(
        "enterprises/<str:enterprise>/confirm-contact/", enterprises.AskConfirmation.as_view(), name="ask_confirmation"
    ),
    path("grants/", grants.GrantList.as_view(), name="grants"),
    path("grants/give/", grants.Give.as_view(), name="grant_give"),
    path("grants/ask/", grants.Ask.as_view(), name="grant_ask"),
    path("grants/requests/", grants.Requests.as_view(), name="grant_requests"),
    path("grants/requests/<str:grant_request>/", grants.RequestPage.as_view(), name="grant_request"),
    path("grants/requests/<str:grant_request>/approve/", grants.Approve.as_view(), name="grant_approve"),
    path("grants/requests/<str:grant_request>/refuse/", grants.Refuse.as_view(), name="grant_refuse"),
    path("grants/<str:grant>/withdraw/", grants.Withdraw.as_view(), name="grant_withdraw"),
    path("grants/<str:grant>/give-up/", grants.GiveUp.as_view(), name="grant_give_up"),
]
