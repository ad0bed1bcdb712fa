from . import closing, price_lists, transfers

__all__ = ["closing", "price_lists", "transfers"]
