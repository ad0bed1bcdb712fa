from . import ledger, price_lists

__all__ = ["ledger", "price_lists"]
