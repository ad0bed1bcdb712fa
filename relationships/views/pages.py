from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Page:
    """A template in `relationships/answer` and the status it is sent with."""

    template: str
    status: int


ANONYMOUS = Page("anonymous", 200)
