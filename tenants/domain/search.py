"""
How names are compared in a search: by the beginnings of words, whatever case and accents.

The database has the same rule as the function `tenants_words` (see the migrations), so that
an index can answer.
"""

import re
import unicodedata

_ACCENTS = re.compile("[\u0300-\u036f]")
_BETWEEN_WORDS = re.compile(r"[\s!-/:-@\[-`{-~]+")
# Letters that are not a letter with an accent to Unicode, and still are to whoever types.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "\u0131": "i", "ß": "ss", "æ": "ae", "œ": "oe"}
)


def words(text: str) -> list[str]:
    """
    Return the words of `text` as they are compared.

    >>> words("Møller-Werke KÖLN (moeller.example)")
    ['moller', 'werke', 'koln', 'moeller', 'example']
    """
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    # letter by letter: whole words would give a Greek sigma its final form
    lower = "".join(letter.lower() for letter in bare).translate(_LETTERS)
    return [word for word in _BETWEEN_WORDS.split(lower) if word]


def prefix_query(text: str) -> str:
    """
    Return the PostgreSQL text query that finds all words of `text` as beginnings; "" for none.

    >>> prefix_query("Köln mö")
    "'koln':* & 'mo':*"
    """
    return " & ".join(f"'{word}':*" for word in words(text))
