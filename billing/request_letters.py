"""The letter about a step of an order request. What it says is in templates/letters."""

from collections.abc import Sequence

from django.conf import settings

from csp_portal.shared.letters import absolute, compose

from .models import OrderRequestMessage


def send(message: OrderRequestMessage, *, to: Sequence[str]) -> None:
    """Mail the step to the other side's people, one mail each."""
    for address in to:
        compose(
            to=address,
            template="billing/order_request",
            language=settings.LANGUAGE_CODE,
            context={
                "message": message,
                "request": message.request,
                "url": absolute("billing:order-request", message.request.public_id),
            },
        ).send()
