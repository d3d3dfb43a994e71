"""Report a listing, or a share's image, to the operator of the cloud."""

from __future__ import annotations

from functools import wraps
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.forms.reports import ReportForm
from sharing.http import Request, SignedInRequest, client_address
from sharing.services import inbox, refusals, reports
from sharing.views import errors
from sharing.views.access import P, View, own_share, public_listing, signed_in


def _if_there_is_an_operator(view: View[P]) -> View[P]:
    @wraps(view)
    def inner(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not reports.is_open():
            raise Http404
        return view(request, *args, **kwargs)

    return inner


@_if_there_is_an_operator
def of_listing(request: Request, slug: str) -> HttpResponse:
    """For anyone, signed in or not."""
    listing = public_listing(slug)
    if not listing.is_published:
        return errors.gone(request, {"listing": listing})
    return _report(request, reports.about_listing(listing), back=listing.get_absolute_url())


@_if_there_is_an_operator
@signed_in
def of_share(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    """For the consumer, also when the share has ended."""
    share = own_share(request, str(image_id))
    if share.state == inbox.State.OWN:
        return redirect("producer-image", image_id)
    subject = reports.about_share(cloud=request.cloud, standing=share, image_id=str(image_id))
    return _report(request, subject, back=reverse("share", args=[image_id]))


def _report(request: Request, subject: reports.Subject, *, back: str) -> HttpResponse:
    form = ReportForm(request.POST) if request.method == "POST" else _as_typed(request)
    if form.is_bound and form.is_valid():
        by = reports.Reporter(request.cloud, client_address(request), request.request_id)
        try:
            reports.send(subject=subject, words=form.words, by=by)
        except refusals.TooMany as refusal:
            drafts.keep(request)
            return errors.too_many(request, wait_seconds=refusal.wait_seconds)
        messages.success(request, _("Thank you. The operator of this cloud has your report."))
        return redirect(back)
    context = {"form": form, "subject": subject, "back": back}
    return render(request, "reports/form.html", context, status=422 if form.errors else 200)


def _as_typed(request: Request) -> ReportForm:
    """Empty, or with what could not be sent before."""
    draft = drafts.take(request, request.path)
    return ReportForm(initial=draft.dict() if draft else None)
