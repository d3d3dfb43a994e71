"""Text and edges stand out from their ground, in both schemes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

_STYLES = Path(settings.BASE_DIR, "static", "portal.css").read_text()
_INKS = ("ink", "ink-2", "accent", "accent-strong", "good", "waiting", "bad")
_GROUNDS = ("ground", "surface", "sunk")
_PAIRS = [
    *((ink, ground, 4.5) for ink in _INKS for ground in _GROUNDS),
    *((tone, f"{tone}-soft", 4.5) for tone in ("accent", "good", "waiting", "bad")),
    *(("ink", f"{tone}-soft", 4.5) for tone in ("accent", "good", "waiting", "bad")),
    ("accent-strong", "accent-soft", 4.5),
    ("ink-2", "accent-soft", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("edge", "ground", 3.0),
    ("edge", "surface", 3.0),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), _PAIRS)
def test_text_stands_out_from_its_ground(ink: str, ground: str, least: float, scheme: str) -> None:
    assert contrast(token(ink, scheme), token(ground, scheme)) >= least


def token(name: str, scheme: str) -> str:
    found = re.search(rf"--{name}: light-dark\(#(\w{{6}}), #(\w{{6}})\)", _STYLES)
    assert found, name
    return found.group(1 if scheme == "light" else 2)


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2, 1 to 21, of two colours of six hex digits."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
