"""What needs me, what is new, and how the images are received."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from sharing.cloud.errors import Unavailable
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import ending, news, records, rules
from sharing.services import figures as service
from sharing.views.access import signed_in


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    """From our own tables alone: it shows at once, and also while the Image API is away or slow.
    What only the Image API knows follows with the figures."""
    project_id = request.cloud.project.id
    context = {
        "waiting": records.waiting(project_id=project_id),
        "ended": ending.overdue(cloud=request.cloud),
        "by_rule": rules.count_waiting(project_id=project_id),
        "news": news.visit(project_id=project_id, by=request.cloud.user),
    }
    return render_page(request, "producer/dashboard.html", context)


@signed_in
def figures(request: SignedInRequest) -> HttpResponse:
    """A page of its own; the dashboard fetches its middle, with what else it left to be asked, and
    is not lost when that fails."""
    context: dict[str, Any] = {}
    cloud = request.cloud
    try:
        found = service.of_project(cloud=cloud)
        context["figures"] = found
        if request.htmx:
            since = news.since(project_id=cloud.project.id, by=cloud.user)
            context |= {"elsewhere": found.elsewhere_since(since), "is_late": True}
    except Unavailable:
        if not request.htmx:
            raise
    return render_page(request, "producer/figures.html", context, part="figures")
