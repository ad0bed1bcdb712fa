from . import ledger, price_lists, support

__all__ = ["ledger", "price_lists", "support"]
