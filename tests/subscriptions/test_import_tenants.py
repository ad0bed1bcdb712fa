from io import BytesIO, StringIO
from pathlib import Path
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command

from subscriptions.services.imports import ImportRefused, ImportReport, import_tenants
from tenants.models import Activity, Domain, Membership, Tenant, User

from ..world import World

HEADER = (
    "Microsoft ID,Company name,Primary domain name,Relationship,Country,Currency,Street,"
    "Postal code,City,Tax ID,Further domains,Admin e-mail,Admin name\n"
)
LITWARE = (
    "2f7a3c1e-0000-4000-8000-000000000001,Litware,litware.example,,FR,EUR,1 rue du Pont,"
    "75001,Paris,FR123,litware.test;lit.example,Luc@Litware.example,Luc de Vries\n"
)


def run(world: World, data: str, *, is_dry_run: bool = False) -> ImportReport:
    return import_tenants(file=BytesIO(data.encode()), act=world.act(), is_dry_run=is_dry_run)


def problems(world: World, data: str) -> list[str]:
    before = counts()
    with pytest.raises(ImportRefused) as refused:
        run(world, data)
    assert counts() == before
    with pytest.raises(ImportRefused) as dry:
        run(world, data, is_dry_run=True)
    assert dry.value.problems == refused.value.problems
    return [str(problem) for problem in refused.value.problems]


def counts() -> list[int]:
    models = (Tenant, Domain, User, Membership, Activity)
    return [model.objects.count() for model in models]


def test_a_whole_row_becomes_a_tenant_with_domains_and_an_admin(world: World) -> None:
    report = run(world, HEADER + LITWARE)

    assert (report.rows, report.counts, report.notices) == (
        1,
        {"tenants": 1, "domains": 3, "Tenant admins": 1},
        [],
    )
    tenant = Tenant.objects.get(domain="litware.example")
    assert tenant.public_id == UUID("2f7a3c1e-0000-4000-8000-000000000001")
    assert (tenant.name, tenant.country, tenant.currency, tenant.tax_id) == (
        "Litware",
        "FR",
        "EUR",
        "FR123",
    )
    assert tenant.address_lines == ["1 rue du Pont", "75001 Paris", "FR"]
    assert set(tenant.domains.values_list("name", flat=True)) == {
        "litware.example",
        "litware.test",
        "lit.example",
    }
    luc = tenant.memberships.get().user
    assert (luc.email, luc.get_full_name()) == ("luc@litware.example", "Luc de Vries")
    assert not luc.has_usable_password()
    assert EmailAddress.objects.get(user=luc).verified
    assert [a.action for a in Activity.objects.filter(tenant=tenant)] == ["tenant.imported"]


def test_a_partners_own_list_of_customers_can_be_imported_as_it_is(world: World) -> None:
    report = run(
        world,
        "Microsoft ID,Company name,Primary domain name,Relationship\n"
        ",Litware,litware.example,Cloud Reseller\n",
    )

    tenant = Tenant.objects.get(domain="litware.example")
    assert (tenant.country, tenant.currency) == ("DE", "EUR")  # the vendor's
    assert not tenant.relationships.exists()
    assert report.notices == [
        (
            "“Relationship” was left out (rows: 1): a reseller relationship begins with the "
            "customer's consent."
        ),
        "Without a country, so that of the vendor was taken, DE (rows: 1).",
    ]


def test_the_currency_is_the_countrys_unless_named(world: World) -> None:
    run(
        world,
        "Company name,Primary domain name,Country,Currency\n"
        "Alpine Ski House,alpine.example,CH,\nTrey Research,trey.example,ch,eur\n",
    )

    assert Tenant.objects.get(domain="alpine.example").currency == "CHF"
    assert Tenant.objects.get(domain="trey.example").currency == "EUR"


def test_somebody_known_becomes_an_admin_of_the_new_tenant_too(world: World) -> None:
    run(
        world,
        "Company name,Primary domain name,Admin e-mail\n"
        "Litware,litware.example,tom@contoso.example\nTrey,trey.example,tom@contoso.example\n",
    )

    assert User.objects.filter(email="tom@contoso.example").count() == 1
    assert world.tom.memberships.count() == 3


def test_a_dry_run_writes_nothing(world: World) -> None:
    before = counts()

    report = run(world, HEADER + LITWARE, is_dry_run=True)

    assert counts() == before
    assert (report.is_dry_run, report.counts["tenants"]) == (True, 1)


def test_every_bad_row_is_named_and_none_is_imported(world: World) -> None:
    data = (
        "Company name,Primary domain name,Country\n"
        "Litware,litware.example,FR\n"
        "X,nodomain,France\n"
        "Trey,trey.example\n"
        "Proseware,contoso.example,DE\n"
    )

    assert problems(world, data) == [
        "line 3, Company name: Not allowed: a single character.",
        "line 3, Country: Not one of: " + ", ".join(sorted(_countries())) + ".",
        "line 3, Primary domain name: Not allowed: not a domain name.",
        "line 4: Number of cells: 2; the header has 3.",
    ]


def _countries() -> list[str]:
    from tenants.domain.countries import MARKETS  # noqa: PLC0415 -- of this helper alone

    return [country.lower() for country in MARKETS]


def test_what_exists_is_not_touched(world: World) -> None:
    existing = world.contoso.public_id

    assert problems(
        world,
        "Microsoft ID,Company name,Primary domain name,Further domains\n"
        f"{existing},Litware,litware.example,\n"
        ",Proseware,Contoso.example,\n"
        ",Trey,trey.example,northwind.example\n",
    ) == [
        f"line 2, Microsoft ID: {existing} belongs to a tenant already.",
        "line 3, Primary domain name: contoso.example belongs to a tenant already.",
        "line 4, Further domains: northwind.example belongs to a tenant already.",
    ]


def test_a_file_cannot_name_the_same_domain_or_id_twice(world: World) -> None:
    same = "2f7a3c1e-0000-4000-8000-000000000001"

    assert problems(
        world,
        "Microsoft ID,Company name,Primary domain name,Further domains\n"
        f"{same},Litware,litware.example,lit.example\n"
        f"{same},Trey,LIT.example,\n"
        ",Proseware,prose.example,prose.example\n",
    ) == [
        "line 4, Further domains: Names a domain twice.",
    ]
    assert problems(
        world,
        "Microsoft ID,Company name,Primary domain name,Further domains\n"
        f"{same},Litware,litware.example,lit.example\n"
        f"{same},Trey,LIT.example,\n",
    ) == [
        f"line 3, Microsoft ID: {same} is on line 2 already.",
        "line 3, Primary domain name: lit.example is on line 2 already.",
    ]


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("Microsoft ID", "1234", "Not an ID of the form 00000000-0000-0000-0000-000000000000."),
        (
            "Microsoft ID",
            "{2f7a3c1e-0000-4000-8000-000000000001}",
            "Not an ID of the form 00000000-0000-0000-0000-000000000000.",
        ),
        ("Company name", "", "Missing."),
        ("Company name", "GmbH & Co. KG", "Not allowed: a legal form and nothing else."),
        ("Company name", "Cont\u043eso", "Not allowed: letters of several scripts."),
        ("Company name", "Con\u200btoso", "Contains invisible characters or line breaks."),
        ("Company name", "=HYPERLINK(1)", "Begins like a formula: '='."),
        ("Company name", "\uff1dcmd", "Begins like a formula: '\uff1d'."),
        ("Primary domain name", "-", "Not allowed: not a domain name."),
        ("Primary domain name", "lit ware.example", "Not allowed: not a domain name."),
        ("Primary domain name", "gmail.com", "Not allowed: a provider of public mailboxes."),
        ("Further domains", "ok.example;nope", "Not allowed: not a domain name."),
        ("Currency", "EURO", None),
        ("City", "@SUM(1)", "Begins like a formula: '@'."),
        ("Postal code", "1" * 21, "Longer than 20 characters."),
        ("Street", "+1", "Begins like a formula: '+'."),
        ("Admin e-mail", "luc", "Not an e-mail address."),
        ("Admin e-mail", "l\u00fac@litware.example", "Contains letters outside a-z."),
        ("Admin e-mail", "", "Missing for this name."),
        ("Admin name", "x" * 151, "Longer than 150 characters."),
    ],
)
def test_a_bad_cell_is_named_with_its_column(
    world: World, column: str, value: str, message: str | None
) -> None:
    cells = dict(zip(HEADER.strip().split(","), LITWARE.strip().split(","), strict=True))
    cells[column] = value
    row = ",".join(f'"{cell}"' for cell in cells.values())

    found = problems(world, f"{HEADER}{row}\n")

    expected = message or found[0].partition(": ")[2]
    assert [problem.partition(": ")[::2] for problem in found] == [(f"line 2, {column}", expected)]


def test_the_command_prints_what_it_did(world: World, tmp_path: Path) -> None:
    file = tmp_path / "tenants.csv"
    file.write_text(HEADER + LITWARE, encoding="utf-8")
    out = StringIO()

    call_command("import_tenants", str(file), "--dry-run", stdout=out)
    call_command("import_tenants", str(file), stdout=out)

    assert out.getvalue() == (
        "Rows that would be imported: 1 (tenants: 1, domains: 3, Tenant admins: 1).\n"
        "Rows imported: 1 (tenants: 1, domains: 3, Tenant admins: 1).\n"
    )


def test_the_command_fails_with_every_line_that_is_wrong(world: World, tmp_path: Path) -> None:
    file = tmp_path / "tenants.csv"
    file.write_text("Company name,Primary domain name\nX,x.example\nY,y\n", encoding="utf-8")
    err = StringIO()

    with pytest.raises(CommandError, match=r"^Nothing was imported: 3 problems\.$"):
        call_command("import_tenants", str(file), stderr=err)

    assert err.getvalue() == (
        "tenants.csv, line 2, Company name: Not allowed: a single character.\n"
        "tenants.csv, line 3, Company name: Not allowed: a single character.\n"
        "tenants.csv, line 3, Primary domain name: Not allowed: not a domain name.\n"
    )


def test_the_command_says_that_a_file_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_tenants", str(tmp_path / "missing.csv"))
