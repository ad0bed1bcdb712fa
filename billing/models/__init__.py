from .charges import Charge, LockedPrice
from .conversions import TrialConversion
from .invoices import Invoice, MonthClose, NumberSeries
from .order_requests import OrderRequest, OrderRequestMessage
from .orders import Order, OrderLine, Quote
from .price_lists import Price, PriceList
from .recommendations import Recommendation, RecommendedItem

__all__ = [
    "Charge",
    "Invoice",
    "LockedPrice",
    "MonthClose",
    "NumberSeries",
    "Order",
    "OrderLine",
    "OrderRequest",
    "OrderRequestMessage",
    "Price",
    "PriceList",
    "Quote",
    "Recommendation",
    "RecommendedItem",
    "TrialConversion",
]
