"""What needs me."""

from __future__ import annotations

from django.http import HttpResponse

from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import ending, records
from sharing.views.access import signed_in


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """From our own tables: it shows also while the Image API is away."""
    context = {
        "waiting": records.waiting(project_id=request.cloud.project.id),
        "ended": ending.due(cloud=request.cloud),
    }
    return render_page(request, "producer/dashboard.html", context)
