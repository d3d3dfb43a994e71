"""The vocabulary of the pages: tags, components, colours."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import timezone, translation

from sharing.templatetags import looks, portal
from sharing.templatetags.icons import heroicon_micro

NOW = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
IMAGE_ID = "0b1f3c52-7f0e-4d5c-9a7b-2f6d8c1e4a90"


class AskForm(forms.Form):
    email = forms.EmailField(help_text="Where the answer goes")
    message = forms.CharField(required=False)
    accept_terms = forms.BooleanField()
    source = forms.ChoiceField(choices=[("file", "File"), ("url", "URL")], widget=forms.RadioSelect)


def show(markup: str, **context: object) -> str:
    return Template("{% load portal %}" + markup).render(Context(context)).strip()


def field_of(html: str, name: str) -> str:
    found = re.search(rf'<(?:input|textarea)[^>]*name="{name}"[^>]*>', html)
    assert found
    return found.group()


# Status


@pytest.mark.parametrize(("state", "look"), looks.LOOKS.items())
def test_a_status_is_a_word_and_a_shape(state: str, look: looks.Look) -> None:
    badge = show("{% status_badge state %}", state=state)
    assert str(look.word) in badge
    assert heroicon_micro(look.icon) in badge


def test_statuses_that_stand_side_by_side_differ_in_shape() -> None:
    families = [
        ("pending", "accepted", "rejected", "removed"),
        ("unconfirmed", "open", "asked", "approved", "declined", "withdrawn"),
        ("draft", "published", "withdrawn", "unavailable"),
        ("queued", "sending", "sent", "failed", "suppressed"),
    ]
    for family in families:
        assert len({looks.LOOKS[state].icon for state in family}) == len(family)


def test_an_unknown_status_is_shown_as_it_is_and_escaped() -> None:
    assert "&lt;odd&gt;" in show("{% status_badge state %}", state="<odd>")


# Times


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5\u00a0minutes ago"),
        (timedelta(hours=3, minutes=50), "3\u00a0hours ago"),
        (timedelta(days=40), "1\u00a0month ago"),
        (-timedelta(hours=2), "in 2\u00a0hours"),
    ],
)
def test_a_time_is_relative(
    monkeypatch: pytest.MonkeyPatch, distance: timedelta, words: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    assert f">{words}</time>" in show("{% when moment %}", moment=NOW - distance)


def test_a_time_carries_the_exact_time_in_the_viewers_zone() -> None:
    with timezone.override("Europe/Berlin"):
        shown = show("{% when moment %}", moment=NOW)
    assert 'datetime="2026-03-04T12:00:00Z"' in shown
    assert "1 p.m. CET" in shown


def test_no_time_is_said_in_words() -> None:
    assert "never" in show("{% when moment %}", moment=None)
    assert "not yet" in show('{% when moment none="not yet" %}', moment=None)


# Numbers and IDs


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (None, "—"),
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1,023 bytes"),
        (1024, "1.0\u00a0KiB"),
        (612_000_000, "584\u00a0MiB"),
        (10 * 1024**3, "10.0\u00a0GiB"),
        (1023 * 1024**2, "1.0\u00a0GiB"),
    ],
)
def test_a_size_is_binary_and_short(size: int | None, words: str) -> None:
    assert portal.filesize(size) == words


def test_a_size_follows_the_locale() -> None:
    with translation.override("de"):
        assert portal.filesize(1536) == "1,5\u00a0KiB"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (61, "2 minutes"),
        (3600, "1 hour"),
        (3601, "2 hours"),
        (172_801, "3 days"),
    ],
)
def test_a_wait_is_rounded_up(seconds: int, words: str) -> None:
    assert portal.duration(seconds) == words


def test_an_id_has_a_copy_button_for_all_of_it() -> None:
    short = show("{% ident value short=True %}", value=IMAGE_ID)
    assert f'data-copy="{IMAGE_ID}"' in short
    assert f">{IMAGE_ID}</code>" in short
    assert 'class="ident short"' in short


def test_a_snippet_fills_its_blanks_and_escapes() -> None:
    html = show('{% snippet "openstack image set --accept %s" value %}', value="a<b")
    assert "openstack image set --accept a&lt;b</code>" in html


def test_a_snippet_without_blanks_keeps_its_percent_signs() -> None:
    assert "100%s" in show("{% snippet text %}", text="100%s")


def test_a_code_block_is_escaped_once() -> None:
    html = show("{% codeblock label='x' %}\nname = \"{{ name }}\"\n{% endcodeblock %}", name="a<b")
    assert "<code>name = &quot;a&lt;b&quot;</code>" in html


# Pictures


def test_the_same_name_gives_the_same_print_and_another_name_another() -> None:
    first, again, other = (
        show("{% cover 'ubuntu' name %}", name=name) for name in ("noble", "noble", "jammy")
    )
    assert first == again != other


def test_a_system_keeps_its_hue_and_shows_its_letters() -> None:
    tile = show("{% emblem 'debian' name %}", name="anything")
    assert "hue-1" in tile
    assert ">De</text>" in tile


@pytest.mark.parametrize("name", ["", "…", "<script>", "中文"])
def test_any_name_has_a_picture(name: str) -> None:
    html = show("{% emblem '' name %}{% cover '' name %}{% frieze '' name %}", name=name)
    assert html.count("</svg>") == 3
    assert "<script>" not in html


# Forms


def test_a_field_with_an_error_is_tied_to_its_help_and_its_error() -> None:
    html = show("{% field form.email %}", form=AskForm({"email": "ada@"}))
    widget = field_of(html, "email")
    assert 'aria-invalid="true"' in widget
    assert 'aria-describedby="id_email_help id_email_error"' in widget
    assert 'id="id_email_help"' in html
    assert 'id="id_email_error"' in html
    assert 'value="ada@"' in widget


def test_a_field_without_error_does_not_claim_one() -> None:
    html = show("{% field form.email %}", form=AskForm())
    assert "aria-invalid" not in html
    assert 'aria-describedby="id_email_help"' in html


def test_what_need_not_be_filled_in_says_so() -> None:
    assert "optional" in show("{% field form.message %}", form=AskForm())
    assert "optional" not in show("{% field form.email %}", form=AskForm())


def test_a_choice_is_a_fieldset_with_a_legend() -> None:
    html = show("{% field form.source %}", form=AskForm({}))
    assert "<legend>Source" in html
    assert '<fieldset class="field has-error" aria-describedby="id_source_error">' in html


def test_the_summary_links_to_each_wrong_field() -> None:
    form = AskForm({"email": "ada@"})
    form.add_error(None, "Too many requests")
    html = show("{% form_errors form %}", form=form)
    assert "Too many requests" in html
    assert '<a href="#id_email">Email</a>' in html
    assert "id_message" not in html


def test_there_is_no_summary_without_errors() -> None:
    assert show("{% form_errors form %}", form=AskForm()) == ""


# Pages


def test_the_pager_keeps_the_query() -> None:
    request = RequestFactory().get("/", {"q": "gpu & cuda", "page": "2"})
    html = show("{% pager page %}", page=Paginator(range(50), 10).page(2), request=request)
    assert 'href="?q=gpu+%26+cuda&amp;page=3"' in html
    assert html.count('aria-current="page"') == 1


def test_one_page_needs_no_pager() -> None:
    assert show("{% pager page %}", page=Paginator(range(5), 10).page(1)) == ""


def test_the_navigation_marks_where_you_are() -> None:
    request = RequestFactory().get("/inbox/")
    html = show("{% nav_link 'inbox' 'inbox' 'Inbox' %}", request=request)
    assert 'aria-current="page"' in html
    request = RequestFactory().get("/producer/mail/")
    below = show("{% nav_link 'producer' 'inbox' 'x' %}", request=request)
    assert 'aria-current="true"' in below
    exact = show("{% nav_link 'producer' 'inbox' 'x' exact=True %}", request=request)
    assert "aria-current" not in exact


def test_a_route_that_is_not_there_has_no_link() -> None:
    assert show("{% nav_link 'no-such-route' 'inbox' 'x' %}") == ""


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 410, 422, 429, 500, 503])
def test_an_error_page_stands_without_any_context(status: int) -> None:
    html = render_to_string(f"errors/{status}.html")
    assert html.count("<h1>") == 1
    assert "Nothing" in html or "nothing" in html or "again" in html


def test_the_page_for_a_broken_cloud_says_which_part_and_its_request_id() -> None:
    html = render_to_string(
        "errors/503.html", {"service": "Keystone", "request_id": "req-1", "back": "/inbox/"}
    )
    assert "Keystone does not answer" in html
    assert "req-1" in html
    assert "Nothing was lost" in html
    assert 'href="/inbox/"' in html


_TEMPLATES = Path(settings.BASE_DIR, "templates")
_PAGES = [path for path in sorted(_TEMPLATES.rglob("*.html")) if "emails" not in path.parts]


@pytest.mark.parametrize("path", _PAGES, ids=lambda path: str(path.relative_to(_TEMPLATES)))
def test_a_template_has_nothing_that_the_security_policy_drops(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", text)
