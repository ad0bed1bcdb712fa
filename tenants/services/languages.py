"""In which language letters to a person are written."""

from ..models import User


def remember_language(*, user: User, language: str) -> None:
    """Write letters to the person in the language they last signed in with."""
    if user.language != language:
        user.language = language
        user.save(update_fields=["language"])
