"""Lists of projects as people have them: pasted, or a CSV of any program; read and written.

A line is ``project_id[, e-mail[, note]]``, with commas, semicolons, tabs or spaces between.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.cloud.resources import normalise_project_id, one_line
from sharing.services.refusals import Refusal

MOST_LINES = 5000
LARGEST_FILE = 2 * 1024 * 1024  # bytes
LONGEST_CELL = 250
LONGEST_ADDRESS = 320
LONGEST_NOTE = 2000

HEADER = ("project_id", "email", "note")
_NAMES = {
    "project_id": {"project_id", "projectid", "project", "tenant", "tenant_id", "id"},
    "email": {"email", "e_mail", "mail", "contact", "address", "e_mail_address", "email_address"},
    "note": {"note", "notes", "comment", "message", "remark"},
}
_FIRST_CELL = re.compile(r"""\s*(?:"[^"]*"|'?[^\s,;"]+)(\s*[,;]|\t| )""")
# What a text never has: control characters other than line breaks, tabs and page breaks.
_NOT_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Unreadable(Refusal):
    """There is no list in it; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """``number`` is the line's in the list, from 1. A good project ID is in its one shape; any
    other text is as it was given."""

    number: int
    project_id: str
    email: str = ""
    note: str = ""


def decode(data: bytes) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or else Latin-1. Raises Unreadable."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = data.decode("utf-16", errors="replace")
    else:
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = data.decode("latin-1")
    if _NOT_TEXT.search(text):
        raise Unreadable(_("This file is not a text. Save the list as CSV, and send that."))
    return text


def parse(text: str) -> list[Line]:
    """The lines of a list, the empty ones left out. Raises Unreadable."""
    text = text.lstrip("\ufeff")
    try:
        rows = _cells(text)
    except csv.Error as error:
        raise Unreadable(
            _("This cannot be read as a list: a line is far too long, or a quote is never closed.")
        ) from error
    columns = _columns(rows[0][1]) if rows else None
    if columns:
        rows = rows[1:]
    if not rows:
        raise Unreadable(_("There is no line in this list."))
    if len(rows) > MOST_LINES:
        raise Unreadable(
            ngettext(
                "A list has at most %(n)d line.", "A list has at most %(n)d lines.", MOST_LINES
            )
            % {"n": MOST_LINES}
            + " "
            + _("This one has %(n)d: make several of it.") % {"n": len(rows)}
        )
    return [_line(number, cells, columns) for number, cells in rows]


def to_csv(rows: Iterable[Sequence[str]]) -> str:
    """CSV with a header, for a spreadsheet: what it would take for a formula begins with a quote,
    which ``parse`` takes away again."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def as_text(lines: Iterable[Line]) -> str:
    """The lines as one may paste them."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows((one.project_id, one.email, one.note) for one in lines)
    return out.getvalue()


def _cells(text: str) -> list[tuple[int, list[str]]]:
    delimiter = _delimiter(text)
    if delimiter == " ":
        lines = enumerate(text.splitlines(), 1)
        rows = [(number, line.split(maxsplit=2)) for number, line in lines]
    else:
        source = io.StringIO(text, newline="")
        reader = csv.reader(source, delimiter=delimiter, skipinitialspace=True)
        rows = [(reader.line_num, cells) for cells in reader]
    return [(number, _split(cells)) for number, cells in rows if any(map(str.strip, cells))]


def _split(cells: list[str]) -> list[str]:
    """A pasted line may have other signs between its cells than most of them have."""
    only = cells[0] if len(cells) == 1 or not any(cells[1:]) else ""
    found = _FIRST_CELL.match(only)
    if not found or normalise_project_id(only):
        return cells
    sign = found[1].strip() or None
    parts = only.split(sign, 2) if sign else only.split(maxsplit=2)
    return parts if normalise_project_id(parts[0]) else cells


def _delimiter(text: str) -> str:
    """What most often follows the first cell; a space only where nothing better does."""
    found: Counter[str] = Counter()
    for line in text.splitlines()[:100]:
        if match := _FIRST_CELL.match(line):
            found[match[1].strip() or match[1][-1]] += 1
    best = max((",", ";", "\t"), key=lambda sign: found[sign])
    return best if found[best] or not found[" "] else " "


def _columns(cells: Sequence[str]) -> dict[str, int] | None:
    """Where each column is, if the line is a header that names the project's at least."""
    names = [re.sub(r"\W+", "_", cell.strip().lower()) for cell in cells]
    columns = {
        column: next(index for index, name in enumerate(names) if name in known)
        for column, known in _NAMES.items()
        if known.intersection(names)
    }
    return columns if "project_id" in columns else None


def _line(number: int, cells: Sequence[str], columns: dict[str, int] | None) -> Line:
    if columns is None:
        # A comma that nobody put quotes around is the note's own.
        wanted = [*cells[:2], ", ".join(cells[2:])]
    else:
        places = (columns.get(name) for name in HEADER)
        wanted = [cells[at] if at is not None and at < len(cells) else "" for at in places]
    project_id, email, note = (_plain(cell) for cell in (*wanted, "", "")[:3])
    return Line(
        number,
        normalise_project_id(project_id) or one_line(project_id)[:LONGEST_CELL],
        one_line(email)[:LONGEST_ADDRESS],
        "\n".join(one_line(part) for part in note.splitlines()),
    )


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(_FORMULA) else cell


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
