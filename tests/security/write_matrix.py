"""
Write matrix.csv anew from what the portal answers, to be reviewed as a diff.

    python3 manage.py test tests/security/write_matrix.py
"""

import csv
from typing import Any

from django.test import Client

from .test_matrix import (
    MATRIX,
    OBJECTS,
    PATTERNS,
    PEOPLE,
    Places,
    answer,
    people,
    places,
    rolled_back,
)

__all__ = ["people", "places"]


def test_write(places: Places, people: dict[str, Client]) -> None:
    with MATRIX.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["url", "method", "object", *PEOPLE])
        for name in sorted(PATTERNS):
            has_object = any(argument != "file_format" for argument in PATTERNS[name])
            for method in ("GET", "POST"):
                for variant in OBJECTS if has_object else ("own",):
                    url = places.url(name, variant)
                    codes: list[Any] = []
                    for person in PEOPLE:
                        with rolled_back():
                            codes.append(answer(people[person], method, url)[0])
                    writer.writerow([name, method, variant, *codes])
