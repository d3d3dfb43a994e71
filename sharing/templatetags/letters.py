"""The parts of a letter that every one of 25 has: drawn here, because nodes of templates add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sharing.cloud.resources import Image, MemberStatus
from sharing.templatetags.icons import heroicon_micro
from sharing.templatetags.markup import fill, fill_join
from sharing.templatetags.portal import filesize, ident, os_name

register = template.Library()

_ANY_IMAGE = "00000000-0000-4000-8000-000000000000"

# What can be done with a letter in each drawer, the likeliest first; the class is the button's.
_ANSWERS: dict[MemberStatus, tuple[tuple[MemberStatus, str], ...]] = {
    "pending": (("accepted", "primary"), ("rejected", ""), ("pending", "quiet")),
    "accepted": (("rejected", ""), ("pending", "quiet")),
    "rejected": (("accepted", ""), ("pending", "quiet")),
}


@register.simple_tag
def letter_address(route: str, image_id: str) -> str:
    """``{% url %}`` for the same route with 25 images: it is resolved once."""
    return _address(route).replace(_ANY_IMAGE, image_id)


@register.simple_tag
def letter_pick(image_id: str, name: str, is_ticked: bool) -> SafeString:
    """The box to tick for answering several at once."""
    return fill(
        '<label class="letter-pick"><input type="checkbox" name="image" value="{}"{}>'
        '<span class="visually-hidden">{}</span></label>',
        image_id,
        " checked" if is_ticked else "",
        _("Select %(name)s") % {"name": name},
    )


@register.simple_tag
def letter_facts(image: Image) -> SafeString:
    """One quiet line; what the producer did not say is left out."""
    pairs = fill_join("<div><dt>{}</dt><dd>{}</dd></div>", _facts(image))
    return fill('<dl class="facts inline">{}</dl>', pairs)


@register.simple_tag
def letter_answers(drawer: MemberStatus, address: str, image_id: str, name: str) -> SafeString:
    """The buttons of one letter. They stand in the tray's form, and send it to the tray's
    ``address``, for this letter only."""
    words = {
        "accepted": _("Show in my image list"),
        "rejected": _("Hide from my image list"),
        "pending": _("Decide later"),
    }
    action = f"{address}&only={image_id}"
    return fill_join(
        '<button class="button small {}" type="submit" name="status" value="{}" formaction="{}">'
        '{}<span class="visually-hidden">: {}</span></button>',
        ((css, status, action, words[status], name) for status, css in _ANSWERS[drawer]),
    )


@register.simple_tag
def letter_fault(faults: Mapping[str, str], image_id: str) -> SafeString:
    """Why the last answer was not carried out for this letter; nothing if it is not of those."""
    if image_id not in faults:
        return SafeString("")
    icon = heroicon_micro("exclamation-circle")
    return fill(
        '<p class="remark fault" data-result="failed">{}<span>{}</span></p>', icon, faults[image_id]
    )


@cache
def _address(route: str) -> str:
    return reverse(route, args=[_ANY_IMAGE])


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
