"""The tags of the heroicons package, in the place of its own: that opens its archive of 1,300 icons
anew for each icon, which made the first pages of every new process slow.
"""

from __future__ import annotations

import io
from functools import cache
from importlib.resources import files
from zipfile import ZipFile

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString

register = template.Library()

_OPEN = '<svg xmlns="http://www.w3.org/2000/svg"'


@register.simple_tag
def heroicon_micro(name: str, **attributes: str) -> SafeString:
    return _icon("micro", name, 16, **attributes)


@register.simple_tag
def heroicon_mini(name: str, **attributes: str) -> SafeString:
    return _icon("mini", name, 20, **attributes)


@register.simple_tag
def heroicon_outline(name: str, **attributes: str) -> SafeString:
    return _icon("outline", name, 24, **attributes)


@cache
def _archive() -> ZipFile:
    """In memory: a file would be shared by the processes that a server forks."""
    return ZipFile(io.BytesIO((files("heroicons") / "heroicons.zip").read_bytes()))


@cache
def _icon(style: str, name: str, size: int, **attributes: str) -> SafeString:
    """Names and attributes are the templates' own. KeyError for an icon that there is not."""
    svg = _archive().read(f"{style}/{name}.svg").decode().strip()
    given = {"width": str(size), "height": str(size), **attributes}
    more = "".join(f' {key.replace("_", "-")}="{escape(value)}"' for key, value in given.items())
    return SafeString(svg.replace(_OPEN, f"<svg{more}", 1))
