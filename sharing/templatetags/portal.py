"""The tags of the pages: status, time, ID, size, form field, emblem. docs/design.md shows them."""

from __future__ import annotations

import html
from datetime import UTC, date, datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.forms.widgets import CheckboxInput
from django.http import HttpRequest
from django.template import Context
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.templatetags import artwork
from sharing.templatetags.icons import heroicon_micro
from sharing.templatetags.looks import LOOKS, OS_NAMES, Look
from sharing.templatetags.markup import fill

register = template.Library()

_UNITS = ("KiB", "MiB", "GiB", "TiB", "PiB")
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@register.simple_tag
def status_badge(status: str) -> SafeString:
    """A word and a shape; a state nobody told us of is shown as it is."""
    look = LOOKS.get(status) or Look(status, "question-mark-circle", "quiet")
    return fill('<span class="badge {}">{}{}</span>', look.tone, _micro(look.icon), look.word)


@register.simple_tag
def when(moment: datetime | None, *, none: str = "") -> SafeString:
    """A ``<time>``: relative words, the exact time on hover. None is "never", or ``none``."""
    if moment is None:
        return fill('<span class="muted">{}</span>', none or _("never"))
    local = timezone.localtime(moment)
    return fill(
        '<time datetime="{}" title="{} {}" data-relative>{}</time>',
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        date_format(local, "DATETIME_FORMAT"),
        local.tzname() or "",
        _relative(moment, timezone.now()),
    )


@register.simple_tag
def day(on: date) -> SafeString:
    """A ``<time>`` for a day without an hour: an end date."""
    return fill('<time datetime="{}">{}</time>', on.isoformat(), date_format(on, "DATE_FORMAT"))


def _relative(moment: datetime, now: datetime) -> str:
    distance = (now - moment).total_seconds()
    if abs(distance) < _MINUTE:
        return _("just now")
    if distance < 0:
        return _("in %(time)s") % {"time": timeuntil(moment, now, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


@register.simple_tag
def ident(value: str, *, short: bool = False) -> SafeString:
    """A monospace ID with a copy button. ``short`` leaves room for eight digits; all are there."""
    text = str(value)
    return fill(
        '<span class="ident{}"><code title="{}">{}</code>{}</span>',
        " short" if short else "",
        text,
        text,
        _copy_button(text, _("Copy %(id)s") % {"id": text}),
    )


def _copy_button(text: str, label: str) -> SafeString:
    return fill(
        '<button type="button" class="copy needs-js" data-copy="{}" aria-label="{}">{}{}</button>',
        text,
        label,
        _micro("square-2-stack", "copy-rest"),
        _micro("check", "copy-done"),
    )


def _micro(icon: str, css_class: str = "") -> SafeString:
    return heroicon_micro(icon, **({"class": css_class} if css_class else {}))


@register.filter
def filesize(size: int | None) -> str:
    """Bytes as ``612.4 MiB``, in the locale's digits; a dash for None (the API's "not yet")."""
    if size is None:
        return "—"
    if size < 1024:
        return ngettext("%(size)s byte", "%(size)s bytes", size) % {
            "size": number_format(size, force_grouping=True)
        }
    amount = float(size)
    for unit in _UNITS:
        amount /= 1024
        if amount < 1000 or unit == _UNITS[-1]:
            break
    digits = 0 if amount >= 100 else 1
    return f"{number_format(round(amount, digits), digits)}\u00a0{unit}"


@register.filter
def duration(seconds: int) -> str:
    """A time to wait, rounded up: ``40 seconds``, ``4 minutes``, ``2 hours``, ``3 days``."""
    if seconds < _MINUTE:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds < _HOUR:
        minutes = -(-seconds // _MINUTE)
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if seconds > 2 * _DAY:
        days = -(-seconds // _DAY)
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    hours = -(-seconds // _HOUR)
    return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}


@register.filter
def os_name(os_distro: str) -> str:
    """The name people know for an ``os_distro``: ``ubuntu`` → Ubuntu."""
    return OS_NAMES.get(os_distro, os_distro)


@register.simple_tag
def emblem(os_distro: str, name: str, *, size: str = "") -> SafeString:
    """The monogram tile; ``size`` is ``small``, ``large`` or nothing."""
    return artwork.tile(os_distro or "", name or "", size=size)


@register.simple_tag
def cover(os_distro: str, name: str) -> SafeString:
    """The wide print on a listing's card: same name, same print."""
    return artwork.cover(os_distro or "", name or "")


@register.simple_tag
def frieze(os_distro: str, name: str) -> SafeString:
    """The same print going on to the width of a page: the head of a listing."""
    return artwork.cover(os_distro or "", name or "", columns=24, kind="frieze")


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """Label, help, widget and errors of one form field, wired together for screen readers."""
    base = bound.auto_id or bound.html_name
    help_id = f"{base}_help" if bound.help_text else ""
    error_id = f"{base}_error" if bound.errors else ""
    described = " ".join(part for part in (help_id, error_id) if part)
    grouped = bound.use_fieldset
    attrs: dict[str, str | bool] = {}
    if described and not grouped:
        attrs["aria-describedby"] = described
    return {
        "field": bound,
        "widget": bound.as_widget(attrs=attrs),
        "help_id": help_id,
        "error_id": error_id,
        "described": described,
        "is_group": grouped,
        "is_check": isinstance(bound.field.widget, CheckboxInput),
    }


@register.inclusion_tag("components/form_errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """The summary above a form with mistakes: what is wrong with the whole, then each field."""
    wrong = [bound for bound in form if bound.errors] if form.is_bound else []
    return {"general": form.non_field_errors() if form.is_bound else [], "fields": wrong}


@register.inclusion_tag("components/pager.html", takes_context=True)
def pager(context: Context, page_obj: Page[Any]) -> dict[str, Any]:
    """Links to the pages of ``page_obj``; the rest of the query string stays."""
    request: HttpRequest | None = context.get("request")
    query = request.GET.copy() if request else None

    def address(number: int) -> str:
        if query is None:
            return f"?page={number}"
        query["page"] = str(number)
        return f"?{query.urlencode()}"

    pages = page_obj.paginator
    steps = [
        (number, address(number) if isinstance(number, int) else "")
        for number in pages.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)
    ]
    return {
        "page": page_obj,
        "steps": steps if pages.num_pages > 1 else [],
        "older": address(page_obj.next_page_number()) if page_obj.has_next() else "",
        "newer": address(page_obj.previous_page_number()) if page_obj.has_previous() else "",
    }


@register.inclusion_tag("components/snippet.html")
def snippet(text: str, *args: object, label: str = "") -> dict[str, Any]:
    """A copyable command; each ``%s`` of ``text`` is filled from ``args``, in order."""
    return {"text": text % args if args else text, "label": label}


@register.simple_block_tag(end_name="endcodeblock")
def codeblock(content: str, label: str = "") -> SafeString:
    """A copyable block of lines. What stands between the tags is escaped once, not twice."""
    text = html.unescape(content).strip()
    return render_to_string("components/snippet.html", {"text": text, "label": label})


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(
    context: Context, url_name: str, icon: str, label: str, *, exact: bool = False, badge: str = ""
) -> dict[str, Any]:
    """A link of the navigation, marked where the page is it or below it; ``exact``: only it.
    ``badge`` is a template for what stands behind its word."""
    try:
        href = reverse(url_name)
    except NoReverseMatch:
        return {"href": ""}
    request: HttpRequest | None = context.get("request")
    path = request.path if request else ""
    below = path.startswith(href) and href != "/" and not exact
    current = "page" if path == href else "true" if below or _in_catalogue(path, href) else ""
    what_waits = context.get("what_waits")
    return {"href": href, "icon": icon, "label": label, "current": current} | {
        "badge": badge, "what_waits": what_waits
    }  # fmt: skip


def _in_catalogue(path: str, href: str) -> bool:
    return href == "/" and path.startswith("/catalogue/")
