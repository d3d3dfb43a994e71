"""What only the catalogue needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from sharing.templatetags.markup import fill, fill_join
from sharing.templatetags.portal import os_name

register = template.Library()


@register.simple_tag
def options(name: str, values: Sequence[str], chosen: str) -> SafeString:
    """The options of a filter, hundreds of them, at once. What was chosen is one of them, even if
    no listing has it (any more)."""
    shown = values if not chosen or chosen in values else (chosen, *values)
    return fill_join(
        '<option value="{}"{}>{}</option>',
        ((value, " selected" if value == chosen else "", _label(name, value)) for value in shown),
    )


@register.simple_tag
def tag_links(names: Iterable[str]) -> SafeString:
    """Each tag as the item of a list, with its link into the catalogue."""
    catalogue = reverse("catalogue")
    return fill_join(
        '<li><a class="tag" href="{}?tag={}">{}</a></li>',
        ((catalogue, quote(name), name) for name in names),
    )


@register.simple_tag
def mail_link(email: str) -> SafeString:
    """A public address that people and their browsers read, and that a search through the page's
    source for addresses does not find: each character stands as its number."""
    link, text = (_as_numbers(part) for part in (f"mailto:{quote(email, safe='@')}", email))
    return fill('<a href="{}">{}</a>', link, text)


def _as_numbers(text: str) -> SafeString:
    return SafeString("".join(f"&#{ord(character)};" for character in text))


def _label(name: str, value: str) -> str:
    return os_name(value) if name == "os" else value
