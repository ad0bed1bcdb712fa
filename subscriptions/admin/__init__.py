from . import imports, models, open_keys

__all__ = ["imports", "models", "open_keys"]
