from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from subscriptions.models import Subscription
from subscriptions.services.imports import ImportRefused, ImportReport, import_subscriptions
from tenants.models import Activity, Tenant

from .. import make
from ..world import World
from .conftest import House

HEADER = (
    "Subscription ID,Subscription,Quantity,Status,Reseller,Tenant domain,Channel,SKU,Assigned,"
    "Start,End,Auto renew,Trial,Partner of record,Note\n"
)
ADVISOR = (
    "adv-1,Exchange Plan 1,25,Active,,contoso.example,Advisor,cfq7ttc0lchc:0002,21,2026-02-20,"
    "2/19/2027,no,no,4711002,since 2019\n"
)
SYNDICATED = "syn-1,Business Basic,5,Active,,{},Syndication,,,2026-02-20,,,{},,\n"


def run(world: World, data: str, *, is_dry_run: bool = False) -> ImportReport:
    return import_subscriptions(file=BytesIO(data.encode()), act=world.act(), is_dry_run=is_dry_run)


def problems(world: World, data: str) -> list[str]:
    before = Subscription.objects.count(), Activity.objects.count()
    channels = set(Tenant.objects.values_list("pk", "exclusive_channel"))
    with pytest.raises(ImportRefused) as refused:
        run(world, data)
    assert (Subscription.objects.count(), Activity.objects.count()) == before
    assert set(Tenant.objects.values_list("pk", "exclusive_channel")) == channels
    with pytest.raises(ImportRefused) as dry:
        run(world, data, is_dry_run=True)
    assert dry.value.problems == refused.value.problems
    return [str(problem) for problem in refused.value.problems]


def test_a_whole_row_becomes_a_subscription(world: World) -> None:
    report = run(world, HEADER + ADVISOR)

    assert (report.rows, report.counts, report.notices) == (1, {"Advisor": 1}, [])
    found = Subscription.objects.get()
    assert (found.tenant, found.channel, found.reference) == (world.contoso, "advisor", "adv-1")
    assert (found.title, found.offer, found.seats, found.assigned_seats) == (
        "Exchange Plan 1",
        world.premium,
        25,
        21,
    )
    # the file says the last day, the portal keeps the first day after it
    assert (found.starts_on, found.ends_on) == (date(2026, 2, 20), date(2027, 2, 20))
    assert (found.state, found.auto_renew, found.is_trial) == ("active", False, False)
    assert found.partner_of_record == world.tailspin
    assert found.note == "since 2019"


def test_a_tenants_channels_come_in_together_with_one_row_in_its_log(world: World) -> None:
    report = run(
        world,
        "Subscription ID,Subscription,Quantity,Status,Reseller,Tenant domain,Channel,Start\n"
        "d-1,Business Premium,10,Active,,northwind.example,Direct,2026-01-31\n"
        "a-1,Exchange,25,Suspended,,northwind.example,ADVISOR,2026-02-20\n"
        "o-1,Visio,3,Expired,,northwind.example,open,3/1/2026\n"
        "e-1,E3,500,In grace period,,NORTHWIND.example,EA,2026-01-01\n"
        "e-2,E5,5,canceled,Fabrikam,contoso.example,ea,2026-01-01\n",
    )

    assert report.counts == {"Direct": 1, "Advisor": 1, "Open": 1, "EA": 2}
    assert report.notices == ["“Reseller” was left out (rows: 1): only CSP has resellers."]
    assert set(Subscription.objects.values_list("reference", "state", "ends_on")) == {
        ("d-1", "active", None),
        ("a-1", "suspended", None),
        ("o-1", "expired", None),
        ("e-1", "grace", None),
        ("e-2", "cancelled", None),
    }
    logged = Activity.objects.filter(action="subscriptions.imported").order_by("tenant_id")
    assert [(a.tenant, a.summary) for a in logged] == [
        (world.northwind, "imported subscriptions: 1 Direct, 1 Advisor, 1 Open, 1 EA"),
        (world.contoso, "imported subscriptions: 1 EA"),
    ]


@pytest.mark.parametrize("trial", ["no", "yes"])
def test_an_active_syndication_subscription_keeps_csp_out(world: World, trial: str) -> None:
    run(world, HEADER + SYNDICATED.format("contoso.example", trial))

    world.contoso.refresh_from_db()
    assert world.contoso.exclusive_channel == "syndication"


def test_syndication_is_refused_beside_a_csp_relationship(house: House) -> None:
    data = HEADER + SYNDICATED.format("northwind.example", "no")

    assert problems(house.world, data) == [
        "line 2, Channel: This tenant has CSP, which excludes Syndication."
    ]


def test_a_tenant_whose_csp_relationship_has_ended_can_be_syndicated(house: House) -> None:
    relationship = house.world.northwind.relationships.get()
    relationship.ended_on = date(2026, 3, 1)
    relationship.save(update_fields=["ended_on"])

    run(house.world, HEADER + SYNDICATED.format("northwind.example", "no"))

    house.world.northwind.refresh_from_db()
    assert house.world.northwind.exclusive_channel == "syndication"


def test_a_syndication_subscription_that_has_ended_excludes_nothing(house: House) -> None:
    row = SYNDICATED.format("northwind.example", "no").replace("Active", "Expired")

    run(house.world, HEADER + row)

    house.world.northwind.refresh_from_db()
    assert house.world.northwind.exclusive_channel == "csp"


def test_csp_subscriptions_are_never_imported(house: House) -> None:
    row = ADVISOR.replace("contoso", "northwind").replace("Advisor", "CSP").replace("4711002", "")

    assert problems(house.world, HEADER + row) == [
        "line 2, Channel: CSP subscriptions are ordered in the portal, never imported."
    ]


def test_an_import_only_adds(world: World) -> None:
    run(world, HEADER + ADVISOR)
    before = list(Subscription.objects.values())

    assert problems(world, HEADER + ADVISOR.replace("25", "30")) == [
        "line 2, Subscription ID: adv-1 exists already; an import changes nothing."
    ]
    assert list(Subscription.objects.values()) == before


def test_a_reference_is_unique_in_its_channel_only(world: World) -> None:
    run(world, HEADER + ADVISOR)

    run(world, HEADER + ADVISOR.replace("Advisor", "Direct").replace("4711002", ""))

    assert Subscription.objects.count() == 2


def test_a_dry_run_writes_nothing_and_marks_no_tenant(world: World) -> None:
    report = run(world, HEADER + SYNDICATED.format("contoso.example", "no"), is_dry_run=True)

    world.contoso.refresh_from_db()
    assert (report.counts, report.is_dry_run) == ({"Syndication": 1}, True)
    assert (Subscription.objects.count(), world.contoso.exclusive_channel) == (0, "")


def test_every_bad_row_is_named_with_all_that_is_wrong(world: World) -> None:
    data = (
        HEADER
        + ADVISOR
        + ADVISOR
        + ",,,,,,,,,,,,,,x\n"
        + "a-2,Exchange,5,Active,,nobody.example,Advisor,NOPE,,2026-02-20,,,,999,\n"
        + "a-3,Exchange,5\n"
    )

    assert problems(world, data) == [
        "line 4, Channel: Missing.",
        "line 4, Quantity: Not a whole number in plain digits.",
        "line 4, Start: Missing.",
        "line 4, Status: Missing.",
        "line 4, Subscription: Missing.",
        "line 4, Subscription ID: Missing.",
        "line 4, Tenant domain: Missing.",
        "line 6: Number of cells: 3; the header has 15.",
    ]
    well_formed = "".join(line for line in data.splitlines(keepends=True) if len(line) > 30)
    assert problems(world, well_formed) == [
        "line 3, Subscription ID: adv-1 is on line 2 already.",
        "line 4, Partner of record: 999 is not known here.",
        "line 4, SKU: nope is not known here.",
        "line 4, Tenant domain: nobody.example is not known here.",
    ]


NUMBER = "Not a whole number in plain digits."
DATE = "Not a date: write 2026-11-22 or 11/22/2026."


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("Subscription ID", "", "Missing."),
        ("Subscription ID", "x" * 101, "Longer than 100 characters."),
        ("Subscription ID", "=1+1", "Begins like a formula: '='."),
        ("Subscription", "-2+3+cmd|' /C calc'!A0", "Begins like a formula: '-'."),
        ("Subscription", "\uff20SUM(1)", "Begins like a formula: '\uff20'."),
        ("Subscription", "Exchange\nPlan 1", "Contains invisible characters or line breaks."),
        ("Subscription", "Exchange\u202e1 nalP", "Contains invisible characters or line breaks."),
        ("Quantity", "1_000", NUMBER),
        ("Quantity", "1,000", NUMBER),
        ("Quantity", "1e3", NUMBER),
        ("Quantity", "+5", NUMBER),
        ("Quantity", "-5", NUMBER),
        ("Quantity", "5.0", NUMBER),
        ("Quantity", "NaN", NUMBER),
        ("Quantity", "Infinity", NUMBER),
        ("Quantity", "0x10", NUMBER),
        ("Quantity", "\u0665\u0660", NUMBER),  # Arabic-Indic 50
        ("Quantity", "\uff15", NUMBER),  # full-width 5
        ("Quantity", "\u00b2", NUMBER),  # superscript 2
        ("Quantity", "9999999999", NUMBER),
        ("Quantity", "0", "Not between 1 and 1000000."),
        ("Quantity", "1000001", "Not between 1 and 1000000."),
        ("Assigned", "26", "More than the quantity."),
        ("Assigned", "many", NUMBER),
        ("Start", "20.02.2026", DATE),
        ("Start", "2026-2-20", DATE),
        ("Start", "2026-02-20T00:00:00", DATE),
        ("Start", "\u0662\u0660\u0662\u0666-02-20", DATE),
        ("Start", "46073", DATE),
        ("Start", "2026-02-30", "There is no such day."),
        ("Start", "13/1/2026", "There is no such day."),
        ("Start", "0000-01-01", "There is no such day."),
        ("Start", "2009-12-31", "Not between 2010 and 2099."),
        ("End", "2100-01-01", "Not between 2010 and 2099."),
        ("End", "2026-02-19", "Before the start."),
        ("Auto renew", "maybe", "Write yes or no."),
        ("Trial", "1", "Write yes or no."),
        (
            "Status",
            "Deleted",
            "Not one of: active, canceled, cancelled, expired, grace, in grace period, suspended.",
        ),
        (
            "Channel",
            "Retail",
            "Not one of: advisor, direct, ea, open, syndication.",
        ),
        ("Partner of record", "4711003", "4711003 is not known here."),
        ("SKU", "CFQ7TTC0LCHC", "cfq7ttc0lchc is not known here."),
        ("Tenant domain", "nobody.example", "nobody.example is not known here."),
        ("Note", "\t=1", None),  # white space around a cell is not part of it
        ("Note", "@home", "Begins like a formula: '@'."),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named_with_its_column(
    world: World, column: str, value: str, message: str | None
) -> None:
    cells = dict(zip(HEADER.strip().split(","), ADVISOR.strip().split(","), strict=True))
    cells[column] = value
    row = ",".join(f'"{cell}"' for cell in cells.values())

    found = problems(world, f"{HEADER}{row}\n")

    expected = message or "Begins like a formula: '='."
    assert found == [f"line 2, {column}: {expected}"]


def test_only_an_advisor_subscription_has_a_partner_of_record(world: World) -> None:
    assert problems(world, HEADER + ADVISOR.replace("Advisor", "Direct")) == [
        "line 2, Partner of record: Only Advisor subscriptions have one."
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        HEADER.encode(),
        (HEADER + ADVISOR).encode("utf-16"),
        (HEADER + ADVISOR.replace("since", "s\u00efnce")).encode("latin-1"),
        ADVISOR.encode(),
        (HEADER + ADVISOR).replace(",", ";").encode(),
        (HEADER + ADVISOR).replace("Channel,", "").encode(),
        (HEADER + ADVISOR).replace("Note", "Start").encode(),
        (HEADER + ADVISOR).replace("since", "si\x00nce").encode(),
        (HEADER + ADVISOR + '"adv-2,Exchange,5,Active\n').encode(),
        (HEADER + ADVISOR + ADVISOR.replace("adv-1", "x" * 2000)).encode(),
        (HEADER + ADVISOR + "adv-2\n").encode(),
        (HEADER + ADVISOR + ADVISOR.strip().replace("adv-1", "adv-2") + ",extra\n").encode(),
        b"PK\x03\x04" + bytes(range(256)) * 40,  # a spreadsheet, not its export
        b"\xff" * 1000,
    ],
)
def test_a_hostile_file_imports_nothing_and_says_where(world: World, data: bytes) -> None:
    with pytest.raises(ImportRefused) as refused:
        import_subscriptions(file=BytesIO(data), act=world.act())

    assert all(problem.line >= 1 and problem.message for problem in refused.value.problems)
    assert refused.value.problems
    assert not Subscription.objects.exists()


def test_the_command_imports_through_the_same_service(world: World, tmp_path: Path) -> None:
    file = tmp_path / "subscriptions.csv"
    file.write_text(HEADER + ADVISOR, encoding="utf-8")
    out = StringIO()

    call_command("import_subscriptions", str(file), stdout=out)

    assert out.getvalue() == "Rows imported: 1 (Advisor: 1).\n"
    assert Subscription.objects.get().reference == "adv-1"


def test_ten_rows_and_a_thousand_take_the_same_number_of_statements(
    world: World, django_assert_max_num_queries: object
) -> None:
    def file(count: int, prefix: str) -> str:
        rows = (ADVISOR.replace("adv-1", f"{prefix}-{n}") for n in range(count))
        return HEADER + "".join(rows)

    from django.db import connection  # noqa: PLC0415 -- of this test alone
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415 -- of this test alone

    taken = []
    for count, prefix in ((10, "a"), (1000, "b")):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            run(world, file(count, prefix))
        taken.append(len(queries))
    assert taken[0] == taken[1]


def test_a_long_file_reports_its_progress(world: World) -> None:
    make.tenant("Adatum", domain="adatum.example")
    rows = "".join(ADVISOR.replace("adv-1", f"adv-{n}") for n in range(2001))
    seen: list[tuple[str, int, int]] = []

    import_subscriptions(
        file=BytesIO((HEADER + rows).encode()),
        act=world.act(),
        progress=lambda *step: seen.append(step),
    )

    assert seen == [
        ("checked", 2000, 2001),
        ("checked", 2001, 2001),
        ("written", 2000, 2001),
        ("written", 2001, 2001),
    ]
