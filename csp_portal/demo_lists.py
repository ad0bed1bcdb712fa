"""The demo's tags, a saved view of Ada's, and that her calendar reads the renewals."""

from datetime import date

from csp_portal.demo_people import Cast, moment
from relationships.services import tags
from tenants.acts import Act
from tenants.models import Membership, Tenant
from tenants.roles import Action
from tenants.services import calendar_feeds, saved_views

TAGS = [
    ("northwind.example", "Key account"),
    ("northwind.example", "Two channels"),
    ("bellows.example", "School"),
    ("fineart.example", "School"),
    ("humongous.example", "Key account"),
]


def tags_and_views(cast: Cast, today: date) -> None:
    act = Act(by=cast.ada, organisation=cast.fabrikam.tenant, at=moment(today), on=today)
    for domain, word in TAGS:
        customer = Tenant.objects.filter(domain=domain).first()
        if customer is not None:
            tags.add_tag(partner=cast.fabrikam, customer=customer, word=word, act=act)
    membership = Membership.objects.get(user=cast.ada, tenant=cast.fabrikam.tenant)
    calendar_feeds.make_feed(membership=membership, needs=Action.SEE_CUSTOMERS, act=act)
    saved_views.save_view(
        membership=membership,
        list_name="customers",
        name="Schools, newest first",
        query="tag=School&sort=-since",
    )
