"""The project's profile: the public page, and the form behind it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sharing import drafts, mail, markdown
from sharing.forms.profile import ProfileForm
from sharing.http import Request, SignedInRequest
from sharing.models import Producer
from sharing.services import producers, refusals, rights
from sharing.views.access import public_producer, signed_in


def show(request: Request, slug: str) -> HttpResponse:
    producer = public_producer(slug)
    listings = producers.listings_of(producer)
    context = {
        "producer": producer,
        "description": markdown.to_html(producer.description),
        "listings": listings,
        # What the catalogue's filter knows it by: a renamed project's listings follow when saved.
        "catalogue_name": listings[0].producer_name if listings else producer.project_name,
        "about": producers.about(producer),
        "address": mail.absolute(producer.get_absolute_url()),
        "is_own": request.cloud is not None and request.cloud.project.id == producer.project_id,
    }
    return render(request, "producers/show.html", context)


@signed_in
def edit(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        rights.require_member(request.cloud)
    producer = producers.of_project(request.cloud.project.id)
    form = ProfileForm(request.POST or None, initial=_initial(request, producer))
    if request.method == "POST" and form.is_valid():
        try:
            producers.save(cloud=request.cloud, profile=form.profile, by=request.cloud.user)
        except refusals.Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved: this is what everyone sees of your project."))
            return redirect("profile")
    context = {"producer": producer, "form": form}
    status = 422 if request.method == "POST" else 200
    return render(request, "producer/profile.html", context, status=status)


def _initial(request: SignedInRequest, producer: Producer | None) -> dict[str, str | list[object]]:
    """What was typed before the sign-in, else the profile, else the project's name."""
    if draft := drafts.take(request, request.path):
        return draft.dict()
    if producer is None:
        return {"name": request.cloud.project.name[:120]}
    names = ("name", "description", "website", "contact_email")
    return {name: getattr(producer, name) for name in names}
