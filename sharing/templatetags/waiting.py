"""What waits, for the header and the title of every page: as it is remembered, without a call."""

from __future__ import annotations

from django import template
from django.template import Context

from sharing.services import waiting
from sharing.services.waiting import Overview

register = template.Library()


@register.simple_tag(takes_context=True)
def whats_waiting(context: Context) -> Overview | None:
    """None when nobody is signed in. A view that has looked itself gives it as ``what_waits``."""
    if found := context.get("what_waits"):
        return found if isinstance(found, Overview) else None
    cloud = getattr(context.get("request"), "cloud", None)
    return waiting.remembered(cloud=cloud) if cloud else None
