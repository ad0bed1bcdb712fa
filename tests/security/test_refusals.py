"""
Every refusal says why and what to do: `refusals.csv` lists each with its words.

A line names an exception of the services, words of what a person is told (on a page, in
the admin or by a command), the file that says them, and a test that meets the refusal. A
new exception fails here until it has a line. One that never reaches a person says why.
"""

import csv
import importlib
import pkgutil
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
APPS = ("tenants", "relationships", "subscriptions", "billing")
LAYERS = ("services", "queries", "domain")
COMPOSED = ("csp_portal.home", "csp_portal.shared", "csp_portal.scale")
LISTED = Path(__file__).with_name("refusals.csv")


def _modules(package: ModuleType) -> list[ModuleType]:
    names = [m.name for m in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names]


def refusals() -> set[str]:
    """Return the exceptions that services, queries and domains define, and what composes them."""
    packages = [
        *(f"{app}.{layer}" for app in APPS for layer in LAYERS if (ROOT / app / layer).is_dir()),
        *COMPOSED,
    ]
    return {
        f"{module.__name__}.{found.__name__}"
        for package in packages
        for module in _modules(importlib.import_module(package))
        for found in vars(module).values()
        if isinstance(found, type)
        and issubclass(found, Exception)
        and found.__module__ == module.__name__
    }


def listed() -> list[dict[str, str]]:
    with LISTED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


SHOWN = [line for line in listed() if not line["never_shown_because"]]
by_name = pytest.mark.parametrize("line", SHOWN, ids=lambda line: line["refusal"])


def test_every_refusal_is_listed_once() -> None:
    assert sorted(line["refusal"] for line in listed()) == sorted(refusals())


@by_name
def test_its_words_are_where_the_list_says(line: dict[str, str]) -> None:
    assert len(line["words"]) >= len("lifted before")
    assert line["words"] in _text(line["said_in"])


@by_name
def test_a_test_meets_it(line: dict[str, str]) -> None:
    met_in = _text(line["tested_by"])
    name = line["refusal"].rpartition(".")[2]

    assert name in met_in or any(part in met_in for part in _parts(line["words"]))


def _text(path: str) -> str:
    """Return a file with its adjacent literals joined, as Python joins them."""
    return re.sub(r"\"\s*\n\s*f?\"", "", (ROOT / path).read_text(encoding="utf-8"))


def _parts(words: str) -> list[str]:
    """Return the words and their clauses, without those too short to tell anything."""
    clauses = re.split(r"[.:;,] |“%s”", words)
    return [words, *(part for part in clauses if len(part.split()) >= len("why and what".split()))]
