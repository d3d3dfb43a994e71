"""The image's page, which several forms come back to."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.cloud.errors import Forbidden
from sharing.cloud.resources import Image
from sharing.forms.ending import EndForm, EndsForm
from sharing.forms.images import FetchForm
from sharing.forms.producer import ContactForm, MemberForm
from sharing.http import SignedInRequest
from sharing.partials import render_page
from sharing.services import (
    history,
    image_data,
    images,
    listings,
    members,
    reminders,
    version_changes,
    versions,
)
from sharing.services.image_shares import ImageShare
from sharing.views import errors as pages

TEMPLATE = "producer/image.html"


@dataclass(frozen=True, slots=True)
class Row:
    """A member, and the forms for its contact and its end: None where there can be none.

    ``no_reminder`` says why it cannot be reminded now; empty when it can.
    """

    share: ImageShare
    form: ContactForm | None
    end_form: EndForm | None
    no_reminder: str
    is_ticked: bool = False


@dataclass(frozen=True, slots=True)
class _Wrong:
    """The forms with mistakes, each with its project."""

    contact: tuple[str, ContactForm] | None = None
    end: tuple[str, EndForm] | None = None

    @property
    def project_ids(self) -> set[str]:
        return {one[0] for one in (self.contact, self.end) if one}


def answer(
    request: SignedInRequest,
    image: Image,
    *,
    add_form: MemberForm | None = None,
    contact: tuple[str, ContactForm] | None = None,
    end: tuple[str, EndForm] | None = None,
    ends_form: EndsForm | None = None,
    problem: str = "",
    fetch_form: FetchForm | None = None,
    data_problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The page as it is; with a form that has mistakes, or a problem, it is a 422.

    ``problem`` is with the members, ``data_problem`` with the image's data.
    """
    ends = ends_form or _ends_form(request, image)
    rows = _rows(request, image, _Wrong(contact, end), set(ends["project"].value() or ()))
    place = versions.place(image_id=image.id, project_id=image.owner)
    context = {
        "image": image,
        "is_gone": listings.is_gone(image),
        "place": place,
        "late": version_changes.late_by_page(cloud=request.cloud, image=image, place=place),
        "listing_to_move_back": version_changes.listing_to_move_back(place),
        "listing": listings.refresh(cloud=request.cloud, image=image, by=request.cloud.user),
        "rows": rows,
        "remindable": sum(not row.no_reminder for row in rows or ()),
        "recorded": 0 if image.is_shared else images.count_recorded_shares(image),
        "form": add_form or _add_form(request, image),
        "ends_form": ends,
        "problem": problem,
        "data_problem": data_problem,
        **_about_data(request, image, fetch_form),
    }
    is_wrong = add_form or contact or end or ends_form or problem or fetch_form or data_problem
    status = 422 if is_wrong else status
    return render_page(request, TEMPLATE, context, part="members", status=status)


def no_member(request: SignedInRequest, image: Image, project_id: str) -> HttpResponse:
    """Somebody was faster; or it never was one, and then there is nothing here."""
    removal = history.last(
        verb=history.Verb.MEMBER_REMOVED, image_id=image.id, project_id=project_id
    )
    if removal is None:
        raise Http404
    return pages.conflict(
        request,
        title=_("The share is removed already"),
        text=_("The project is not a member of the image any more."),
        who=removal.by_name,
        when=removal.at,
    )


def _rows(
    request: SignedInRequest, image: Image, wrong: _Wrong, ticked: set[str]
) -> list[Row] | None:
    """None when there is nothing to list: only a shared image has members (trap 11)."""
    if not image.is_shared:
        return None
    try:
        shares = members.list_shares(cloud=request.cloud, image=image)
    except Forbidden:
        return None
    if wrong.project_ids - {share.member.project_id for share in shares}:
        raise Http404
    return [_row(request, share, number, wrong, ticked) for number, share in enumerate(shares, 1)]


def _row(
    request: SignedInRequest, share: ImageShare, number: int, wrong: _Wrong, ticked: set[str]
) -> Row:
    project_id = share.member.project_id
    contact, end = wrong.contact or ("", None), wrong.end or ("", None)
    return Row(
        share,
        contact[1] if contact[0] == project_id else _form(request, share, number),
        end[1] if end[0] == project_id else _end_form(request, share, number),
        str(reminders.why_not(share) or ""),
        is_ticked=project_id in ticked,
    )


def _form(request: SignedInRequest, share: ImageShare, number: int) -> ContactForm | None:
    if not share.is_project:
        return None
    email = share.contact.email if share.contact else ""
    path = reverse("member-contact", args=[share.member.image_id, share.member.project_id])
    draft = drafts.take(request, path)
    initial = draft.dict() if draft else {"email": email}
    return ContactForm(initial=initial, auto_id=f"contact-{number}-%s")


def _end_form(request: SignedInRequest, share: ImageShare, number: int) -> EndForm | None:
    if not share.is_project:
        return None
    path = reverse("member-end", args=[share.member.image_id, share.member.project_id])
    draft = drafts.take(request, path)
    initial = draft.dict() if draft else {"ends_on": share.ends_on}
    return EndForm(initial=initial, auto_id=f"end-{number}-%s")


def _ends_form(request: SignedInRequest, image: Image) -> EndsForm:
    draft = drafts.take(request, reverse("members-end", args=[image.id]))
    initial = {**draft.dict(), "project": draft.getlist("project")} if draft else None
    return EndsForm(initial=initial, auto_id="ends-%s")


def _add_form(request: SignedInRequest, image: Image) -> MemberForm:
    draft = drafts.take(request, reverse("members", args=[image.id]))
    return MemberForm(initial=draft.dict() if draft else None)


def _about_data(
    request: SignedInRequest, image: Image, fetch_form: FetchForm | None
) -> dict[str, object]:
    """What a page of an image without data needs besides."""
    fetch = image_data.last_fetch(cloud=request.cloud, image=image)
    is_moving = image.is_getting_data or bool(fetch and fetch.is_under_way)
    if not is_moving and image_data.can_fetch(cloud=request.cloud, image=image):
        draft = drafts.take(request, reverse("image-data", args=[image.id]))
        before = {"url": fetch.url} if fetch else None
        fetch_form = fetch_form or FetchForm(initial=draft.dict() if draft else before)
    return {"fetch": fetch, "fetch_form": fetch_form, "is_moving": is_moving}
