"""Addresses of the API of organisations."""

from __future__ import annotations

from django.urls import path

from organisations.api.audit import OrganisationAuditView
from organisations.api.grants import (
    GrantRequestApproveView,
    GrantRequestRefuseView,
    GrantRequestsView,
    GrantRequestView,
    GrantsView,
    GrantView,
)
from organisations.api.keys import KeysView, KeyView
from organisations.api.me import MeView
from organisations.api.organisations import (
    BusinessView,
    ContactConfirmationView,
    OrganisationView,
    ProfilesView,
    ProfileView,
    UnitRestoreView,
    UnitsView,
    UnitView,
)
from organisations.api.roles import RolesView, RoleView

urlpatterns = [
    path("me/", MeView.as_view()),
    path("organisations/profiles/", ProfilesView.as_view()),
    path("organisations/<str:organisation>/", OrganisationView.as_view()),
    path("organisations/<str:organisation>/profile/", ProfileView.as_view()),
    path("organisations/<str:organisation>/roles/", RolesView.as_view()),
    path("organisations/<str:organisation>/roles/<str:role>/", RoleView.as_view()),
    path("organisations/<str:organisation>/business-units/", UnitsView.as_view()),
    path("organisations/<str:organisation>/audit-events/", OrganisationAuditView.as_view()),
    path("organisations/<str:organisation>/api-keys/", KeysView.as_view()),
    path("business-units/<str:unit>/", UnitView.as_view()),
    path("business-units/<str:unit>/restore/", UnitRestoreView.as_view()),
    path("business-units/<str:unit>/business/", BusinessView.as_view()),
    path("business-units/<str:unit>/business/contact-confirmation/", ContactConfirmationView.as_view()),
    path("api-keys/<str:key>/", KeyView.as_view()),
    path("grants/", GrantsView.as_view()),
    path("grants/<str:grant>/", GrantView.as_view()),
    path("grant-requests/", GrantRequestsView.as_view()),
    path("grant-requests/<str:grant_request>/", GrantRequestView.as_view()),
    path("grant-requests/<str:grant_request>/approve/", GrantRequestApproveView.as_view()),
    path("grant-requests/<str:grant_request>/refuse/", GrantRequestRefuseView.as_view()),
]
