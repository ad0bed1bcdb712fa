from django.urls import path

from .views import (
    agreements,
    answers,
    customers,
    endings,
    invitations,
    link_answers,
    links,
    partners,
    replacements,
    resellers,
    transfers,
    tags,
)

app_name = "relationships"

urlpatterns = [
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/new/", invitations.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/", invitations.invitation, name="invitation"),
    path(
        "invitations/<uuid:invitation_id>/withdraw/",
        links.withdraw,
        name="invitation-withdraw",
    ),
    path(
        "invitations/<uuid:invitation_id>/link/",
        links.renew_link,
        name="invitation-renew-link",
    ),
    path("invitations/<uuid:invitation_id>/send/", links.send, name="invitation-send"),
    path("i/<str:token>/", answers.open_invitation, name="open-invitation"),
    path("invitation/", answers.answer_invitation, name="answer-invitation"),
    path("invitation/accept/", answers.accept_invitation, name="accept-invitation"),
    path("invitation/decline/", answers.decline_invitation, name="decline-invitation"),
    path("invitation/link/accept/", link_answers.accept_link, name="accept-link"),
    path("invitation/link/decline/", link_answers.decline_link, name="decline-link"),
    path("resellers/", resellers.resellers, name="resellers"),
    path("resellers/new/", resellers.invite_reseller, name="invite-reseller"),
    path("resellers/<uuid:link_id>/", resellers.reseller_link, name="reseller-link"),
    path("customers/new/", customers.new_customer, name="new-customer"),
    path("customers/new/domain/", customers.domain_check, name="domain-check"),
    path(
        "customers/<uuid:customer_id>/relationship/",
        customers.relationship,
        name="customer-relationship",
    ),
    path("agreement/", agreements.agreement, name="agreement"),
    path("agreement/sign/", agreements.sign, name="agreement-sign"),
    path("agreement/notice/", agreements.give_notice, name="agreement-notice"),
    path("agreement/notice/withdraw/", agreements.withdraw_notice, name="agreement-withdraw"),
    path(
        "customers/<uuid:customer_id>/agreement/",
        agreements.customer_agreement,
        name="customer-agreement",
    ),
    path(
        "relationships/<uuid:relationship_id>/end/",
        endings.end_relationship,
        name="end-relationship",
    ),
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/<uuid:transfer_id>/", transfers.transfer, name="transfer"),
    path("transfers/<uuid:transfer_id>/approve/", transfers.approve, name="approve-transfer"),
    path("transfers/<uuid:transfer_id>/decline/", transfers.decline, name="decline-transfer"),
    path("transfers/<uuid:transfer_id>/withdraw/", transfers.withdraw, name="withdraw-transfer"),
    path("invitation/replace/", replacements.request_transfer, name="request-transfer"),
    path("customers/<uuid:customer_id>/tags/", tags.customer_tags, name="customer-tags"),
    path("partner/", partners.my_partner, name="my-partner"),
]
