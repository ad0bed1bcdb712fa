import pytest

from tenants.domain.names import (
    DomainNotAllowed,
    NameNotAllowed,
    Problem,
    allowed_company_name,
    allowed_domain,
    split_person_name,
)


@pytest.mark.parametrize(
    "name",
    [
        "3M",
        "7-Eleven",
        "L'Oréal",
        "Müller & Söhne KG",
        "IV AG",
        "東京 Cloud",
        "Нева",
        "Ελλάς",
        "삼성 SDI",
        "شركة النور",
    ],
)
def test_ordinary_company_names_are_allowed(name: str) -> None:
    assert allowed_company_name(name) == name


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", Problem.EMPTY),
        ("   ", Problem.EMPTY),
        ("X", Problem.SINGLE_CHARACTER),
        ("X.", Problem.SINGLE_CHARACTER),
        ("—", Problem.SINGLE_CHARACTER),
        ("GmbH", Problem.LONE_LEGAL_FORM),
        ("ltd.", Problem.LONE_LEGAL_FORM),
        ("S.A.", Problem.LONE_LEGAL_FORM),
        ("GmbH & Co. KG", Problem.LONE_LEGAL_FORM),
        ("Sp. z o.o.", Problem.LONE_LEGAL_FORM),
        ("Con\u200btoso", Problem.INVISIBLE),  # zero-width space
        ("Contoso\u202egnp", Problem.INVISIBLE),  # right-to-left override
        ("Con\u00adtoso", Problem.INVISIBLE),  # soft hyphen
        ("\u3164\u3164", Problem.INVISIBLE),  # Hangul filler, blank
        ("Contoso\x00", Problem.INVISIBLE),
        ("C\u043entoso", Problem.MIXED_SCRIPTS),  # a Cyrillic o
        ("\u039dorthwind", Problem.MIXED_SCRIPTS),  # a Greek capital nu
        ("x" * 201, Problem.TOO_LONG),
    ],
)
def test_names_that_mislead_are_refused(name: str, problem: Problem) -> None:
    with pytest.raises(NameNotAllowed) as caught:
        allowed_company_name(name)

    assert caught.value.problem == problem


def test_names_are_kept_in_one_form() -> None:
    assert allowed_company_name(" Cont\n oso\tLtd ") == "Cont oso Ltd"
    assert allowed_company_name("\uff23ontoso") == "Contoso"  # a full-width C


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Contoso.COM", "contoso.com"),
        (" contoso.com. ", "contoso.com"),
        ("müller.example", "xn--mller-kva.example"),
        ("a.b.contoso.co.uk", "a.b.contoso.co.uk"),
    ],
)
def test_domains_are_kept_in_lower_case_ascii(typed: str, kept: str) -> None:
    assert allowed_domain(typed) == kept


@pytest.mark.parametrize(
    "typed",
    ["", "contoso", "https://contoso.com", "con toso.com", "-a.com", "a..com", "a.1", "a@b.com"],
)
def test_what_is_no_domain_is_refused(typed: str) -> None:
    with pytest.raises(DomainNotAllowed):
        allowed_domain(typed)


@pytest.mark.parametrize(
    "typed",
    ["x" * 64 + ".com", ".".join(["abc"] * 70)],
)
def test_too_long_for_a_domain_is_refused(typed: str) -> None:
    with pytest.raises(DomainNotAllowed):
        allowed_domain(typed)


def test_nobody_owns_a_domain_of_public_mailboxes() -> None:
    with pytest.raises(DomainNotAllowed) as caught:
        allowed_domain("gmail.com")

    assert caught.value.problem == Problem.PUBLIC_MAILBOXES


@pytest.mark.parametrize(
    ("typed", "names"),
    [("Ada Keller", ("Ada", "Keller")), ("Cher", ("Cher", "")), ("", ("", ""))],
)
def test_a_name_in_one_field_becomes_first_and_last(typed: str, names: tuple[str, str]) -> None:
    assert split_person_name(typed) == names
