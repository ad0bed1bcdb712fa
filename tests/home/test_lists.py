"""What every list can do, shown on those of customers, subscriptions and renewals."""

from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.urls import reverse

from csp_portal.home.queries import start_page
from csp_portal.lists import narrowing, paging
from relationships.models import CustomerTag
from subscriptions.models import Subscription
from tenants.models import Activity, Membership, SavedView, Tenant
from tests import make
from tests.billing.selling import sell
from tests.conftest import Browser
from tests.two_tier import two_tier
from tests.world import World

from .bulk import ask, confirm
from .reading import SignIn, csv_rows, main_words, queries, table_rows, text

CUSTOMERS = reverse("home:customers")
ALL = reverse("home:subscriptions")
RENEWALS = reverse("home:renewals")


@pytest.fixture
def ada(sold: World, premium: Subscription, sign_in: SignIn) -> Browser:
    """Ada's customers: Northwind (CSP and Direct) and Adatum (CSP, no auto-renew)."""
    make.other_channel(sold.northwind, "direct", "Office Suite E3", seats=210, note="secret")
    adatum = make.tenant("Adatum Logistics", domain="adatum.example")
    make.relationship(sold.fabrikam, adatum, on=date(2026, 5, 1))
    other = sell(sold, tenant=adatum, seats=5, on=date(2026, 6, 10))
    Subscription.objects.filter(pk=other.pk).update(auto_renew=False)
    litware = make.tenant("Litware", domain="litware.example")
    make.relationship(sold.tailspin, litware)
    make.other_channel(litware, "direct", "Litware's own")
    return sign_in(sold.ada)


def test_all_customers_subscriptions_are_listed_in_every_channel(ada: Browser) -> None:
    rows = table_rows(ada.get(ALL))

    # the first to end is first: Direct of 20 Feb 2026, then 14 Mar, then 10 Jun
    assert [row.split(" ")[0] for row in rows] == ["Office", "Business", "Business"]
    assert "€1,236.00" in rows[1]  # 60 x 20.60
    assert "13 Mar 2027" in rows[1]
    assert "€" not in rows[0]  # R9
    assert "secret" not in " ".join(rows)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"channel": "direct"}, ["Office Suite E3"]),
        ({"channel": "csp", "renewal": "off"}, ["Adatum"]),
        ({"state": "suspended"}, []),
        ({"q": "adat"}, ["Adatum"]),
        ({"q": "CFQ7TTC0LCHC"}, ["Northwind", "Adatum"]),
        ({"q": "premium"}, ["Northwind", "Adatum"]),
        ({"q": "litware"}, []),
        ({"sort": "-ends"}, ["Adatum", "Northwind", "Office Suite E3"]),
        ({"sort": "customer"}, ["Adatum", "Northwind", "Office Suite E3"]),
        ({"state": "nonsense", "channel": "csp"}, ["Northwind", "Adatum"]),
    ],
)
def test_subscriptions_are_found_filtered_and_sorted(
    ada: Browser, query: dict[str, str], found: list[str]
) -> None:
    rows = table_rows(ada.get(ALL, query))

    assert len(rows) == len(found)
    assert all(word in row for word, row in zip(found, rows, strict=True))


@pytest.mark.parametrize("few", [0, 300])
@pytest.mark.parametrize(
    ("path", "query"),
    [
        (ALL, {"q": "adat"}),
        (ALL, {"tag": "key"}),
        (RENEWALS, {"q": "adatum.ex"}),
        (reverse("home:orders"), {"q": "log"}),
        (CUSTOMERS, {"tag": "KEY"}),
    ],
)
def test_many_are_found_as_few_are(
    sold: World,
    ada: Browser,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    path: str,
    query: dict[str, str],
) -> None:
    monkeypatch.setattr(narrowing, "FEW", few)
    adatum = Tenant.objects.get(domain="adatum.example")
    CustomerTag.objects.create(partner=sold.fabrikam, customer=adatum, word="Key")

    rows = table_rows(ada.get(path, query))

    assert len(rows) == 1
    assert "Adatum Logistics" in rows[0]


def test_suspended_customers_are_found_few_or_many(
    sold: World, ada: Browser, premium: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(state="suspended")

    for few in (300, 0):
        monkeypatch.setattr(narrowing, "FEW", few)
        rows = table_rows(ada.get(CUSTOMERS, {"only": "suspended"}))
        assert ["Northwind Traders" in row for row in rows] == [True]


def test_very_many_subscriptions_are_not_added_up_on_the_start_page(
    sold: World, ada: Browser, premium: Subscription, monkeypatch: pytest.MonkeyPatch
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(ends_on=date(2026, 12, 1))
    monkeypatch.setattr(start_page, "MANY", 1)

    page = ada.get(reverse("home:home"))

    assert "CSP revenue per month" not in main_words(page)
    assert "Renewals, next 30 days" in main_words(page)


@pytest.mark.parametrize(("within", "count"), [("30", 0), ("90", 0), ("", 2)])
def test_renewals_are_the_csp_terms_that_end_soon(ada: Browser, within: str, count: int) -> None:
    # 22 Nov 2026: the terms end on 14 Mar and 10 Jun 2027
    assert len(table_rows(ada.get(RENEWALS, {"within": within}))) == count


def test_the_calendar_names_each_renewal_of_the_next_90_days(
    ada: Browser, premium: Subscription
) -> None:
    Subscription.objects.filter(pk=premium.pk).update(ends_on=date(2026, 12, 24))

    answer = ada.get(reverse("home:renewals-calendar"))

    lines = answer.content.decode().split("\r\n")
    assert "DTSTART;VALUE=DATE:20261224" in lines
    assert "SUMMARY:Renews: Business Premium\\, Northwind Traders\\, 60 seats" in lines
    assert lines.count("BEGIN:VEVENT") == 1
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"


@pytest.mark.parametrize("path", [CUSTOMERS, ALL, RENEWALS])
def test_three_rows_take_as_many_queries_as_one(
    sold: World, premium: Subscription, sign_in: SignIn, path: str
) -> None:
    browser = sign_in(sold.ada)
    one = queries(browser, f"{path}?view=")
    for number in range(49):
        tenant = make.tenant(f"Company {number}", domain=f"c{number}.example")
        make.relationship(sold.fabrikam, tenant)
        if number < 3:
            sell(sold, tenant=tenant)
            CustomerTag.objects.create(partner=sold.fabrikam, customer=tenant, word="Key")

    assert queries(browser, f"{path}?per_page=50") == one
    assert one <= 12


def test_the_columns_are_chosen_in_the_address_and_keep_their_order(ada: Browser) -> None:
    page = ada.get(ALL, {"col": ["sku", "customer"]})

    assert [column.key for column in page.context["asked"].columns] == ["offer", "customer", "sku"]
    assert "CFQ7TTC0LCHC:0002" in table_rows(page)[1]


def test_a_column_of_prices_cannot_be_chosen_by_who_sees_none(
    sold: World, ada: Browser, sign_in: SignIn
) -> None:
    page = sign_in(sold.helen).get(ALL, {"col": ["value", "currency", "seats"]})

    assert [column.key for column in page.context["asked"].columns] == ["offer", "seats"]
    assert "€" not in text(page)


@pytest.mark.parametrize("path", [CUSTOMERS, ALL, RENEWALS])
def test_a_file_is_what_is_shown(ada: Browser, path: str) -> None:
    page = ada.get(path, {"sort": "name" if path == CUSTOMERS else "ends", "q": "adat"})

    rows = csv_rows(ada.get(path, {"q": "adat", "format": "csv"}))

    columns = page.context["asked"].columns
    assert [list(row) for row in rows] == [[str(c.in_file or c.label) for c in columns]]
    assert len(rows) == len(table_rows(page)) == 1
    assert "Adatum Logistics" in rows[0].values()


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers(ada: Browser) -> None:
    answer = ada.get(ALL, {"format": "xlsx", "channel": "csp", "col": ["seats", "ends", "sku"]})

    with ZipFile(BytesIO(b"".join(answer.streaming_content))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>60</v>" in sheet
    assert "CFQ7TTC0LCHC:0002" in sheet
    assert sheet.count("<row ") == 3  # the head and two


@pytest.mark.parametrize("path", [CUSTOMERS, ALL, RENEWALS, reverse("home:orders")])
def test_a_providers_file_names_the_reseller_of_record(
    world: World, sign_in: SignIn, path: str
) -> None:
    tiers = two_tier(world)

    answer = sign_in(tiers.wes).get(path, {"format": "csv"})

    header = b"".join(answer).decode("utf-8-sig").splitlines()[0]
    assert "Reseller" in header.split(",")


def test_a_file_of_all_customers_asks_for_the_password_again(
    ada: Browser,
) -> None:
    session = ada.session
    del session["account_authentication_methods"]
    session.save()

    for path in (CUSTOMERS, ALL, RENEWALS):
        answer = ada.get(path, {"format": "csv"})
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))


def test_beyond_a_thousand_rows_a_list_says_that_there_are_more(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED_ROWS", 2)
    monkeypatch.setattr(paging, "SIZES", (1, 2))

    page = ada.get(ALL, {"per_page": "1"})

    assert "more than 2 subscriptions" in main_words(page)
    assert len(table_rows(ada.get(ALL, {"per_page": "1", "page": "3"}))) == 1


def test_auto_renew_is_turned_off_for_many_with_a_result_for_each(
    sold: World, ada: Browser, premium: Subscription
) -> None:
    everything = [*Subscription.objects.all(), "nonsense"]

    words = main_words(ask(ada, "subscriptions", "off", everything))

    assert "1 done" in words
    assert "2 refused" in words  # Adatum's is off already, Northwind's Direct is not sold
    assert "1 gone" in words  # Litware is Tailspin's customer
    assert "You did not sell it: only its own channel changes it." in words
    premium.refresh_from_db()
    assert not premium.auto_renew
    litware = Subscription.objects.get(title="Litware's own")
    assert litware.auto_renew


def test_customers_are_tagged_in_bulk_with_a_result_for_each(sold: World, ada: Browser) -> None:
    adatum = Tenant.objects.get(domain="adatum.example")
    CustomerTag.objects.create(partner=sold.fabrikam, customer=adatum, word="KEY account")

    asked = main_words(ask(ada, "customers", "tag", [adatum, sold.northwind, sold.contoso]))
    words = main_words(confirm(ada, note="Key account"))

    assert "Tag customers: 2 rows" in asked
    assert "1 done" in words
    assert "Has the tag “Key account” already." in words
    assert "1 gone" in words
    assert set(CustomerTag.objects.values_list("customer__name", "word")) == {
        ("Adatum Logistics", "KEY account"),
        ("Northwind Traders", "Key account"),
    }
    logged = Activity.objects.filter(action="customer.tagged").get()
    assert logged.tenant == sold.fabrikam.tenant
    assert len(table_rows(ada.get(CUSTOMERS, {"tag": "KEY ACCOUNT"}))) == 2


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("", "Write a tag: one or a few words."),
        ("   ", "Write a tag: one or a few words."),
        ("x" * 41, "A tag has at most 40 characters."),
        ("a\u200bb", "A tag has only characters that can be seen."),
    ],
)
def test_what_is_no_tag_is_said_in_place(sold: World, ada: Browser, word: str, words: str) -> None:
    ask(ada, "customers", "tag", [sold.northwind])

    answer = confirm(ada, note=word)

    assert 'id="note_error"' in text(answer)
    assert words in text(answer)
    assert not CustomerTag.objects.exists()


def test_all_that_match_can_be_chosen_where_there_is_more_than_a_page(
    ada: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "SIZES", (2, 3))

    some, whole = (ada.get(ALL, {"per_page": size, "channel": ""}) for size in ("2", "3"))

    assert "Select all that match, not only those of this page: 3 subscriptions" in main_words(some)
    assert 'name="query" value="per_page=2&channel="' in text(some)
    assert "Select all that match" not in main_words(whole)


def test_a_view_is_saved_opened_by_default_renamed_and_deleted(sold: World, ada: Browser) -> None:
    query = "channel=csp&sort=-name"
    ada.post(
        reverse("tenants:save-view", args=["customers"]),
        {"name": "Mine", "query": query, "is_default": "on", "back": CUSTOMERS},
    )
    view = SavedView.objects.get()

    opened = ada.get(CUSTOMERS)
    assert opened["Location"] == f"{CUSTOMERS}?view={view.pk}&{query}"
    assert "Mine" in text(ada.get(opened["Location"]))
    assert len(table_rows(ada.get(CUSTOMERS, {"view": ""}))) == 2

    change = reverse("tenants:change-view", args=["customers", view.pk])
    ada.post(change, {"do": "rename", "name": "Ours"})
    ada.post(change, {"do": "no-default"})
    view.refresh_from_db()
    assert (view.name, view.is_default) == ("Ours", False)
    assert ada.get(CUSTOMERS).status_code == 200
    ada.post(change, {"do": "delete"})
    assert not SavedView.objects.exists()


def test_saving_a_view_by_a_name_that_is_there_replaces_it_and_renaming_is_refused(
    ada: Browser,
) -> None:
    save = reverse("tenants:save-view", args=["customers"])
    for name, query in (("A", "q=x"), ("a", "q=y"), ("B", "q=z")):
        ada.post(save, {"name": name, "query": query, "back": CUSTOMERS})

    found = SavedView.objects.order_by("pk").values_list("name", "query")
    assert list(found) == [("a", "q=y"), ("B", "q=z")]
    view = SavedView.objects.get(name="B")
    answer = ada.post(
        reverse("tenants:change-view", args=["customers", view.pk]),
        {"do": "rename", "name": "A"},
        follow=True,
    )
    assert "You have another view named “A”." in text(answer)


def test_views_are_private_to_the_person_in_the_workspace(
    sold: World, ada: Browser, sign_in: SignIn
) -> None:
    mine = Membership.objects.get(user=sold.ada)
    view = SavedView.objects.create(membership=mine, list_name="customers", name="Ada's", query="")
    sam = sign_in(sold.sam)

    assert "Ada's" not in text(sam.get(CUSTOMERS))
    assert "Ada's" not in text(sam.get(reverse("tenants:views", args=["customers"])))
    change = reverse("tenants:change-view", args=["customers", view.pk])
    assert sam.post(change, {"do": "delete"}).status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()


def test_thirty_views_are_the_most(sold: World, ada: Browser) -> None:
    mine = Membership.objects.get(user=sold.ada)
    for number in range(30):
        SavedView.objects.create(membership=mine, list_name="customers", name=f"{number}")

    answer = ada.post(
        reverse("tenants:save-view", args=["customers"]),
        {"name": "One more", "query": "", "back": CUSTOMERS},
        follow=True,
    )

    assert "You have 30 views of this list. Delete one before you save another." in text(answer)


def test_a_list_that_cannot_be_is_not_there(ada: Browser) -> None:
    save = reverse("tenants:save-view", args=["x" * 41])

    assert ada.post(save, {"name": "X", "query": "", "back": "/"}).status_code == 404
    assert ada.post(save, {"name": "X\r\nY", "query": "a\r\nb"}).status_code == 404


def test_a_way_back_leads_nowhere_else(ada: Browser) -> None:
    answer = ada.post(
        reverse("tenants:save-view", args=["customers"]),
        {"name": "X", "query": "q=a", "back": "https://elsewhere.example/"},
    )

    assert answer["Location"].startswith("/?view=")
