"""Pictures of figures, drawn here: plain SVG, coloured by the stylesheet's classes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.services.figures import Week
from sharing.templatetags.markup import fill, fill_join

register = template.Library()

_BAR, _GAP = 120, 2
_LINE_WIDTH, _LINE_HEIGHT, _EDGE = 660, 120, 8


@register.simple_tag
def share_bar(tallies: Mapping[str, int], most: int) -> SafeString:
    """An image's members as one bar, as long as the image is shared; ``most`` fills it."""
    counts = [(status, tallies.get(status, 0)) for status in ("accepted", "pending", "rejected")]
    parts, x = [], 0.0
    for status, count in counts:
        width = count * _BAR / most if most else 0.0
        parts.append((status, f"{x:.1f}", f"{max(width - _GAP, 1):.1f}" if count else "0"))
        x += width
    words = {"accepted": _("accepted"), "pending": _("waiting"), "rejected": _("rejected")}
    title = ", ".join(f"{count} {words[status]}" for status, count in counts)
    drawn = fill_join('<rect class="{}" x="{}" width="{}" y="1" height="10" rx="2"/>', parts)
    return fill(
        '<svg class="share-bar" viewBox="0 0 {} 12" role="img" aria-label="{}">{}</svg>',
        _BAR,
        title,
        drawn,
    )


@register.simple_tag
def answers_line(weeks: Sequence[Week]) -> SafeString:
    """Answers per week as a plain line; the highest week touches the top."""
    most = max((week.answers for week in weeks), default=0)
    step = (_LINE_WIDTH - 2 * _EDGE) / max(len(weeks) - 1, 1)
    height = _LINE_HEIGHT - 2 * _EDGE
    bottom = _LINE_HEIGHT - _EDGE
    points = [
        (f"{_EDGE + i * step:.1f}", f"{bottom - height * week.answers / (most or 1):.1f}")
        for i, week in enumerate(weeks)
    ]
    total = sum(week.answers for week in weeks)
    label = ngettext(
        "%(n)d answer in %(weeks)d weeks; at most %(most)d in one week",
        "%(n)d answers in %(weeks)d weeks; at most %(most)d in one week",
        total,
    ) % {"n": total, "weeks": len(weeks), "most": most}
    return fill(
        '<svg class="line-chart" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<path class="base" d="M{} {}H{}"/><polyline points="{}"/>{}</svg>',
        _LINE_WIDTH,
        _LINE_HEIGHT,
        label,
        _EDGE,
        bottom,
        _LINE_WIDTH - _EDGE,
        " ".join(f"{x},{y}" for x, y in points),
        fill_join('<circle cx="{}" cy="{}" r="3"/>', points),
    )
