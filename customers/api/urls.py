"""Addresses of the API of customers and their people."""

from __future__ import annotations

from django.urls import URLPattern, path

from customers.api.connections import ConnectionsView, ConnectionView
from customers.api.invitations import (
    AcceptView,
    DeclineView,
    InvitationsView,
    InvitationView,
    OrganisationInvitationsView,
    ResendView,
    RevokeView,
)
from customers.api.merge import MergeView

# Words before ids: what is named here comes before `customers/<str:organisation>/`.
urlpatterns: list[URLPattern] = [
    path("customers/<str:organisation>/merge/", MergeView.as_view()),
    path("invitations/", InvitationsView.as_view()),
    path("invitations/accept/", AcceptView.as_view()),
    path("invitations/decline/", DeclineView.as_view()),
    path("invitations/<str:invitation>/", InvitationView.as_view()),
    path("invitations/<str:invitation>/resend/", ResendView.as_view()),
    path("invitations/<str:invitation>/revoke/", RevokeView.as_view()),
    path("organisations/<str:organisation>/invitations/", OrganisationInvitationsView.as_view()),
    path("organisations/<str:organisation>/connections/", ConnectionsView.as_view()),
    path("organisations/<str:organisation>/connections/<str:connection>/", ConnectionView.as_view()),
]
