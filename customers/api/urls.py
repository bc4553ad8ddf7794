"""Addresses of the API of customers and their people."""

from __future__ import annotations

from django.urls import URLPattern, path

from customers.api.audit import EveryAuditView
from customers.api.connections import ConnectionsView, ConnectionView
from customers.api.customers import (
    AccessRequestRefuseView,
    AccessRequestsView,
    AllOrganisationsView,
    CustomersView,
    ExistsView,
    OwnershipRecoveryView,
)
from customers.api.imports import (
    ImportApplyView,
    ImportLinksView,
    ImportRowsView,
    ImportsView,
    ImportView,
    ReconciliationView,
)
from customers.api.invitations import (
    AcceptView,
    DeclineView,
    InvitationsView,
    InvitationView,
    OrganisationInvitationsView,
    ResendView,
    RevokeView,
)
from customers.api.lifecycle import (
    CustomerRestoreView,
    ExportDownloadView,
    ExportView,
    OrganisationExportsView,
    OwnExportsView,
    RemovableCustomerView,
)
from customers.api.merge import MergeView
from customers.api.ownership import (
    TransferAcceptView,
    TransferCancelView,
    TransferDeclineView,
    TransfersView,
    TransferView,
)
from customers.api.people import (
    MemberAccessView,
    MemberDeactivateView,
    MemberReactivateView,
    MembersView,
    MemberView,
)
from customers.api.requests import CompanyInvitationsView, RequestApproveView, RequestInviteView
from customers.api.users import (
    AccountsView,
    AccountView,
    AllStaffView,
    ClearSecondFactorView,
    EndSessionsView,
    OneStaffView,
    StartResetView,
)

# Words before ids: what is named here comes before `customers/<str:organisation>/`.
urlpatterns: list[URLPattern] = [
    path("organisations/", AllOrganisationsView.as_view()),
    path("organisations/<str:organisation>/ownership-recovery/", OwnershipRecoveryView.as_view()),
    path("customers/", CustomersView.as_view()),
    path("customers/exists/", ExistsView.as_view()),
    path("customers/access-requests/", AccessRequestsView.as_view()),
    path("customers/access-requests/<str:access_request>/approve/", RequestApproveView.as_view()),
    path("customers/access-requests/<str:access_request>/invite-to-claim/", RequestInviteView.as_view()),
    path("customers/access-requests/<str:access_request>/refuse/", AccessRequestRefuseView.as_view()),
    path("customers/invitations/", CompanyInvitationsView.as_view()),
    path("customers/audit-events/", EveryAuditView.as_view()),
    path("customers/users/", AccountsView.as_view()),
    path("customers/users/<str:user>/", AccountView.as_view()),
    path("customers/users/<str:user>/end-sessions/", EndSessionsView.as_view()),
    path("customers/users/<str:user>/start-reset/", StartResetView.as_view()),
    path("customers/users/<str:user>/clear-second-factor/", ClearSecondFactorView.as_view()),
    path("customers/admin/", AllStaffView.as_view()),
    path("customers/admin/<str:user>/", OneStaffView.as_view()),
    path("customers/imports/", ImportsView.as_view()),
    path("customers/imports/<str:batch>/", ImportView.as_view()),
    path("customers/imports/<str:batch>/apply/", ImportApplyView.as_view()),
    path("customers/imports/<str:batch>/links/", ImportLinksView.as_view()),
    path("customers/imports/<str:batch>/rows/", ImportRowsView.as_view()),
    path("customers/imports/<str:batch>/reconciliation/", ReconciliationView.as_view()),
    path("customers/<str:organisation>/restore/", CustomerRestoreView.as_view()),
    path("organisations/<str:organisation>/exports/", OrganisationExportsView.as_view()),
    path("me/exports/", OwnExportsView.as_view()),
    path("exports/<str:export>/", ExportView.as_view()),
    path("exports/<str:export>/download/", ExportDownloadView.as_view()),
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
    path("organisations/<str:organisation>/users/", MembersView.as_view()),
    path("organisations/<str:organisation>/users/<str:membership>/", MemberView.as_view()),
    path("organisations/<str:organisation>/users/<str:membership>/access/", MemberAccessView.as_view()),
    path("organisations/<str:organisation>/users/<str:membership>/deactivate/", MemberDeactivateView.as_view()),
    path("organisations/<str:organisation>/users/<str:membership>/reactivate/", MemberReactivateView.as_view()),
    path("organisations/<str:organisation>/ownership-transfers/", TransfersView.as_view()),
    path("ownership-transfers/<str:transfer>/", TransferView.as_view()),
    path("ownership-transfers/<str:transfer>/accept/", TransferAcceptView.as_view()),
    path("ownership-transfers/<str:transfer>/decline/", TransferDeclineView.as_view()),
    path("ownership-transfers/<str:transfer>/cancel/", TransferCancelView.as_view()),
    # Ids last.
    path("customers/<str:organisation>/", RemovableCustomerView.as_view()),
]
