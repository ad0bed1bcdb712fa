from . import closing, price_lists

__all__ = ["closing", "price_lists"]
