from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest

from csp_portal.shared.csvfiles import (
    BadRow,
    CsvRefused,
    Row,
    RowProblem,
    csv_lines,
    csv_text,
    read_csv,
)


def read(data: str | bytes, **limits: int) -> list[tuple[int, Row]]:
    raw = data.encode() if isinstance(data, str) else data
    return list(read_csv(BytesIO(raw), required=["Name", "Seats"], optional=["Note"], **limits))


def refusal(data: str | bytes, **limits: int) -> list[tuple[int, str, str]]:
    with pytest.raises(CsvRefused) as refused:
        read(data, **limits)
    return [(p.line, p.column, p.message) for p in refused.value.problems]


def test_rows_come_with_their_line_and_a_key_for_every_known_column() -> None:
    assert read("Name,Seats\nContoso,5\nNorthwind, 7 \n") == [
        (2, {"Name": "Contoso", "Seats": "5", "Note": ""}),
        (3, {"Name": "Northwind", "Seats": "7", "Note": ""}),
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfName,Seats\r\nContoso,5\r\n",
        b"Name,Seats\rContoso,5\r",
        b"Name,Seats\nContoso,5",
        b'"Name","Seats"\n"Contoso","5"\n',
        b" name , SEATS \n Contoso ,5\n",
        b"Seats,Name\n5,Contoso\n",
        b"Name,Seats\n\n,\nContoso,5\n\n",
    ],
    ids=["bom", "cr", "no end", "quoted", "case", "order", "blank lines"],
)
def test_harmless_differences_do_not_matter(data: bytes) -> None:
    assert [row for _, row in read(data)] == [{"Name": "Contoso", "Seats": "5", "Note": ""}]


def test_the_line_of_a_row_is_the_one_it_begins_on() -> None:
    rows = read('Name,Seats,Note\nContoso,5,"two\nlines"\nNorthwind,7,\n')

    assert [(line, row["Note"]) for line, row in rows] == [(2, "two\nlines"), (4, "")]


def test_unknown_columns_are_left_out_with_a_notice() -> None:
    rows = read_csv(BytesIO(b"Name,Colour\nContoso,red\n"), required=["Name"])

    assert rows.columns == {"Name"}
    assert rows.notices == ("Column “Colour” is not known and was left out.",)
    assert list(rows) == [(2, {"Name": "Contoso"})]


def test_a_format_can_be_recognised_by_its_header() -> None:
    rows = read_csv(BytesIO(b"Old\n1\n"), required=[], optional=["Old", "New"])

    with pytest.raises(CsvRefused) as refused:
        rows.require(["Old", "New"])

    assert refused.value.problems == [RowProblem(1, "New", "The header has no such column.")]


UTF16 = "The file is not UTF-8 but looks like UTF-16. Save it as “CSV UTF-8”."
CONTROL = "Contains NUL or another control character."


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        (b"", [(1, "", "The file is empty.")]),
        (b" \r\n\n", [(1, "", "The file is empty.")]),
        ("Name,Seats\nContoso,5\n".encode("utf-16"), [(1, "", UTF16)]),
        ("Name,Seats\nContoso,5\n".encode("utf-16-be"), [(1, "", UTF16)]),
        ("Name,Seats\nContoso,5\n".encode("utf-32"), [(1, "", UTF16)]),
        (
            "Name,Seats\nCafé,5\n".encode("latin-1"),
            [(2, "", "Byte 15 is not UTF-8. Save the file as “CSV UTF-8”.")],
        ),
        (
            b"Name,Seats\nContoso,5\n\xed\xa0\x80,5\n",  # a lone surrogate
            [(3, "", "Byte 22 is not UTF-8. Save the file as “CSV UTF-8”.")],
        ),
        (
            b"Name,Seats\n\xc0\xaf,5\n",  # an overlong slash
            [(2, "", "Byte 12 is not UTF-8. Save the file as “CSV UTF-8”.")],
        ),
        (
            b"Contoso,5\n",
            [
                (1, "Name", "The header has no such column."),
                (1, "Seats", "The header has no such column."),
            ],
        ),
        (
            b"Name;Seats\nContoso;5\n",
            [
                (1, "Name", "The header has no such column: separate the columns by commas."),
                (1, "Seats", "The header has no such column: separate the columns by commas."),
            ],
        ),
        (b"Name,Seats,Seats\nContoso,5,6\n", [(1, "Seats", "The header names this column twice.")]),
        (b"Name,Seats,name\nContoso,5,x\n", [(1, "name", "The header names this column twice.")]),
        (b"Name,Seats,\nContoso,5,x\n", [(1, "", "Column 3 has no name.")]),
        (
            b"Name,Seats," + b",".join(b"c%d" % n for n in range(31)) + b"\n",
            [(1, "", "The header has 33 columns; at most 32 are read.")],
        ),
        (b"Name,Seats\n", [(2, "", "The file has a header and no rows.")]),
        (b"Name,Seats\n,\n\n", [(2, "", "The file has a header and no rows.")]),
        (b"Name,Seats\nContoso\n", [(2, "", "Number of cells: 1; the header has 2.")]),
        (b"Name,Seats\nContoso,5,6\n", [(2, "", "Number of cells: 3; the header has 2.")]),
        (b"Name,Seats\nCon\x00toso,5\n", [(2, "Name", CONTROL)]),
        (b"Name,Seats\nContoso,5\x1b[2J\n", [(2, "Seats", CONTROL)]),
        (b"Name,Seats,x\x07\nContoso,5,\n", [(1, "", CONTROL)]),
        (b"Name,Seats\n" + b"x" * 1025 + b",5\n", [(2, "Name", "Longer than 1024 bytes.")]),
        (b"Name,Seats\n" + "é".encode() * 513 + b",5\n", [(2, "Name", "Longer than 1024 bytes.")]),
        (
            b"Name,Seats\n" + b"x" * 200_000 + b",5\n",
            [(2, "", "A field has no end: is a quotation mark missing?")],
        ),
        (
            b'Name,Seats\nContoso,5\n"Northwind,7\nFabrikam,8\n',
            [(3, "", "A quotation mark that is opened here is never closed.")],
        ),
        (b'Name,Seats\n"Con"toso,5\n', [(2, "", "Quotation marks do not match.")]),
        (
            b'"Name,Seats\nContoso,5\n',
            [(1, "", "A quotation mark that is opened here is never closed.")],
        ),
    ],
)
def test_a_hostile_file_is_refused_with_line_and_reason(
    data: bytes, problems: list[tuple[int, str, str]]
) -> None:
    assert refusal(data) == problems


def test_a_field_of_one_kilobyte_is_still_read() -> None:
    assert read(b"Name,Seats\n" + b"x" * 1024 + b",5\n")[0][1]["Name"] == "x" * 1024


def test_a_file_over_twenty_megabytes_is_refused() -> None:
    assert refusal(b"Name,Seats\n" + b"Contoso,5\n" * 2_000_000) == [
        (1, "", "The file is larger than 20 MB.")
    ]


def test_more_rows_than_allowed_are_refused_at_the_first_one_too_many() -> None:
    assert refusal("Name,Seats\na,1\nb,2\nc,3\n", max_rows=2) == [(4, "", "More than 2 rows.")]


def test_every_bad_row_is_reported_not_only_the_first() -> None:
    data = 'Name,Seats\nContoso\n"a"b,5\nNorthwind,7,8\nFabrikam,9\n'

    assert [line for line, _, _ in refusal(data)] == [2, 3, 4]


def test_faults_of_form_and_of_content_are_reported_together_in_order() -> None:
    def parse(_line: int, row: Row) -> int:
        if not row["Seats"].isdecimal():
            raise BadRow(("Seats", "Not a number."))
        return int(row["Seats"])

    rows = read_csv(BytesIO(b"Name,Seats\na,x\nb\nc,3\nd,y\n"), required=["Name", "Seats"])
    with pytest.raises(CsvRefused) as refused:
        rows.parse(parse)

    assert [str(problem) for problem in refused.value.problems] == [
        "line 2, Seats: Not a number.",
        "line 3: Number of cells: 1; the header has 2.",
        "line 5, Seats: Not a number.",
    ]


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(start: str) -> None:
    assert csv_text(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_an_export_neutralises_text_and_leaves_numbers_alone() -> None:
    rows = [["=1+1", -4, Decimal("-35.71"), date(2026, 11, 22), None]]

    lines = list(csv_lines(header=["Name", "Seats", "Amount", "Day", "Note"], rows=rows))

    assert b"".join(lines).decode("utf-8") == (
        "\ufeffName,Seats,Amount,Day,Note\r\n'=1+1,-4,-35.71,2026-11-22,\r\n"
    )


def test_an_export_can_be_read_again() -> None:
    lines = csv_lines(header=["Name", "Seats"], rows=[['Con"toso, Ltd', 5]])

    assert read(b"".join(lines)) == [(2, {"Name": 'Con"toso, Ltd', "Seats": "5", "Note": ""})]
