"""The members of an image: share with a project, remove it, change its contact."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from sharing.cloud.resources import Image, normalise_project_id
from sharing.forms.producer import ContactForm, MemberForm
from sharing.http import SignedInRequest
from sharing.models import OutgoingMail
from sharing.services import contacts, members, refusals
from sharing.views.access import only_post, owned_image, signed_in
from sharing.views.producer import gone, image_page, share_record, way_back


@only_post
@signed_in
def add(request: SignedInRequest, image_id: UUID) -> HttpResponse:
    image = owned_image(request, str(image_id))
    form = MemberForm(request.POST)
    if form.is_valid():
        try:
            members.add(
                cloud=request.cloud, image=image, by=request.cloud.user, **form.cleaned_data
            )
        except refusals.ImageGone:
            return gone.page(request, image.id)
        except refusals.Refusal as refusal:
            _explain(form, refusal)
            image = owned_image(request, image.id)  # what we knew of it may be why
        else:
            messages.success(request, _shared(image, form.cleaned_data["project_id"]))
            return redirect("producer-image", image.id)
    return image_page.answer(request, image, add_form=form)


@only_post
@signed_in
def remove(request: SignedInRequest, image_id: UUID, project_id: str) -> HttpResponse:
    """Also what is no project's ID: other tools can add anything, and it should be got rid of."""
    image, cloud = owned_image(request, str(image_id)), request.cloud
    try:
        members.remove(cloud=cloud, image=image, project_id=project_id, by=cloud.user)
    except refusals.NotMember:
        return image_page.no_member(request, image, project_id)
    except refusals.ImageGone:
        return gone.page(request, image.id)
    except refusals.Refusal as refusal:
        return _unchanged(request, owned_image(request, image.id), project_id, str(refusal))
    messages.success(
        request, _("%(project)s is no longer a member of the image.") % {"project": project_id}
    )
    return way_back.back(request, image.id, project_id)


@only_post
@signed_in
def set_contact(request: SignedInRequest, image_id: UUID, project_id: str) -> HttpResponse:
    image = owned_image(request, str(image_id))
    if normalise_project_id(project_id) != project_id:
        raise Http404
    form = ContactForm(request.POST)
    if not form.is_valid():
        if way_back.is_share_page(request, image.id, project_id):
            return share_record.page(request, image, project_id, contact_form=form)
        return image_page.answer(request, image, contact=(project_id, form))
    try:
        members.set_contact(
            cloud=request.cloud,
            image=image,
            project_id=project_id,
            by=request.cloud.user,
            **form.cleaned_data,
        )
    except refusals.NotMember:
        return image_page.no_member(request, image, project_id)
    messages.success(request, _("The contact is %(email)s now.") % form.cleaned_data)
    return way_back.back(request, image.id, project_id)


def _unchanged(
    request: SignedInRequest, image: Image, project_id: str, problem: str
) -> HttpResponse:
    if way_back.is_share_page(request, image.id, project_id):
        return share_record.page(request, image, project_id, problem=problem)
    return image_page.answer(request, image, problem=problem)


def _explain(form: MemberForm, refusal: refusals.Refusal) -> None:
    """The refusal as an error of the form, at the field that it is about."""
    match refusal:
        case refusals.AlreadyMember():
            text = _(
                "This project is already a member of the image: %(status)s. To write to it, change "
                "its contact."
            )
            form.add_error("project_id", text % {"status": refusal.member.status})
        case refusals.OwnProject():
            form.add_error("project_id", str(refusal))
        case _:
            form.add_error(None, str(refusal))


def _shared(image: Image, project_id: str) -> str:
    """What was done, and whether the consumer hears of it."""
    mail = members.last_mail(image=image, project_id=project_id)
    done = _("Shared with %(project)s.") % {"project": project_id}
    is_told = mail is not None and mail.kind == OutgoingMail.Kind.SHARED
    is_stopped = mail is not None and mail.state == OutgoingMail.State.SUPPRESSED
    own = contacts.own_addresses(producer_project_id=image.owner, project_ids=[project_id])
    if own and (not is_told or is_stopped):
        return f"{done} {_('It is told at an address of its own.')}"
    if mail is None or not is_told:
        return f"{done} {_('No mail was sent: tell them the image’s ID.')}"
    if is_stopped:
        return f"{done} {_('No mail was sent: its receiver has stopped your mails.')}"
    if mail.is_held:
        return f"{done} {_('The mail to %(to)s waits: see Mail.') % {'to': mail.to}}"
    return f"{done} {_('A mail to %(to)s is on its way.') % {'to': mail.to}}"
