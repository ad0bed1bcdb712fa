"""How long a buyer has to pay."""

from datetime import date, timedelta

TERMS_OF_PAYMENT = timedelta(days=30)


def due_on(issued_on: date) -> date:
    return issued_on + TERMS_OF_PAYMENT
