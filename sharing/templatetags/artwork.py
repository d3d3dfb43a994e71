"""Generated pictures for images: a monogram tile, and a print of quarter circles and leaves.

Colours are classes (``hue-1`` … ``hue-8``), because the content security policy allows no inline
style. The same name always gives the same print: people recognise an image before they read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from sharing.templatetags.markup import fill

HUES = 8
_OS_HUES: Mapping[str, int] = {
    "rhel": 1,
    "debian": 1,
    "freebsd": 1,
    "ubuntu": 2,
    "oraclelinux": 2,
    "almalinux": 3,
    "openbsd": 3,
    "rocky": 4,
    "opensuse": 4,
    "sles": 4,
    "cirros": 5,
    "flatcar": 5,
    "windows": 6,
    "arch": 6,
    "alpine": 6,
    "fedora": 7,
    "fedora-coreos": 7,
    "centos": 8,
    "gentoo": 8,
}
_ROWS, _CELL = 3, 40
_SHAPES = (
    "M{x},{y}h40a40,40 0 0 1-40,40z",
    "M{x2},{y}v40a40,40 0 0 1-40-40z",
    "M{x2},{y2}h-40a40,40 0 0 1 40-40z",
    "M{x},{y2}v-40a40,40 0 0 1 40,40z",
    "M{x},{ym}a20,20 0 1 1 40,0a20,20 0 1 1-40,0z",
    "M{x},{y}h40a20,20 0 0 1-40,0z",
    "M{x},{y}a40,40 0 0 1 40,40a40,40 0 0 1-40-40z",
    "M{x2},{y}a40,40 0 0 1-40,40a40,40 0 0 1 40-40z",
)


def tile(os_distro: str, name: str, *, size: str = "") -> SafeString:
    """A square with the system's first two letters, 40 units wide."""
    corner = _digest(name)[0] % 4
    return fill(
        '<svg class="emblem {} hue-{}" viewBox="0 0 40 40" aria-hidden="true" focusable="false">'
        '<path class="ground" d="M0,0h40v40h-40z"/><path class="a" d="{}"/>'
        '<text x="20" y="25.5" text-anchor="middle">{}</text></svg>',
        size,
        hue(os_distro, name),
        _SHAPES[corner].format(x=0, y=0, x2=40, y2=40),
        _monogram(os_distro or name),
    )


@lru_cache(maxsize=2048)
def cover(os_distro: str, name: str, *, columns: int = 6, kind: str = "") -> SafeString:
    """A print of three rows in three tones of the system's hue; more columns only go on with it."""
    tones: dict[str, list[str]] = {"a": [], "b": [], "c": []}
    for tone, path in _cells(name, columns):
        tones[tone].append(path)
    paths = format_html_join(
        "", '<path class="{}" d="{}"/>', ((tone, "".join(d)) for tone, d in tones.items() if d)
    )
    return format_html(
        '<svg class="cover {} hue-{}" viewBox="0 0 {} {}" preserveAspectRatio="xMinYMid slice"'
        ' aria-hidden="true" focusable="false">{}</svg>',
        kind,
        hue(os_distro, name),
        columns * _CELL,
        _ROWS * _CELL,
        paths,
    )


def hue(os_distro: str, name: str) -> int:
    """1 to 8: the system's own, else one drawn from what we know of it."""
    known = _OS_HUES.get(os_distro)
    return known or _digest(os_distro or name)[1] % HUES + 1


def _cells(name: str, columns: int) -> Iterator[tuple[str, str]]:
    for index, byte in enumerate(_digest(name, columns * _ROWS)):
        tone = " abc"[byte >> 6]
        if tone == " ":
            continue
        x, y = index // _ROWS * _CELL, index % _ROWS * _CELL
        shape = _SHAPES[byte % len(_SHAPES)]
        yield tone, shape.format(x=x, y=y, x2=x + _CELL, y2=y + _CELL, ym=y + _CELL // 2)


def _monogram(text: str) -> str:
    letters = [character for character in text if character.isalnum()]
    return "".join(letters[:2]).capitalize() or "–"


def _digest(text: str, length: int = 2) -> bytes:
    return hashlib.shake_256(text.encode()).digest(length)
