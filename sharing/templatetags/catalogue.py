"""What only the catalogue needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sharing.models import Listing, Succession
from sharing.templatetags.markup import fill, fill_join
from sharing.templatetags.portal import filesize, os_name

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
def feeds_in_head(producer: str, tags: Iterable[str] = ()) -> SafeString:
    """The feeds of a producer and of tags, where browsers and feed readers look for them."""
    return fill_join(
        '<link rel="alternate" type="application/atom+xml" title="{}" href="{}">',
        _feeds(producer, tags),
    )


@register.simple_tag
def feed_links(producer: str, tags: Iterable[str] = ()) -> SafeString:
    """The same for people."""
    links = (fill('<a href="{}">{}</a>', address, name) for name, address in _feeds(producer, tags))
    return SafeString(" · ".join(links))


def feed_entry(
    listing: Listing, *, older: Succession | None, newer: Succession | None
) -> SafeString:
    """What a feed reader shows of a listing; without a template, as feeds have many."""
    parts = [fill("<p>{}</p>", listing.summary)] if listing.summary else []
    if newer:
        name = newer.new_name or newer.new_image_id
        words = _("There is a newer version: %(name)s.") % {"name": name}
        parts.append(fill("<p>{} {}</p>", words, newer.note))
    if older:
        name = older.old_name or older.old_image_id
        words = _("A new version of %(name)s:") % {"name": name}
        parts.append(fill("<p>{} {}</p>", words, older.note))
    system = f"{os_name(listing.os_distro)} {listing.os_version}".strip()
    facts = (system, listing.architecture, listing.disk_format, filesize(listing.size))
    parts.append(fill("<p>{}</p>", " · ".join(filter(None, facts))))
    parts.append(fill("<p>{}: <code>{}</code></p>", _("Image ID"), listing.image_id))
    return SafeString("".join(parts))


@register.simple_tag
def mail_link(email: str) -> SafeString:
    """A public address that people and their browsers read, and that a search through the page's
    source for addresses does not find: each character stands as its number."""
    link, text = (_as_numbers(part) for part in (f"mailto:{quote(email, safe='@')}", email))
    return fill('<a href="{}">{}</a>', link, text)


def _feeds(producer: str, tags: Iterable[str]) -> list[tuple[str, str]]:
    feed = reverse("feed")
    of_tags = [(name, f"{feed}?tag={quote(name, safe='')}") for name in tags]
    return [(producer, f"{feed}?producer={quote(producer, safe='')}"), *of_tags]


def _as_numbers(text: str) -> SafeString:
    return SafeString("".join(f"&#{ord(character)};" for character in text))


def _label(name: str, value: str) -> str:
    return os_name(value) if name == "os" else value
