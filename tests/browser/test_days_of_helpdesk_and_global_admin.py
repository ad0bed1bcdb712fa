"""Two days at Fabrikam in a real browser: Helen's at the helpdesk, Gita's in the house."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from relationships.services import agreements
from subscriptions.models import Subscription
from tenants.models import Membership
from tests import make
from tests.billing.selling import list_prices, sell
from tests.world import World, build_world

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., Page]
CSV = """\
Email,Name,Licence
omar@northwind.example,Omar Haddad,Business Premium
nobody,Nobody,
"""


@pytest.fixture
def world(transactional_db: None) -> World:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world, date(2026, 11, 1))
    sell(world, seats=2, on=date(2026, 11, 20))
    return world


def says(page: Page, text: str) -> None:
    expect(page.locator("body")).to_contain_text(text)


def test_helens_day(world: World, visit: Visit) -> None:
    page = visit("helen@fabrikam.example", password=make.PASSWORD)
    page.get_by_role("link", name="Customers").first.click()
    page.get_by_role("link", name="Northwind Traders").first.click()
    page.get_by_role("link", name="Users", exact=True).click()

    # a new colleague of theirs, with a licence
    page.get_by_role("link", name="Add user").first.click()
    page.fill("input[name=name]", "Lena Vogel")
    page.fill("input[name=email]", "lena@northwind.example")
    expect(page.locator("input[name=roles]")).to_have_count(0)
    page.get_by_role("button", name="Add user").click()
    says(page, "Lena Vogel was added and gets a letter")
    page.get_by_label("Business Premium").check()
    page.get_by_role("button", name="Save licences").click()
    says(page, "Licences: 1 assigned, 0 taken back.")

    # Lena follows the link of her letter
    (link,) = re.findall(r"https?://\S+/reset/key/\S+", str(mail.outbox[0].body))
    lena = visit()
    lena.goto(link)
    for field in ("password1", "password2"):
        lena.fill(f"input[name={field}]", "a-good-long-passphrase")
    lena.locator("main button[type=submit]").first.click()
    lena.wait_for_load_state()
    signed_in = visit("lena@northwind.example", password="a-good-long-passphrase")
    signed_in.goto("/my-licences/")
    says(signed_in, "Business Premium")

    # Mia forgot her password; Carl's is none of Helen's business
    users = f"/customers/{world.northwind.public_id}/users/"
    page.goto(users)
    page.get_by_role("link", name="Mia Sato").click()
    page.get_by_role("button", name="Send a link").click()
    says(page, "Mia Sato gets a letter")
    page.goto(users)
    page.get_by_role("link", name="Carl Novak").click()
    says(page, "This is an admin")
    expect(page.get_by_role("button", name="Send a link")).to_have_count(0)

    # two more from a file: one good row, one bad
    page.goto(users + "import/")
    file = {"name": "users.csv", "mimeType": "text/csv", "buffer": CSV.encode()}
    page.set_input_files("input[type=file]", files=[file])
    page.get_by_role("button", name="Check the file").click()
    says(page, "This is no e-mail address.")
    page.get_by_role("button", name="Import the good rows").click()
    says(page, "1 user was added")
    assert Subscription.objects.get().assigned_seats == 2

    # all seats are taken now, for several at once too
    page.goto(users)
    page.get_by_label("Select Mia Sato").check()
    page.get_by_role("button", name="Assign", exact=True).click()
    says(page, "All 2 seats of Business Premium are assigned.")

    # the customer reads all of it
    carl = visit("carl@northwind.example", password=make.PASSWORD)
    carl.goto("/partner/")
    carl.get_by_role("link", name="What your partner did").click()
    for what in (
        "added Lena Vogel as Member",
        "assigned Business Premium to Lena Vogel",
        "sent Mia Sato a link to set a new password",
    ):
        says(carl, what)
    says(carl, "Helen Marsh")


def test_gitas_day(world: World, visit: Visit) -> None:
    page = visit("gita@fabrikam.example", password=make.PASSWORD)
    expect(page.get_by_role("link", name="Customers")).to_have_count(0)

    # somebody new, and somebody who leaves
    page.get_by_role("link", name="People").first.click()
    page.get_by_role("link", name="Add a person").click()
    page.fill("input[name=name]", "Petra Lang")
    page.fill("input[name=email]", "petra@fabrikam.example")
    page.get_by_label("Sales agent").check()
    page.get_by_role("button", name="Add the person").click()
    says(page, "Petra Lang was added")
    sam = visit("sam@fabrikam.example", password=make.PASSWORD)
    page.get_by_role("link", name="Sam Okafor").click()
    page.locator("summary", has_text="Disable").click()
    page.get_by_role("button", name="Disable", exact=True).click()
    says(page, "Sam Okafor is disabled")
    sam.goto("/customers/")
    assert "/accounts/inactive/" in sam.url
    page.get_by_role("button", name="Restore").click()
    says(page, "Sam Okafor is back")

    # she cannot lock everybody out
    gita = Membership.objects.get(user=world.gita)
    page.goto(f"/people/{gita.public_id}/")
    page.locator("summary", has_text="Disable").click()
    page.get_by_role("button", name="Disable", exact=True).click()
    says(page, "Name another admin first.")

    # notice, second thoughts, and an agreement that ends all the same
    page.get_by_role("link", name="Agreement").first.click()
    says(page, "31 Aug 2027")
    page.locator("summary", has_text="Give notice").click()
    page.locator("details button[type=submit]").click()
    says(page, "Until the agreement ends you can withdraw it.")
    page.get_by_role("button", name="Withdraw the notice").click()
    says(page, "Your notice is withdrawn.")
    agreements.give_notice(partner=world.fabrikam, act=world.act(world.gita, date(2026, 8, 1)))
    page.reload()
    says(page, "No agreement in force")
    ada = visit("ada@fabrikam.example", password=make.PASSWORD)
    ada.goto(f"/customers/{world.northwind.public_id}/order/")
    says(ada, "ended on 31 Aug 2026, so nothing new can be sold.")
    page.get_by_role("button", name="Sign the agreement").click()
    says(page, "in force from today")
    ada.reload()
    expect(ada.locator("body")).not_to_contain_text("nothing new can be sold")
