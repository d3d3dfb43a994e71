"""The parts of a letter that every one of 25 has: drawn here, because nodes of templates add up."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sharing.cloud.resources import Image, MemberStatus
from sharing.templatetags.portal import filesize, ident, os_name

register = template.Library()

# What can be done with a letter in each drawer, the likeliest first; the class is the button's.
_ANSWERS: dict[MemberStatus, tuple[tuple[MemberStatus, str], ...]] = {
    "pending": (("accepted", "primary"), ("rejected", "")),
    "accepted": (("rejected", ""), ("pending", "quiet")),
    "rejected": (("accepted", ""), ("pending", "quiet")),
}


@register.simple_tag
def letter_facts(image: Image) -> SafeString:
    """One quiet line; what the producer did not say is left out."""
    pairs = format_html_join("", "<div><dt>{}</dt><dd>{}</dd></div>", _facts(image))
    return format_html('<dl class="facts inline">{}</dl>', pairs)


@register.simple_tag
def letter_answers(drawer: MemberStatus, address: str, name: str) -> SafeString:
    """The buttons of one letter. They stand in the tray's form, and send it to ``address``."""
    words = {
        "accepted": _("Show in my image list"),
        "rejected": _("Hide from my image list"),
        "pending": _("Decide later"),
    }
    return format_html_join(
        "",
        '<button class="button small {}" type="submit" name="status" value="{}" formaction="{}">'
        '{}<span class="visually-hidden">: {}</span></button>',
        ((css, status, address, words[status], name) for status, css in _ANSWERS[drawer]),
    )


def _facts(image: Image) -> Iterator[tuple[str, str]]:
    if image.os_distro:
        yield _("System"), f"{os_name(image.os_distro)} {image.os_version}"
    if image.architecture:
        yield _("Architecture"), image.architecture
    # "bare" says that there is no container.
    formats = (image.disk_format, image.container_format.replace("bare", ""))
    yield _("Format"), " · ".join(filter(None, formats)) or "—"
    yield _("Size"), filesize(image.size)
    if image.min_disk:
        yield _("Disk"), f"≥ {image.min_disk} GiB"
    if image.min_ram:
        yield _("RAM"), f"≥ {image.min_ram} MiB"
    yield _("ID"), ident(image.id, short=True)
