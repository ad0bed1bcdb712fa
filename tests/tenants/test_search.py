"""Tenants are found by the beginnings of words, in Python and in the database alike."""

import pytest
from django.db import connection

from tenants.domain.search import prefix_query, words
from tenants.models import Tenant
from tests import make

NAMES = [
    "Northwind Traders",
    "Köln-Mülheimer Straßenbau GmbH & Co. KG",
    "Møller / Łódź Æther (Œuvre)",
    "\u03a3\u0391\u03a3 \u0391.\u0395.",  # a Greek name that ends with a sigma
    "Ελλάδα Παναγιώτης",
    "東京 商事",
    "O'Neil's 3M_Plus",
    "  spaces   everywhere  ",
    "\u0130stanbul \u0131l\u0131k",  # with and without dots
    "\ufb01nance",  # an fi in one letter
]


@pytest.mark.parametrize("name", NAMES)
def test_the_database_reads_the_words_that_python_reads(db: None, name: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tsvector_to_array(tenants_words(%s, %s))", [name, "north-wind.example"]
        )
        found = cursor.fetchone()[0]

    assert sorted(found) == sorted({*words(name), "north", "wind", "example"})


@pytest.mark.parametrize(
    ("typed", "finds"),
    [
        ("koln", True),
        ("KÖL strass", True),
        ("strasse bau", False),
        ("bau", False),
        ("ruhr-werk.ex", True),
        ("köln hamburg", False),
        ("", False),
        ("'", False),
        ("\\", False),
        ("koln:*|x", False),
    ],
)
def test_every_typed_word_must_begin_one(db: None, typed: str, finds: bool) -> None:
    tenant = make.tenant("Köln Straßenbau", domain="ruhr-werk.example")

    assert list(Tenant.objects.matching(typed)) == [tenant] * finds


def test_a_query_is_made_of_quoted_beginnings() -> None:
    assert prefix_query("Köln: O'Neil & (x)") == "'koln':* & 'o':* & 'neil':* & 'x':*"


def test_the_index_of_words_answers(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert "tenants_by_words" in Tenant.objects.matching("nor").order_by().explain()
