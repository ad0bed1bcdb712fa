"""Every page of the portal in the demo world, for the tour with axe and for the screenshots."""

from dataclasses import dataclass

from django.urls import reverse

from billing.models import Invoice, OrderRequest, PriceList, Quote, Recommendation, TrialConversion
from relationships.models import Invitation, Relationship, ResellerLink, Transfer
from subscriptions.models import Subscription
from tenants.models import Membership, Tenant
from tests.world import TODAY

from .bulk_runs import run_in

OLGA = "olga@vendor.example"


@dataclass(frozen=True, slots=True)
class Stop:
    name: str
    who: str
    path: str
    status: int = 200


def tour() -> list[Stop]:
    """Return one stop per page and per state of a page that looks different."""
    ada, carl = "ada@fabrikam.example", "carl@northwind.example"
    northwind = Tenant.objects.get(domain="northwind.example")
    premium = Subscription.objects.get(tenant=northwind, title="Business Premium")
    suspended = Subscription.objects.get(tenant=northwind, title="Mobility and Security E3")
    direct = Subscription.objects.get(tenant=northwind, title="Office Suite E3")
    twice = Subscription.objects.get(tenant=northwind, title="Exchange Online Plan 1")
    customer = [northwind.public_id]
    boss, mia, helen = (
        Membership.objects.get(user__email=email)
        for email in (carl, "mia@northwind.example", "helen@fabrikam.example")
    )
    gone = Membership.objects.filter(tenant=northwind, disabled_at__isnull=False).order_by("pk")[0]
    bought = Invoice.objects.filter(buyer__domain="fabrikam.example").order_by("-month")[0]
    sold = Invoice.objects.filter(buyer=northwind, seller__domain="fabrikam.example")
    sold = sold.order_by("-month")[0]
    lists = PriceList.objects.filter(scheduled_at__isnull=False).order_by("-effective_on")
    subscriptions = reverse("home:customer-subscriptions", args=customer)
    stops = [
        *what_customers_do(northwind),
        Stop("sign-in", "", reverse("account_login")),
        Stop("password-reset", "", reverse("account_reset_password")),
        Stop("security", ada, reverse("mfa_index")),
        Stop("totp", ada, reverse("mfa_activate_totp")),
        Stop("sessions", ada, reverse("usersessions_list")),
        Stop("change-password", ada, reverse("account_change_password")),
        Stop("sign-out", ada, reverse("account_logout")),
        Stop("home", ada, reverse("home:home")),
        Stop("home-helpdesk", "helen@fabrikam.example", reverse("home:home")),
        Stop("home-global-admin", "gita@fabrikam.example", reverse("home:home")),
        Stop("search", ada, reverse("home:search") + "?q=north"),
        Stop("customers", ada, reverse("home:customers")),
        Stop("customers-empty", "nora@tailspin.example", reverse("home:customers")),
        Stop("customers-none", ada, reverse("home:customers") + "?q=zzz"),
        Stop(
            "customers-columns",
            ada,
            reverse("home:customers") + "?col=id&col=domain&col=tags&col=changed&col=country",
        ),
        Stop("all-subscriptions", ada, reverse("home:subscriptions")),
        Stop("all-subscriptions-csp", ada, reverse("home:subscriptions") + "?channel=csp"),
        Stop("all-subscriptions-empty", "nora@tailspin.example", reverse("home:subscriptions")),
        Stop("renewals", ada, reverse("home:renewals")),
        Stop("renewals-calendar", ada, reverse("home:calendar")),
        Stop("renewals-calendar-none", "sam@fabrikam.example", reverse("home:calendar")),
        Stop("all-orders", ada, reverse("home:orders")),
        Stop("saved-views", ada, reverse("tenants:views", args=["customers"])),
        Stop("customer", ada, reverse("home:customer", args=customer)),
        Stop("subscriptions", ada, subscriptions),
        Stop("subscriptions-panel", ada, f"{subscriptions}?panel={premium.public_id}"),
        Stop("subscriptions-locked", ada, f"{subscriptions}?panel={direct.public_id}"),
        Stop("subscriptions-none", ada, f"{subscriptions}?q=zzz"),
        Stop("customer-orders", ada, reverse("billing:customer-orders", args=customer)),
        Stop("customer-invoices", ada, reverse("billing:customer-invoices", args=customer)),
        Stop("relationship", ada, reverse("relationships:customer-relationship", args=customer)),
        Stop("customer-activity", ada, reverse("home:customer-activity", args=customer)),
        Stop("new-customer", ada, reverse("relationships:new-customer")),
        Stop("transitions", ada, reverse("home:transitions")),
        Stop("transition", ada, reverse("home:transition", args=[twice.public_id])),
        Stop("transition-panel", ada, f"{subscriptions}?panel={twice.public_id}"),
        Stop("my-transitions", carl, reverse("home:transitions")),
        Stop("my-transition", carl, reverse("home:transition", args=[twice.public_id])),
        Stop("invitations", ada, reverse("relationships:invitations")),
        Stop("invite", ada, reverse("relationships:invite")),
        Stop("order", ada, reverse("billing:order", args=customer)),
        Stop("change-seats", ada, reverse("billing:change-seats", args=[premium.public_id])),
        Stop("suspend", ada, reverse("billing:suspend", args=[premium.public_id])),
        Stop("reactivate", ada, reverse("billing:reactivate", args=[suspended.public_id])),
        Stop("cancel", ada, reverse("billing:cancel", args=[premium.public_id])),
        Stop("next-term", ada, reverse("billing:scheduled-change", args=[premium.public_id])),
        Stop(
            "next-term-wish",
            ada,
            reverse("billing:scheduled-change", args=[premium.public_id])
            + f"?seats=70&terms=P1Y.annual&offer={premium.offer and premium.offer.public_id}",
        ),
        Stop(
            "next-term-suspended",
            ada,
            reverse("billing:scheduled-change", args=[suspended.public_id]),
        ),
        Stop("price-lists", ada, reverse("billing:price-lists")),
        Stop("price-list", ada, reverse("billing:price-list", args=[lists[2].pk])),
        Stop("price-list-diff", ada, reverse("billing:price-list-diff", args=[lists[2].pk])),
        Stop("invoices-sold", ada, reverse("billing:invoices") + "?side=sold"),
        Stop("invoices-bought", ada, reverse("billing:invoices") + "?side=bought"),
        Stop("invoice-bought", ada, reverse("billing:invoice", args=[bought.public_id])),
        Stop("invoice-sold", ada, reverse("billing:invoice", args=[sold.public_id])),
        Stop("next-invoice", ada, reverse("billing:next-invoice")),
        Stop("users", ada, reverse("subscriptions:users", args=customer)),
        Stop(
            "users-helpdesk",
            "helen@fabrikam.example",
            reverse("subscriptions:users", args=customer),
        ),
        Stop("users-none", ada, reverse("subscriptions:users", args=customer) + "?q=zzz"),
        Stop("user", ada, reverse("subscriptions:user", args=[*customer, mia.public_id])),
        Stop(
            "user-admin",
            "helen@fabrikam.example",
            reverse("subscriptions:user", args=[*customer, boss.public_id]),
        ),
        Stop("user-disabled", ada, reverse("subscriptions:user", args=[*customer, gone.public_id])),
        Stop("new-user", ada, reverse("subscriptions:new-user", args=customer)),
        Stop("users-import", ada, reverse("subscriptions:users-import", args=customer)),
        Stop("own-users", carl, reverse("subscriptions:own-users")),
        Stop("own-user", carl, reverse("subscriptions:own-user", args=[mia.public_id])),
        Stop("my-licences", "mia@northwind.example", reverse("subscriptions:my-licences")),
        Stop("people", "gita@fabrikam.example", reverse("tenants:people")),
        Stop("new-person", "gita@fabrikam.example", reverse("tenants:new-person")),
        Stop(
            "person",
            "gita@fabrikam.example",
            reverse("tenants:person", args=[helen.public_id]),
        ),
        Stop("activity-partner", carl, reverse("tenants:activity") + "?who=partner"),
        Stop("agreement", "gita@fabrikam.example", reverse("relationships:agreement")),
        Stop("customer-agreement", ada, reverse("relationships:customer-agreement", args=customer)),
        Stop("partner-activity", "gita@fabrikam.example", reverse("tenants:activity")),
        Stop("activity", carl, reverse("tenants:activity")),
        Stop("customer-home", carl, reverse("home:home")),
        Stop("my-subscriptions", carl, reverse("home:my-subscriptions")),
        Stop("my-partner", carl, reverse("relationships:my-partner")),
        Stop("my-bills", carl, reverse("billing:invoices")),
        Stop("my-bill", carl, reverse("billing:invoice", args=[sold.public_id])),
        Stop("member-home", "mia@northwind.example", reverse("home:home")),
        Stop("not-found", ada, "/customers/00000000-0000-4000-8000-000000000000/", 404),
        Stop("forbidden", "helen@fabrikam.example", reverse("billing:invoices"), 403),
        Stop("mailbox", ada, "/demo/mailbox/"),
        Stop("admin", OLGA, reverse("admin:index")),
        Stop("admin-tenants", OLGA, reverse("admin:tenants_tenant_changelist")),
        Stop("admin-tenant", OLGA, reverse("admin:tenants_tenant_change", args=[northwind.pk])),
        Stop("admin-price-lists", OLGA, reverse("admin:billing_pricelist_changelist")),
        Stop("admin-price-list-upload", OLGA, reverse("admin:billing_pricelist_import")),
        Stop(
            "admin-import",
            OLGA,
            reverse("admin:subscriptions_fileimport_upload", args=["subscriptions"]),
        ),
        Stop("admin-invoice", OLGA, reverse("admin:billing_invoice_change", args=[sold.pk])),
    ]
    stops += _moving()
    stops += [
        Stop(f"bulk-{state}", ada, reverse("home:bulk-run", args=[run_in(number)]))
        for number, state in enumerate(("ready", "done", "tag", "stopped", "going"))
    ]
    stops.append(Stop("bulk-runs", ada, reverse("home:bulk-runs")))
    stops += two_tier_stops()
    mine = Invitation.objects.filter(partner__tenant__domain="fabrikam.example")
    invitation = mine.latest("id")
    stops.append(
        Stop("invitation", ada, reverse("relationships:invitation", args=[invitation.public_id]))
    )
    quote = Quote.objects.filter(order__isnull=True).order_by("-id").first()
    if quote is not None:
        stops.append(Stop("quote", ada, reverse("billing:quote", args=[quote.public_id])))
    return stops


def _moving() -> list[Stop]:
    """Return the pages of endings and transfers, as each side sees them."""
    ada, nora, carl = "ada@fabrikam.example", "nora@tailspin.example", "carl@northwind.example"
    transfer = Transfer.objects.get(relationship__customer__domain="coho.example")
    one = reverse("relationships:transfer", args=[transfer.public_id])
    kept = Relationship.objects.active().get(customer__domain="northwind.example")
    end = reverse("relationships:end-relationship", args=[kept.public_id])
    return [
        Stop("transfers", ada, reverse("relationships:transfers")),
        Stop("transfers-incoming", nora, reverse("relationships:transfers")),
        Stop("transfer-to-decide", ada, one),
        Stop("transfer-incoming", nora, one),
        Stop("end-relationship", ada, end),
        Stop("end-relationship-customer", carl, end),
        Stop("move-customers-none", ada, reverse("relationships:move-customers")),
        Stop(
            "move-customers",
            "cora@consolidated.example",
            reverse("relationships:move-customers"),
        ),
        Stop("home-going-indirect", "cora@consolidated.example", reverse("home:home")),
        Stop(
            "admin-transfer",
            OLGA,
            reverse("admin:relationships_transfer_change", args=[transfer.pk]),
        ),
        Stop("admin-policy", OLGA, reverse("admin:relationships_partnerpolicy_add")),
    ]


def what_customers_do(northwind: Tenant) -> list[Stop]:
    """Return the pages on which a customer buys, tries, redeems and is advised."""
    ada, nora, carl = "ada@fabrikam.example", "nora@tailspin.example", "carl@northwind.example"
    held = Subscription.objects.filter(tenant=northwind)
    visio = held.get(channel="direct", title="Visio Plan 2")
    archive = held.get(channel="direct", title="Archiving")
    imported = held.get(title="Office Suite E3")
    advised = held.get(title="Exchange Online Plan 1")
    trial = held.get(is_trial=True)
    sold = held.get(channel="csp", title="Business Premium")
    assert visio.offer is not None  # bought here
    wish = f"?seats=9&terms=P1Y.monthly&offer={visio.offer.public_id}"
    listed = PriceList.objects.filter(scheduled_at__isnull=False).in_force_on(TODAY)
    price = listed[0].prices.filter(offer=visio.offer)[0]
    add_on = listed[0].prices.get(offer__title="Archiving", duration="P1Y", plan="monthly")
    advice = Recommendation.objects.get(customer_name="Northwind Traders")
    proposed = [TrialConversion.objects.get().public_id]
    mine = reverse("home:my-subscriptions")
    return [
        Stop("shop", carl, reverse("billing:shop")),
        Stop("shop-chosen", carl, f"{reverse('billing:shop')}?price={price.pk}"),
        Stop("shop-add-on", carl, f"{reverse('billing:shop')}?price={add_on.pk}"),
        Stop("shop-nothing", carl, f"{reverse('billing:shop')}?q=zzz"),
        Stop("own-seats", carl, reverse("billing:own-seats", args=[visio.public_id])),
        Stop("own-next-term", carl, reverse("billing:own-next-term", args=[visio.public_id])),
        Stop(
            "own-next-term-price",
            carl,
            reverse("billing:own-next-term", args=[visio.public_id]) + wish,
        ),
        Stop("own-next-term-csp", carl, reverse("billing:own-next-term", args=[sold.public_id])),
        Stop("own-cancel", carl, reverse("billing:own-cancel", args=[visio.public_id])),
        Stop("own-cancel-imported", carl, reverse("billing:own-cancel", args=[imported.public_id])),
        Stop("own-seats-imported", carl, reverse("billing:own-seats", args=[imported.public_id])),
        Stop("own-cancel-support", carl, reverse("billing:own-cancel", args=[advised.public_id])),
        Stop("own-panel-direct", carl, f"{mine}?panel={visio.public_id}"),
        Stop("own-panel-add-on", carl, f"{mine}?panel={archive.public_id}"),
        Stop("own-panel-imported", carl, f"{mine}?panel={imported.public_id}"),
        Stop("own-panel-advisor", carl, f"{mine}?panel={advised.public_id}"),
        Stop("own-panel-trial", carl, f"{mine}?panel={trial.public_id}"),
        Stop("my-orders", carl, reverse("home:my-orders")),
        Stop("my-orders-none", carl, f"{reverse('home:my-orders')}?q=zzz"),
        Stop("my-orders-reader", "bea@northwind.example", reverse("home:my-orders")),
        Stop("redeem-key", carl, reverse("subscriptions:redeem-key")),
        Stop("trials", carl, reverse("subscriptions:trials")),
        Stop("conversion-customer", carl, reverse("billing:conversion", args=proposed)),
        Stop("conversion-partner", ada, reverse("billing:conversion", args=proposed)),
        Stop(
            "convert-trial",
            ada,
            reverse("billing:convert-trial", args=[northwind.public_id, trial.public_id]),
        ),
        Stop("recommendations", nora, reverse("billing:recommendations")),
        Stop("advisor-home", "ines@southridge.example", reverse("home:home")),
        Stop(
            "advisor-recommendations", "ines@southridge.example", reverse("billing:recommendations")
        ),
        Stop("suspended-partner-home", "ivo@alpine-systems.example", reverse("home:home")),
        Stop("recommendations-empty", ada, reverse("billing:recommendations")),
        Stop("recommend", nora, reverse("billing:recommend")),
        Stop("recommendation", nora, reverse("billing:recommendation", args=[advice.public_id])),
        Stop("recommendation-unknown", "", reverse("billing:answer-recommendation"), 404),
    ]


def two_tier_stops() -> list[Stop]:
    """Return the provider's and the reseller's pages, and their customer's."""
    gwen, wes = "gwen@wingtip.example", "wes@wingtip.example"
    lars, lena = "lars@litware-consulting.example", "lena@litware-consulting.example"
    relecloud = Tenant.objects.get(domain="relecloud.example")
    linked = ResellerLink.objects.get(reseller__tenant__domain="litware-consulting.example")
    link = [linked.public_id]
    both = Invitation.objects.get(customer_name="Munson's Pickles")
    offer = Invitation.objects.get(kind="reseller", answer="")
    subscriptions = reverse("home:customer-subscriptions", args=[relecloud.public_id])
    premium = Subscription.objects.get(tenant=relecloud, title="Business Premium")
    request_form = reverse("billing:new-order-request", args=[relecloud.public_id])
    bought = Invoice.objects.filter(buyer__domain="litware-consulting.example")
    stops = [
        Stop("resellers", wes, reverse("relationships:resellers")),
        Stop("resellers-offers", gwen, reverse("relationships:resellers")),
        Stop("providers", lena, reverse("relationships:resellers")),
        Stop("invite-reseller", gwen, reverse("relationships:invite-reseller")),
        Stop("reseller-link", wes, reverse("relationships:reseller-link", args=link)),
        Stop(
            "change-reseller", wes, reverse("billing:change-reseller", args=[relecloud.public_id])
        ),
        Stop(
            "relationship-resold",
            lena,
            reverse("relationships:customer-relationship", args=[relecloud.public_id]),
        ),
        Stop("order-in-2-tier", wes, reverse("billing:order", args=[relecloud.public_id])),
        Stop("reseller-link-end", lars, reverse("relationships:reseller-link", args=link)),
        Stop("reseller-offer", gwen, reverse("relationships:invitation", args=[offer.public_id])),
        Stop("invitation-both", lena, reverse("relationships:invitation", args=[both.public_id])),
        Stop("invite-as-reseller", lena, reverse("relationships:invite")),
        Stop("invite-as-provider", wes, reverse("relationships:invite")),
        Stop("reseller-home", lena, reverse("home:home")),
        Stop("reseller-customers", lena, reverse("home:customers")),
        Stop("reseller-subscriptions", lena, subscriptions),
        Stop("reseller-panel", lena, f"{subscriptions}?panel={premium.public_id}"),
        Stop("provider-subscriptions", wes, subscriptions),
        Stop("reseller-invoices", lena, reverse("billing:invoices") + "?side=bought"),
        Stop("reseller-invoice", lena, reverse("billing:invoice", args=[bought[0].public_id])),
        Stop("order-requests-reseller", lena, reverse("billing:order-requests")),
        Stop("order-requests-provider", wes, reverse("billing:order-requests")),
        Stop("new-order-request", lena, request_form),
        Stop("new-seats-request", lena, f"{request_form}?subscription={premium.public_id}"),
        Stop("two-tier-my-partner", "rita@relecloud.example", reverse("relationships:my-partner")),
    ]
    for asked in OrderRequest.objects.order_by("id"):
        page = reverse("billing:order-request", args=[asked.public_id])
        stops.append(Stop(f"order-request-{asked.state}-reseller", lena, page))
        stops.append(Stop(f"order-request-{asked.state}-provider", wes, page))
    return stops
