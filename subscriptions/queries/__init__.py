from .subscriptions import history_of, subscriptions_of, term_on, with_terms

__all__ = ["history_of", "subscriptions_of", "term_on", "with_terms"]
