from . import closing, notices, price_lists, transfers

__all__ = ["closing", "notices", "price_lists", "transfers"]
