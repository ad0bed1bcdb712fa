from .subscriptions import history_of, subscriptions_of, term_on

__all__ = ["history_of", "subscriptions_of", "term_on"]
