"""What an organisation may be called, and which domain it may have. Plain Python."""

import re
import unicodedata
from enum import StrEnum


class Problem(StrEnum):
    """Why a name or a domain is not allowed."""

    EMPTY = "empty"
    TOO_LONG = "too long"
    INVISIBLE = "invisible characters"
    SINGLE_CHARACTER = "a single character"
    LONE_LEGAL_FORM = "a legal form and nothing else"
    MIXED_SCRIPTS = "letters of several scripts"
    NOT_A_DOMAIN = "not a domain name"
    PUBLIC_MAILBOXES = "a provider of public mailboxes"


class NameNotAllowed(ValueError):
    """An organisation cannot be called this; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


class DomainNotAllowed(ValueError):
    """Not a domain an organisation can have; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


LONGEST_NAME = 200

LEGAL_FORMS = frozenset(
    """
    ab ag aktiengesellschaft ans aps as asa bhd bv bvba co company corp corporation cv doo ead
    eg ei eirl ek eood eurl ev gbr gesellschaft gmbh gmbhco hf inc incorporated jsc kda kft kg
    kgaa ky lda limitada limited llc llp lp ltd ltda mbh nv oao ohg ood ooo oy oyj plc private
    pt pte pty pvt sa sapa sarl sas sc sca scs se sicav sl slu snc spa spzoo srl sro sti tov ug
    und and unlimited vof zrt
    """.split()
)

# Scripts that are written together in one word (Unicode UTS 39, "highly restrictive").
WRITTEN_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
)
# Blank, though Unicode does not call them spaces or format characters.
BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})

PUBLIC_MAILBOXES = frozenset(
    """
    aol.com fastmail.com freenet.de gmail.com gmx.at gmx.ch gmx.de gmx.net googlemail.com
    hotmail.com hotmail.de icloud.com live.com mac.com mail.com mail.ru mailbox.org me.com
    msn.com outlook.com outlook.de posteo.de proton.me protonmail.com qq.com t-online.de web.de
    yahoo.co.uk yahoo.com yahoo.de yandex.ru zoho.com
    """.split()
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:xn--[a-z0-9-]{{1,59}}|[a-z]{{2,63}})")
LONGEST_DOMAIN = 253


def allowed_company_name(text: str) -> str:
    """
    Return the name in the form it is kept: Unicode NFKC, single spaces.

    Source: the programme's company-name rules: "no single character, no lone legal form,
    no invisible or mixed scripts".

    :raises NameNotAllowed: if a rule forbids it

    >>> allowed_company_name("  Northwind   Traders ")
    'Northwind Traders'
    """
    if any(_is_invisible(character) for character in text):
        raise NameNotAllowed(Problem.INVISIBLE)
    name = " ".join(unicodedata.normalize("NFKC", text).split())
    if not name:
        raise NameNotAllowed(Problem.EMPTY)
    if len(name) > LONGEST_NAME:
        raise NameNotAllowed(Problem.TOO_LONG)
    if sum(character.isalnum() for character in name) <= 1:
        raise NameNotAllowed(Problem.SINGLE_CHARACTER)
    if _is_lone_legal_form(name):
        raise NameNotAllowed(Problem.LONE_LEGAL_FORM)
    if _mixes_scripts(name):
        raise NameNotAllowed(Problem.MIXED_SCRIPTS)
    return name


def allowed_domain(text: str) -> str:
    """
    Return the domain in lower case and ASCII.

    :raises DomainNotAllowed: if it is no domain name, or one where everybody has a mailbox

    >>> allowed_domain(" Müller.example ")
    'xn--mller-kva.example'
    """
    name = text.strip().rstrip(".").lower()
    try:
        name = name.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise DomainNotAllowed(Problem.NOT_A_DOMAIN) from error
    if len(name) > LONGEST_DOMAIN or not _DOMAIN.fullmatch(name):
        raise DomainNotAllowed(Problem.NOT_A_DOMAIN)
    if name in PUBLIC_MAILBOXES:
        raise DomainNotAllowed(Problem.PUBLIC_MAILBOXES)
    return name


def domain_of(email: str) -> str:
    """Return what follows the @, in lower case."""
    return email.rpartition("@")[2].lower()


def split_person_name(text: str) -> tuple[str, str]:
    """
    Return first names and last name of a name typed in one field.

    >>> split_person_name("Maria da Silva Santos")
    ('Maria da Silva', 'Santos')
    """
    first, _, last = " ".join(text.split()).rpartition(" ")
    return (first, last) if first else (last, "")


def _is_invisible(character: str) -> bool:
    if character in "\t\n\r":  # whitespace people paste; it becomes one space
        return False
    return unicodedata.category(character) in INVISIBLE_CATEGORIES or character in BLANK_LETTERS


def _is_lone_legal_form(name: str) -> bool:
    """Say whether every word of it is a legal form: "GmbH & Co. KG" is no name."""
    bare = name.casefold().replace(".", "").replace("/", "")
    words = re.findall(r"\w+", bare)
    return all(word in LEGAL_FORMS for word in words) or "".join(words) in LEGAL_FORMS


def _mixes_scripts(name: str) -> bool:
    scripts = {_script(character) for character in name if character.isalpha()}
    scripts.discard("")
    return len(scripts) > 1 and not any(scripts <= together for together in WRITTEN_TOGETHER)


def _script(letter: str) -> str:
    """Return the letter's script: the first word of its Unicode name, "" for common letters."""
    word = unicodedata.name(letter, "").partition(" ")[0].partition("-")[0]
    return "" if word in {"MODIFIER", "FEMININE", "MASCULINE"} else word
