from . import imports, models

__all__ = ["imports", "models"]
