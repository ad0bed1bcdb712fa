from .subscriptions import history_of, in_families, subscriptions_of, term_on, with_terms

__all__ = ["history_of", "in_families", "subscriptions_of", "term_on", "with_terms"]
