"""Tags: a partner's own words for its customers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from relationships.models import CustomerTag
from relationships.services import tags
from tests import make
from tests.world import World, build_world


@pytest.fixture
def related(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    return world


def add(world: World, word: str) -> CustomerTag:
    return tags.add_tag(
        partner=world.fabrikam, customer=world.northwind, word=word, act=world.act()
    )


def test_a_word_is_a_tag_once_whatever_its_case(related: World) -> None:
    add(related, "  Key   account ")

    with pytest.raises(tags.AlreadyTagged, match="Has the tag “KEY ACCOUNT” already"):
        add(related, "KEY ACCOUNT")
    assert [tag.word for tag in CustomerTag.objects.all()] == ["Key account"]


def test_a_customer_has_at_most_twenty(related: World) -> None:
    for number in range(20):
        add(related, f"Tag {number}")

    with pytest.raises(tags.TooManyTags, match="Has 20 tags"):
        add(related, "One more")


def test_removing_ignores_case_and_says_when_there_is_nothing(related: World) -> None:
    add(related, "School")
    act = related.act()

    tags.remove_tag(partner=related.fabrikam, customer=related.northwind, word="SCHOOL", act=act)

    assert not CustomerTag.objects.exists()
    with pytest.raises(tags.NotTagged, match="Does not have the tag “School”"):
        tags.remove_tag(
            partner=related.fabrikam, customer=related.northwind, word="School", act=act
        )


@pytest.mark.parametrize("word", [" x", "x ", ""])
def test_the_database_refuses_what_is_no_word(related: World, word: str) -> None:
    with pytest.raises(IntegrityError, match="relationships_tag_is_a_word"), transaction.atomic():
        CustomerTag.objects.create(partner=related.fabrikam, customer=related.northwind, word=word)


def test_the_page_of_a_customer_adds_and_removes_and_says_why_not(related, sign_in) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    browser = sign_in(related.ada)
    path = reverse("relationships:customer-tags", args=[related.northwind.public_id])
    page = reverse("home:customer", args=[related.northwind.public_id])

    assert (
        "Tagged “School”." in browser.post(path, {"word": "School"}, follow=True).content.decode()
    )
    again = browser.post(path, {"word": "school"}, follow=True).content.decode()
    assert "Has the tag “school” already." in again
    assert "School" in browser.get(page).content.decode()
    gone = browser.post(path, {"remove": "School"}, follow=True).content.decode()
    assert "The tag “School” is removed." in gone


def test_nobody_else_sees_them(related, sign_in) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    add(related, "Slow payer")

    carl = sign_in(related.carl)
    for path in (reverse("home:home"), reverse("tenants:activity")):
        assert "Slow payer" not in carl.get(path).content.decode()
    helen = sign_in(related.helen)
    path = reverse("relationships:customer-tags", args=[related.northwind.public_id])
    assert helen.post(path, {"word": "x"}).status_code == 403


def tag_at_once(world: World, add_one) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001
    """Let eight people add a tag each to a customer that has 19; return how many there are."""
    for number in range(19):
        add(world, f"Tag {number}")
    barrier = threading.Barrier(8)

    def one(number: int) -> None:
        try:
            barrier.wait()
            add_one(number)
        except tags.TagRefused:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    return CustomerTag.objects.count()


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_never_make_more_than_twenty() -> None:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)

    assert tag_at_once(world, lambda number: add(world, f"At once {number}")) == 20


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_there_would_be_more() -> None:
    world = build_world()
    make.relationship(world.fabrikam, world.northwind)
    both_counted = threading.Barrier(8)

    def unlocked(number: int) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM relationships_customertag")
            (count,) = cursor.fetchone()
            both_counted.wait()
            if count < 20:
                add(world, f"At once {number}")

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE relationships_customertag DISABLE TRIGGER USER")
    try:
        assert tag_at_once(world, unlocked) == 27
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE relationships_customertag ENABLE TRIGGER USER")
