"""Several quotes as one page shows them: each with its arithmetic, and what all cost now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tenants.models import Tenant

from ..models import Quote
from .quote_summary import ZERO, QuoteSummary, summary_of


@dataclass(frozen=True, slots=True)
class Basket:
    """`lines` are the quotes with their summaries; the currency is the customer's."""

    lines: list[tuple[Quote, QuoteSummary]]
    currency: str
    now: Decimal
    invoice_on: date | None
    expires_at: datetime | None
    is_expired: bool
    is_ordered: bool

    @property
    def partner(self) -> str:
        """The partner that will be partner of record."""
        for quote, _summary in self.lines:
            if quote.recommended:
                return quote.recommended.recommendation.partner.tenant.name
        return ""


def basket_of(quotes: Sequence[Quote], *, organisation: Tenant, at: datetime) -> Basket:
    lines = [(quote, summary_of(quote, organisation=organisation)) for quote in quotes]
    expires_at = min((quote.expires_at for quote in quotes), default=None)
    return Basket(
        lines=lines,
        currency=organisation.currency,
        now=sum((summary.charged for _quote, summary in lines), ZERO),
        invoice_on=lines[0][1].invoice_on if lines else None,
        expires_at=expires_at,
        is_expired=expires_at is None or at >= expires_at,
        is_ordered=any(hasattr(quote, "order") for quote in quotes),
    )
