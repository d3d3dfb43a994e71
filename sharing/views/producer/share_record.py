"""The producer's page of one share: request, membership, contact, mails and history."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.urls import reverse

from sharing import drafts
from sharing.cloud.resources import Image, normalise_project_id
from sharing.forms.ending import EndForm
from sharing.forms.producer import ContactForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import records, reminders, share_record
from sharing.views.access import owned_image, signed_in
from sharing.views.producer import gone


@signed_in
def show(request: SignedInRequest, image_id: UUID, project_id: str) -> HttpResponse:
    if normalise_project_id(project_id) != project_id:
        raise Http404
    try:
        image = owned_image(request, str(image_id))
    except Http404:
        return gone.page(request, str(image_id))
    return page(request, image, project_id)


def page(
    request: SignedInRequest,
    image: Image,
    project_id: str,
    *,
    end_form: EndForm | None = None,
    contact_form: ContactForm | None = None,
    problem: str = "",
) -> HttpResponse:
    """404 where there never was such a share. With a form that has mistakes, or a problem, 422."""
    found = share_record.read(cloud=request.cloud, image=image, project_id=project_id)
    if found is None:
        raise Http404
    share = found.share
    context = {
        "found": found,
        "image": image,
        "share": share,
        "member": share.member if share else None,
        "end_form": end_form or _end_form(request, found),
        "contact_form": contact_form or _contact_form(request, found),
        "problem": problem,
        "no_reminder": str(reminders.why_not(share) or "") if share else "",
        "mails": [(mail, records.shown_text(mail)) for mail in found.mails],
    }
    status = 422 if end_form or contact_form or problem else 200
    return render_page(request, "producer/share.html", context, status=status)


def _end_form(request: SignedInRequest, found: share_record.ShareRecord) -> EndForm:
    draft = drafts.take(request, reverse("member-end", args=[found.image.id, found.project_id]))
    ends_on = found.share.ends_on if found.share else None
    return EndForm(initial=draft.dict() if draft else {"ends_on": ends_on})


def _contact_form(request: SignedInRequest, found: share_record.ShareRecord) -> ContactForm:
    draft = drafts.take(request, reverse("member-contact", args=[found.image.id, found.project_id]))
    contact = found.share.contact if found.share else None
    initial = draft.dict() if draft else {"email": contact.email if contact else ""}
    return ContactForm(initial=initial, auto_id="contact-%s")
