"""Issued invoices are mailed once, with the document, to the buyer's people who may read them."""

import os
from datetime import date
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from billing.models import Invoice
from billing.services import closing, mailing
from tenants.models import Activity
from tests import make
from tests.world import World

from .selling import list_prices, sell

APRIL = date(2026, 4, 1)


@pytest.fixture
def billed(world: World) -> World:
    make.relationship(world.fabrikam, world.northwind)
    list_prices(world)
    sell(world, seats=60)
    closing.close_due(act=world.act(on=APRIL))
    return world


def test_the_buyers_readers_get_one_mail_with_the_document(billed: World) -> None:
    assert mailing.mail_invoices(act=billed.act(on=APRIL)) == 2

    # the vendor's to Ada and nobody else of Fabrikam; Fabrikam's to Carl and Bea, not to Mia
    assert sorted(tuple(letter.to) for letter in mail.outbox) == [
        ("ada@fabrikam.example",),
        ("bea@northwind.example", "carl@northwind.example"),
    ]
    letter = next(each for each in mail.outbox if len(each.to) == 2)
    assert letter.subject == "Invoice 2026-000001 from Fabrikam Cloud: €1,236.00"
    assert "Due on 1 May 2026." in letter.body
    [(name, content, kind)] = letter.attachments
    assert (name, content[:5], kind) == ("invoice-2026-000001.pdf", b"%PDF-", "application/pdf")


def test_it_is_mailed_once(billed: World) -> None:
    act = billed.act(on=APRIL)

    mailing.mail_invoices(act=act)

    assert mailing.mail_invoices(act=act) == 0
    assert len(mail.outbox) == 2
    assert not mailing.has_unmailed()


def test_the_buyer_reads_of_it_in_its_activity(billed: World) -> None:
    mailing.mail_invoices(act=billed.act(on=APRIL))

    told = Activity.objects.get(tenant=billed.northwind, action="invoice.issued")
    assert told.summary == ("Invoice 2026-000001 of Fabrikam Cloud over €1,236.00, mailed to 2")


def test_a_mail_server_that_is_down_loses_nothing(
    billed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    assert mailing.mail_invoices(act=billed.act(on=APRIL)) == 0
    assert Invoice.objects.filter(mailed_at=None).count() == 2
    monkeypatch.undo()

    assert mailing.mail_invoices(act=billed.act(on=APRIL)) == 2


def test_the_run_time_role_may_mark_them(billed: World) -> None:
    from django.db import connection  # noqa: PLC0415 -- for this test's role only

    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {os.environ.get('CSP_APP_ROLE', 'csp_app')}")
        assert mailing.mail_invoices(act=billed.act(on=APRIL)) == 2
        cursor.execute("RESET ROLE")
