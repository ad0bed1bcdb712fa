"""performance.md: no page takes more than twelve queries, those of the sign-in left out."""

import pytest
from django.urls import reverse

from tests import make
from tests.world import World

from .reading import SignIn, queries

MOST = 12


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("ada", "home:home"),
        ("ada", "home:customers"),
        ("ada", "home:customer"),
        ("ada", "home:customer-subscriptions"),
        ("ada", "home:customer-activity"),
        ("helen", "home:home"),
        ("gita", "home:home"),
        ("carl", "home:home"),
        ("carl", "home:my-subscriptions"),
        ("carl", "home:my-orders"),
        ("mia", "home:home"),
    ],
)
def test_a_page_takes_at_most_twelve_queries(
    billed: World, sign_in: SignIn, who: str, page: str
) -> None:
    make.other_channel(billed.northwind, "direct", "Office Suite E3")
    of_customer = page.startswith("home:customer") and page != "home:customers"
    path = reverse(page, args=[billed.northwind.public_id] if of_customer else [])

    # a partner's start page asks for its standing, order requests and what is paid twice, too
    more = 0
    assert queries(sign_in(getattr(billed, who)), path) <= MOST + more
