"""The ledger of all shares: a page, a CSV, a JSON; and the page of one share."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing.cloud.errors import Unavailable
from sharing.cloud.resources import Image
from sharing.forms.ledger import LedgerForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import ledger
from sharing.views.access import signed_in

Value = str | int | bool | None
# Their members are read in one round of the pool.
FEW_IMAGES = 8
# A spreadsheet takes a cell that begins so for a formula, and runs it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """All at once; with many images the frame first, which then asks for the shares itself."""
    question = LedgerForm(request.GET).question()
    try:
        images = ledger.shared_images(cloud=request.cloud)
        found = None
        if not _takes_long(request, images):
            found = ledger.read(cloud=request.cloud, question=question, images=images)
    except Unavailable:
        if not request.htmx:
            raise
        return _page(request, question, [], None, has_failed=True)
    return _page(request, question, images, found)


def _takes_long(request: SignedInRequest, images: Sequence[Image]) -> bool:
    """More than one round of calls, for a browser with a script: it has sent its time zone."""
    follows = not request.htmx and "tz" in request.COOKIES and not request.GET.get("whole")
    return follows and len(images) > FEW_IMAGES


def _page(
    request: SignedInRequest,
    question: ledger.Question,
    images: Sequence[Image],
    found: ledger.Ledger | None,
    *,
    has_failed: bool = False,
) -> HttpResponse:
    page, rows = found.page(request.GET.get("page", "")) if found else (None, [])
    asked = question.asked()
    context = {
        "images": images,
        "ledger": found,
        "has_failed": has_failed,
        "question": question,
        "page": page,
        "rows": rows,
        "query": urlencode(asked),
        "asked": asked,
        "columns": _columns(question, asked),
        "hints": _hints(),
    }
    return render_page(request, "producer/shares.html", context, part="shares")


@signed_in
def as_csv(request: SignedInRequest) -> HttpResponse:
    """What the page's filters find, in its order; times in UTC. docs/exports.md has the columns."""
    rows = [_facts(row) for row in _all(request)]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, _COLUMNS, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    name = f"shares-{timezone.localdate():%Y-%m-%d}.csv"
    mark = "\ufeff" if request.GET.get("mark") else ""  # by which spreadsheets know UTF-8
    return HttpResponse(
        mark + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@signed_in
def as_json(request: SignedInRequest) -> HttpResponse:
    return JsonResponse({"shares": [_facts(row) for row in _all(request)]})


def _all(request: SignedInRequest) -> list[ledger.Row]:
    """All or nothing: a file does not show that some of it is missing."""
    found = ledger.read(cloud=request.cloud, question=LedgerForm(request.GET).question())
    if found.fault:
        raise found.fault
    return list(found.rows())


_COLUMNS = (
    "image_id", "image_name", "project_id", "status", "shared_at", "shared_by", "answered_at",
    "is_put_back", "contact", "last_mail", "last_mail_state", "last_mail_at", "reminders",
    "reminded_at", "ends_on", "note", "reason",
)  # fmt: skip


def _facts(row: ledger.Row) -> Mapping[str, Value]:
    share, record, mail = row.share, row.share.share, row.share.last_mail
    is_recorded = record is not None and share.is_recorded
    values: tuple[Value, ...] = (
        row.image.id,
        row.image.name,
        share.member.project_id,
        share.member.status,
        _time(share.shared_at),
        record.shared_by_name if record and is_recorded else "",
        _time(share.answered_at),
        share.is_put_back,
        share.contact.email if share.contact else "",
        mail.kind if mail else "",
        mail.state if mail else "",
        _time(mail.created_at if mail else None),
        share.reminders,
        _time(share.reminded_at),
        share.ends_on.isoformat() if share.ends_on else None,
        record.note if record and is_recorded else "",
        share.reason,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _cell(value: Value) -> str:
    """The apostrophe makes a spreadsheet show the text instead of running it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _columns(question: ledger.Question, asked: Mapping[str, str]) -> list[Mapping[str, str]]:
    """The table's heads: each sorts by its column, and again the other way round."""
    words = {
        "image": _("Image"),
        "project": _("Project"),
        "status": _("Status"),
        "shared": _("Shared"),
        "answered": _("Answered"),
        "ends": _("Until"),
    }
    columns: list[Mapping[str, str]] = []
    for name, word in words.items():
        direction = {name: "ascending", f"-{name}": "descending"}.get(question.sort, "")
        sort = f"-{name}" if direction == "ascending" else name
        query = {key: value for key, value in {**asked, "sort": sort}.items() if value}
        columns.append({"word": word, "direction": direction, "query": urlencode(query)})
    return columns


def _hints() -> list[tuple[str, str]]:
    return [
        ("quiet", _("No answer for 30 days")),
        ("back", _("Put back to pending")),
        ("ends", _("With an end date")),
        ("unreachable", _("Without a contact")),
    ]
