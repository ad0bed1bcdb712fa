"""An address never outlives the membership it was made for, whatever happens at once."""

import time
from collections.abc import Callable

import pytest

from tenants.models import CalendarFeed, Membership, User
from tenants.roles import Action, Role
from tenants.services import calendar_feeds, people
from tests import make
from tests.conftest import Browser
from tests.races import in_threads
from tests.world import World, build_world

ROUNDS = 10


@pytest.fixture
def many(transactional_db: None) -> tuple[World, list[Membership]]:
    """Ten Sales agents of Fabrikam."""
    world = build_world()
    tenant = world.fabrikam.tenant
    sellers = [make.member(f"s{n}", tenant, Role.SALES_AGENT) for n in range(ROUNDS)]
    return world, [seller.memberships.get() for seller in sellers]


def make_and_disable(world: World, members: list[Membership]) -> dict[str, int]:
    """Let half of the threads make an address for each, and the others disable them."""

    def attempt(thread: int, n: int) -> None:
        if thread % 2:
            people.disable_member(membership=members[n], act=world.act(world.gita))
        else:
            calendar_feeds.make_feed(
                membership=members[n],
                needs=Action.SEE_CUSTOMERS,
                act=world.act(members[n].user),
            )

    return in_threads(ROUNDS, attempt)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_none_is_left_of_somebody_disabled_at_the_same_moment(
    many: tuple[World, list[Membership]],
) -> None:
    outcomes = make_and_disable(*many)

    assert set(outcomes) <= {"done", "MembershipChanged", "IsDisabled"}
    assert not CalendarFeed.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_one_is_left(
    many: tuple[World, list[Membership]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(membership: Membership) -> Membership | None:
        found = Membership.objects.select_related("tenant__partner").get(pk=membership.pk)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(calendar_feeds, "_locked", unlocked)

    make_and_disable(*many)

    assert CalendarFeed.objects.exists()


@pytest.mark.parametrize("change", ["disabled", "removed", "another role"])
def test_one_who_may_no_longer_see_customers_makes_none(world: World, change: str) -> None:
    sams = Membership.objects.get(user=world.sam)
    gita = world.act(world.gita)
    if change == "disabled":
        people.disable_member(membership=sams, act=gita)
    elif change == "removed":
        people.remove_member(membership=Membership.objects.get(pk=sams.pk), act=gita)
    else:
        people.change_roles(membership=sams, roles=[Role.BILLING_ADMIN], act=gita)

    with pytest.raises(calendar_feeds.MembershipChanged, match="so no address was made"):
        calendar_feeds.make_feed(
            membership=sams, needs=Action.SEE_CUSTOMERS, act=world.act(world.sam)
        )
    assert not CalendarFeed.objects.exists()


def test_the_page_says_so(
    world: World, sign_in: Callable[[User], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The role is lost between the page's own look at it and the lock."""
    monkeypatch.setattr(calendar_feeds, "_locked", lambda _membership: None)

    answer = sign_in(world.ada).post("/renewals/calendar/make/", follow=True)

    assert answer.redirect_chain == [("/", 302)]
    assert "Your roles here have just changed" in answer.content.decode()
