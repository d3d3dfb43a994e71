"""What needs me."""

from __future__ import annotations

from django.http import HttpResponse

from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import records
from sharing.views.access import signed_in


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """From our own tables alone: it shows also while the Image API is away."""
    waiting = records.waiting(project_id=request.cloud.project.id)
    return render_page(request, "producer/dashboard.html", {"waiting": waiting})
