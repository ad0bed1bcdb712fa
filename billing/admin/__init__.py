from . import price_lists

__all__ = ["price_lists"]
