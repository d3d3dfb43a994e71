"""Outgoing mail and its state; the history."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import records, refusals
from sharing.views import errors as pages
from sharing.views.access import only_post, owned_mail, signed_in


@signed_in
def mail(request: SignedInRequest) -> HttpResponse:
    project_id, state = request.cloud.project.id, request.GET.get("state", "")
    page = records.mail_page(project_id=project_id, state=state, page=request.GET.get("page", ""))
    context = {
        "page": page,
        "mails": [(one, records.shown_text(one)) for one in page],
        "state": state,
        "held": records.count_held_mails(project_id=project_id),
        "failed": records.count_failed_mails(project_id=project_id),
    }
    return render_page(request, "producer/mail.html", context)


@only_post
@signed_in
def retry(request: SignedInRequest, mail_id: int) -> HttpResponse:
    outgoing = owned_mail(request, mail_id)
    try:
        is_sent = records.retry(cloud=request.cloud, outgoing=outgoing, by=request.cloud.user)
    except refusals.TooMany as refusal:
        return pages.too_many(request, wait_seconds=refusal.wait_seconds)
    if not is_sent:
        return pages.conflict(
            request,
            title=_("This mail has not failed"),
            text=_("Only a mail that failed can be sent again. Perhaps somebody just did."),
        )
    messages.success(request, _("The mail to %(to)s is on its way again.") % {"to": outgoing.to})
    return redirect("mail")


@signed_in
def history(request: SignedInRequest) -> HttpResponse:
    page = records.history_page(
        project_id=request.cloud.project.id, page=request.GET.get("page", "")
    )
    return render_page(request, "producer/history.html", {"page": page})
