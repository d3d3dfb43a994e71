"""Forms about one share stand on two pages, and lead back to the one that they stood on."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from sharing import drafts
from sharing.http import SignedInRequest


def is_share_page(request: SignedInRequest, image_id: str, project_id: str) -> bool:
    """Whether the form stood on the share's own page; a script's stands on the image's."""
    return drafts.stood_on(request, reverse("producer-share", args=[image_id, project_id]))


def back(request: SignedInRequest, image_id: str, project_id: str) -> HttpResponse:
    if is_share_page(request, image_id, project_id):
        return redirect("producer-share", image_id, project_id)
    return redirect("producer-image", image_id)
