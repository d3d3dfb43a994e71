"""One way to answer with a page or with the part of it that htmx asked for."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from sharing.http import Request


def render_page(
    request: Request,
    template: str,
    context: dict[str, Any],
    *,
    part: str = "",
    target: str = "",
    status: int = 200,
) -> HttpResponse:
    """The whole ``template``, or its partial ``part`` when htmx asks for the element ``target``.

    ``target`` is the element's ID, ``part`` by default. Both answers vary on what decided.
    """
    wants_part = bool(part) and request.htmx and request.htmx.target == (target or part)
    name = f"{template}#{part}" if wants_part and not request.htmx.boosted else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response
