"""Addresses of the pages of organisations, enterprises and grants.

Everything of one organisation is under ``/organisations/<org>/``; other apps add their parts there.
"""

from __future__ import annotations

from django.urls import path

from organisations.views import audit, enterprises, grants, keys, organisations, units

urlpatterns = [
    path("organisations/", organisations.Organisations.as_view(), name="organisations"),
    path("organisations/<str:organisation>/", organisations.Profile.as_view(), name="organisation"),
    path("organisations/<str:organisation>/edit/", organisations.EditOrganisation.as_view(), name="organisation_edit"),
    path("organisations/<str:organisation>/units/", units.Units.as_view(), name="units"),
    path("organisations/<str:organisation>/units/new/", units.CreateUnit.as_view(), name="unit_create"),
    path("organisations/<str:organisation>/units/<str:unit>/", units.Unit.as_view(), name="unit"),
    path("organisations/<str:organisation>/units/<str:unit>/edit/", units.EditUnit.as_view(), name="unit_edit"),
    path("organisations/<str:organisation>/units/<str:unit>/remove/", units.RemoveUnit.as_view(), name="unit_remove"),
    path(
        "organisations/<str:organisation>/units/<str:unit>/restore/", units.RestoreUnit.as_view(), name="unit_restore"
    ),
    path(
        "organisations/<str:organisation>/units/<str:unit>/business/",
        units.CreateBusiness.as_view(),
        name="business_create",
    ),
    path(
        "organisations/<str:organisation>/units/<str:unit>/trading/", units.EditTrading.as_view(), name="unit_trading"
    ),
    path(
        "organisations/<str:organisation>/units/<str:unit>/particulars/",
        units.EditParticulars.as_view(),
        name="particulars",
    ),
    path("organisations/<str:organisation>/api-keys/", keys.Keys.as_view(), name="api_keys"),
    path("organisations/<str:organisation>/api-keys/new/", keys.CreateKey.as_view(), name="api_key_create"),
    path(
        "organisations/<str:organisation>/api-keys/<str:key>/revoke/", keys.RevokeKey.as_view(), name="api_key_revoke"
    ),
    path("organisations/<str:organisation>/audit/", audit.AuditTrail.as_view(), name="audit"),
    path("organisations/<str:organisation>/audit/csv/", audit.AuditFile.as_view(), name="audit_file"),
    path("enterprises/", enterprises.Enterprises.as_view(), name="enterprises"),
    path("enterprises/confirm-contact/<str:token>/", enterprises.ConfirmContact.as_view(), name="confirm_contact"),
    path("enterprises/<str:enterprise>/", enterprises.Profile.as_view(), name="enterprise"),
    path("enterprises/<str:enterprise>/profile/", enterprises.EditProfile.as_view(), name="profile"),
    path("enterprises/<str:enterprise>/trading/", enterprises.Moved.as_view(to="unit_trading"), name="trading"),
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
