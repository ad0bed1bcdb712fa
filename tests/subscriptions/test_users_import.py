"""Users from a CSV file: good rows are made, bad ones reported by their line."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from csp_portal.shared.csvfiles import CsvRefused
from subscriptions.models import Subscription
from subscriptions.queries.licences import assignable
from subscriptions.services.import_users import UsersImport, import_users
from tenants.models import Membership, User
from tests import make
from tests.billing.selling import list_prices, sell
from tests.world import World

SignIn = Callable[[User], Client]

FILE = """\
Email,Name,Roles,Licence
lena@northwind.example,Lena Vogel,,Business Premium
omar@northwind.example,Omar Haddad,Billing reader; Member,
not an address,Nobody,,
mia@northwind.example,Mia Sato,,
eve@elsewhere.example,Eve,,
ivo@northwind.example,Ivo Petrov,Wizard,
kim@northwind.example,,,
una@northwind.example,Una Berg,,Office Suite E3
too,many,cells,in,this
ben@northwind.example,Ben Ode,,business premium
zoe@northwind.example,Zoe Lind,,Business Premium
"""
PROBLEMS = {
    4: "This is no e-mail address.",
    5: "This person is in the organisation already. If disabled, restore them instead.",
    6: "Use an address of the organisation's own domain: northwind.example.",
    7: "“Wizard” is no role here. Write Billing reader, Member, Tenant admin, separated by "
    "semicolons.",
    8: "The name is missing.",
    9: "There is no subscription “Office Suite E3” whose licences you can assign.",
    10: "Number of cells: 5; the header has 4.",
    12: "All 2 seats of Business Premium are assigned. Unassign one, or add seats first.",
}


@pytest.fixture
def premium(world: World) -> Subscription:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    return sell(world, seats=2)


def imported(world: World, text: str = FILE, **options: Any) -> UsersImport:
    return import_users(
        tenant=world.northwind,
        file=io.BytesIO(text.encode()),
        assignable=assignable(tenant=world.northwind, seller=world.fabrikam),
        **{"may_set_roles": True, "act": world.act(), **options},
    )


@pytest.mark.usefixtures("premium")
def test_good_rows_are_made_and_bad_ones_reported(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    make.other_channel(world.northwind, "direct", "Office Suite E3")

    with django_capture_on_commit_callbacks(execute=True):
        report = imported(world)

    assert (report.good, report.bad) == (3, 8)
    assert {row.line: row.problem for row in report.rows if row.problem} == PROBLEMS
    made = Membership.objects.filter(
        user__email__in=[
            "lena@northwind.example",
            "omar@northwind.example",
            "ben@northwind.example",
        ]
    ).order_by("user__email")
    assert [(m.user.get_full_name(), m.role_names, m.licences.count()) for m in made] == [
        ("Ben Ode", "Member", 1),
        ("Lena Vogel", "Member", 1),
        ("Omar Haddad", "Billing reader, Member", 0),
    ]
    # nobody was half made: a row whose licence was refused left no person either
    assert not User.objects.filter(email__startswith="zoe@").exists()
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "ben@northwind.example",
        "lena@northwind.example",
        "omar@northwind.example",
    ]


@pytest.mark.usefixtures("premium")
def test_a_preview_says_the_same_and_does_nothing(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    make.other_channel(world.northwind, "direct", "Office Suite E3")
    people = User.objects.count()

    with django_capture_on_commit_callbacks(execute=True):
        preview = imported(world, is_dry_run=True)

    assert {row.line: row.problem for row in preview.rows if row.problem} == PROBLEMS
    assert User.objects.count() == people
    assert mail.outbox == []


@pytest.mark.usefixtures("premium")
def test_who_may_not_set_roles_adds_members_only(world: World) -> None:
    text = "Email,Name,Roles\na@northwind.example,A B,Tenant admin\nc@northwind.example,C D,\n"

    report = imported(world, text, may_set_roles=False)

    assert [(row.line, row.problem) for row in report.rows] == [
        (2, "You may add Members only. Leave the roles empty."),
        (3, ""),
    ]


@pytest.mark.usefixtures("premium")
def test_a_hundred_rows_and_no_more(world: World) -> None:
    rows = "".join(f"u{n}@northwind.example,User {n}\n" for n in range(101))

    report = imported(world, "Email,Name\n" + rows)

    assert (report.good, report.bad) == (100, 1)
    assert report.rows[-1].problem == "More than 100 rows."


@pytest.mark.usefixtures("premium")
@pytest.mark.parametrize("text", ["", "Email\n", "Mail,Name\nx@y.example,X\n"])
def test_what_is_no_such_file_is_refused(world: World, text: str) -> None:
    with pytest.raises(CsvRefused):
        imported(world, text)


@pytest.mark.usefixtures("premium")
def test_the_page_shows_the_preview_then_the_report(world: World, sign_in: SignIn) -> None:
    path = reverse("subscriptions:users-import", args=[world.northwind.public_id])
    helen = sign_in(world.helen)
    assert "at most 100 users" in helen.get(path).text
    text = "Email,Name\nlena@northwind.example,Lena Vogel\nnot an address,Nobody\n"

    preview = helen.post(path, {"file": SimpleUploadedFile("users.csv", text.encode())})
    assert "would be added" in preview.text
    assert "This is no e-mail address." in preview.text
    assert not User.objects.filter(email="lena@northwind.example").exists()

    report = helen.post(path, {"text": text})
    assert "1 user was added" in report.text
    assert "1 row was left out" in report.text
    assert User.objects.filter(email="lena@northwind.example").exists()

    bad = helen.post(path, {"file": SimpleUploadedFile("users.csv", b"Mail\nx\n")})
    assert "This file cannot be read" in bad.text
    assert "The header has no such column." in bad.text


@pytest.mark.parametrize(
    ("who", "code"), [("ada", 200), ("sam", 403), ("gita", 403), ("nora", 404), ("carl", 403)]
)
@pytest.mark.usefixtures("premium")
def test_who_may_import(world: World, sign_in: SignIn, who: str, code: int) -> None:
    path = reverse("subscriptions:users-import", args=[world.northwind.public_id])

    assert sign_in(getattr(world, who)).get(path).status_code == code
