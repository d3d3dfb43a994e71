"""Lists of projects, in every shape that people have them."""

from __future__ import annotations

import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharing.services import lists
from sharing.services.lists import Line

A, B = "a" * 32, "b" * 32
CHEN = "chen@orchard.test"


@pytest.mark.parametrize(
    "text",
    [
        f"{A},{CHEN},Hello there\n{B}",
        f"{A}, {CHEN}, Hello there\n\n{B}\n",
        f"{A};{CHEN};Hello there\r\n{B};;\r\n",
        f"{A}\t{CHEN}\tHello there\n{B}",
        f"{A} {CHEN} Hello there\n{B}",
        f'"{A}","{CHEN}","Hello there"\n"{B}"',
        f"project_id,email,note\n{A},{CHEN},Hello there\n{B},,",
        f"\ufeffNote;E-Mail;Project ID\nHello there;{CHEN};{A}\n;;{B}",
        f"{A.upper()},{CHEN},Hello there\n{B[:8]}-{B[:4]}-{B[:4]}-{B[:4]}-{B[:12]}",
    ],
)
def test_it_reads(text: str) -> None:
    first, second = lists.parse(text)
    assert (first.project_id, first.email, first.note) == (A, CHEN, "Hello there")
    assert (second.project_id, second.email, second.note) == (B, "", "")


def test_only_projects_are_fine() -> None:
    assert lists.parse(f"{A}\n{B}") == [Line(1, A), Line(2, B)]


def test_the_columns_of_other_tools_are_left_out() -> None:
    assert lists.parse(f'"ID","Name"\n"{A}","orchard"') == [Line(2, A)]


def test_a_comma_in_a_note_is_the_notes_own() -> None:
    assert lists.parse(f"{A},{CHEN},Hello, Chen")[0].note == "Hello, Chen"
    assert lists.parse(f"{A} {CHEN} Hello, Chen")[0].note == "Hello, Chen"


def test_lines_are_counted_as_people_count_them() -> None:
    assert [line.number for line in lists.parse(f"\n{A}\n\n{B}\n")] == [2, 4]


def test_nonsense_is_a_line_to_be_corrected() -> None:
    assert lists.parse("orchard,chen") == [Line(1, "orchard", "chen")]
    assert lists.parse("x" * 5000)[0].project_id == "x" * lists.LONGEST_CELL


@pytest.mark.parametrize("text", ["", " \n\n", "project_id,email,note\n"])
def test_nothing_is_no_list(text: str) -> None:
    with pytest.raises(lists.Unreadable, match="no line"):
        lists.parse(text)


def test_a_quote_that_is_never_closed_says_so() -> None:
    with pytest.raises(lists.Unreadable, match="quote"):
        lists.parse(f'{A},"' + "x" * 200_000)


def test_too_many_lines_say_so_quickly() -> None:
    text = f"{A},{CHEN},Hello\n" * 20_000
    started = time.perf_counter()
    with pytest.raises(lists.Unreadable, match=r"at most 5000 lines\. This one has 20000"):
        lists.parse(text)
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_file_in_any_of_the_usual_encodings(encoding: str) -> None:
    text = f"{A},{CHEN},Für Chlöe"
    assert lists.parse(lists.decode(text.encode(encoding)))[0] == Line(1, A, CHEN, "Für Chlöe")


@pytest.mark.parametrize("data", [b"\x00\x01", b"\x89PNG\r\n\x1a\n\x00", bytes(range(256))])
def test_rubbish_is_no_text(data: bytes) -> None:
    with pytest.raises(lists.Unreadable, match="not a text"):
        lists.decode(data)


@pytest.mark.parametrize("note", ["=1+1", "+49 30", "-", "@home", "=HYPERLINK(“x”)"])
def test_formulas_are_harmless_outside_and_themselves_again_inside(note: str) -> None:
    text = lists.to_csv([(A, CHEN, note)])
    assert list(csv.reader(io.StringIO(text)))[1][2] == f"'{note}"
    assert lists.parse(text)[0].note == note


@given(st.binary(max_size=400))
def test_no_file_is_an_accident(data: bytes) -> None:
    try:
        lines = lists.parse(lists.decode(data))
    except lists.Unreadable:
        return
    assert all("\x00" not in line.project_id + line.email + line.note for line in lines)


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])), max_size=5))
def test_what_was_exported_can_be_imported(notes: list[str]) -> None:
    rows = [(A, CHEN, " ".join(note.split()).strip("'\"")) for note in notes]
    if rows:
        assert [line.note for line in lists.parse(lists.to_csv(rows))] == [row[2] for row in rows]


def test_a_pasted_line_may_have_signs_of_its_own() -> None:
    one, two, three, four = (digit * 32 for digit in "1234")
    text = f"{one},a@x.test,Hi\n{two};b@x.test;Hello; you\n{three} c@x.test\n{four}\nmy project"
    assert [(x.project_id, x.email, x.note) for x in lists.parse(text)] == [
        (one, "a@x.test", "Hi"),
        (two, "b@x.test", "Hello; you"),
        (three, "c@x.test", ""),
        (four, "", ""),
        ("my project", "", ""),
    ]
