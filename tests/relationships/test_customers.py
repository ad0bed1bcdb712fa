from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import DatabaseError

from relationships.models import Relationship
from relationships.queries.relationships import active_relationships, customers_of
from relationships.services import customers
from tenants.models import Activity, Membership, Tenant, User
from tenants.roles import Kind, Role
from tests import make
from tests.world import TODAY, World


def create(world: World, **fields: object) -> Relationship:
    return customers.create_customer(
        **{  # type: ignore[arg-type]
            "partner": world.fabrikam,
            "name": "Litware Labs",
            "domain": "litware.example",
            "country": "DE",
            "currency": "EUR",
            "street": "Marktplatz 3",
            "postal_code": "07743",
            "city": "Jena",
            "admin_email": "Lena@litware.example",
            "admin_name": "Lena Maria Vogel",
            "attested_on": date(2026, 11, 20),
            "act": world.act(),
            **fields,
        }
    )


def test_a_new_customer_has_a_tenant_a_relationship_and_an_admin(world: World) -> None:
    relationship = create(world)

    customer = relationship.customer
    assert (customer.name, customer.domain) == ("Litware Labs", "litware.example")
    assert [domain.name for domain in customer.domains.all()] == ["litware.example"]
    customer.refresh_from_db()
    assert customer.exclusive_channel == "csp"
    assert relationship.partner == world.fabrikam
    assert relationship.started_on == TODAY
    membership = Membership.objects.get(tenant=customer)
    assert membership.role_set == {Role.TENANT_ADMIN}
    assert membership.user.email == "lena@litware.example"
    assert membership.user.get_full_name() == "Lena Maria Vogel"


def test_who_attested_the_agreement_and_for_which_day_stays_on_record(world: World) -> None:
    relationship = create(world)

    assert relationship.attested_by == world.ada
    assert relationship.attested_on == date(2026, 11, 20)
    assert relationship.invitation is None


def test_without_invitation_or_attestation_there_is_no_relationship(world: World) -> None:
    with pytest.raises(DatabaseError, match="relationships_relationship_has_consent_on_record"):
        Relationship.objects.create(
            partner=world.fabrikam,
            customer=world.contoso,
            has_delegated_admin=True,
            started_on=TODAY,
        )


def test_the_first_admin_gets_a_letter_with_a_link_to_set_a_password(world: World) -> None:
    create(world)

    (letter,) = mail.outbox
    assert letter.to == ["lena@litware.example"]
    assert letter.subject == "You administer Litware Labs in the CSP Portal"
    assert "Fabrikam Cloud has set up Litware Labs (litware.example)" in letter.body
    assert "/accounts/password/reset/key/" in letter.body
    admin = User.objects.get(email="lena@litware.example")
    assert not admin.has_usable_password()
    assert EmailAddress.objects.get(user=admin).verified


def test_an_admin_who_is_here_already_keeps_the_password(world: World) -> None:
    create(world, admin_email=world.tom.email)

    (letter,) = mail.outbox
    assert "Sign in with the account you have" in letter.body
    assert "/password/reset/" not in letter.body
    assert world.tom.memberships.count() == 2


@pytest.mark.parametrize("domain", ["northwind.example", "NORTHWIND.example", "northwind.example."])
def test_a_domain_belongs_to_one_tenant(world: World, domain: str) -> None:
    with pytest.raises(customers.DomainTaken):
        create(world, domain=domain)

    assert not Tenant.objects.filter(name="Litware Labs").exists()
    assert mail.outbox == []


def test_a_further_domain_of_somebody_is_taken_as_well(world: World) -> None:
    world.northwind.domains.create(name="litware.example")

    with pytest.raises(customers.DomainTaken):
        create(world)


@pytest.mark.parametrize("name", ["X", "GmbH", "Lit\u200bware", "Litw\u0430re"])
def test_the_company_name_rules_hold_here_too(world: World, name: str) -> None:
    with pytest.raises(customers.NameNotAllowed):
        create(world, name=name)


def test_a_mail_server_that_refuses_leaves_nothing_behind(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "django.core.mail.EmailMessage.send", lambda *_: (_ for _ in ()).throw(OSError("refused"))
    )

    with pytest.raises(customers.MailNotSent):
        create(world)

    assert not Tenant.objects.filter(domain="litware.example").exists()
    assert not User.objects.filter(email="lena@litware.example").exists()


def test_only_partners_that_transact_create_customers(world: World) -> None:
    reseller = make.partner("R", domain="r.example", mpn_id="1", kind=Kind.INDIRECT_RESELLER)

    with pytest.raises(customers.PartnerMayNotSell):
        create(world, partner=reseller)


def test_both_logs_know_of_the_new_customer(world: World) -> None:
    customer = create(world).customer

    partners = Activity.objects.filter(tenant=world.fabrikam.tenant).order_by("seq")
    assert [a.summary for a in partners] == [
        "added Lena Maria Vogel as Tenant admin (Litware Labs)",
        "attested that Lena Maria Vogel of Litware Labs accepted the customer agreement",
        "created the customer Litware Labs (litware.example)",
    ]
    assert [a.summary for a in Activity.objects.filter(tenant=customer).order_by("seq")] == [
        "created Litware Labs (litware.example)",
        "added Lena Maria Vogel as Tenant admin",
        "attested that Lena Maria Vogel accepted the customer agreement on 2026-11-20",
        "became the CSP partner, Fabrikam Cloud; agreement attested",
    ]


def test_a_partner_has_the_customers_it_sells_to_or_resells_for(world: World) -> None:
    mine = make.relationship(world.fabrikam, world.northwind)
    make.relationship(world.tailspin, world.contoso)
    ended = make.relationship(world.fabrikam, world.woodgrove)
    ended.ended_on = TODAY
    ended.save(update_fields=["ended_on"])

    assert list(customers_of(world.fabrikam)) == [mine]
    assert list(active_relationships(world.northwind)) == [mine]
    assert not active_relationships(world.woodgrove)
