"""The producer's verbs on the members of an image."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from sharing import mail
from sharing.cloud import errors
from sharing.cloud.resources import Image, Member, User
from sharing.models import AccessRequest, Listing, OutgoingMail, Share
from sharing.services import contacts, history, image_shares, refusals, rights
from sharing.services.image_shares import ImageShare
from sharing.session import Cloud


def list_shares(*, cloud: Cloud, image: Image) -> list[ImageShare]:
    """The shares of an image of ours, oldest first; members made by other tools are there too."""
    members = cloud.images.list_members(image.id)
    return image_shares.join(members, producer_project_id=image.owner)


def get_share(*, cloud: Cloud, image: Image, project_id: str) -> ImageShare:
    """One share of an image of ours. Raises NotMember."""
    member = _existing(cloud, image, project_id)
    if member is None:
        raise refusals.NotMember
    return image_shares.join([member], producer_project_id=image.owner)[0]


def add(
    *,
    cloud: Cloud,
    image: Image,
    project_id: str,
    by: User,
    email: str = "",
    note: str = "",
    ends_on: date | None = None,
    request: AccessRequest | None = None,
) -> Member:
    """Share ``image`` with a project: create the member, keep the contact, write the mails.

    Raises a Refusal: OwnProject, AlreadyMember, NotShared, QuotaReached, ImageGone, NotAllowed.
    """
    member = create_member(cloud=cloud, image=image, project_id=project_id)
    with transaction.atomic():
        write_down(
            cloud=cloud,
            image=image,
            member=member,
            by=by,
            email=email,
            note=note,
            ends_on=ends_on,
            request=request,
        )
    return member


def create_member(*, cloud: Cloud, image: Image, project_id: str) -> Member:
    """The Image API's part of ``add``, its refusals translated."""
    if image.is_owned_by(project_id):
        raise refusals.OwnProject
    try:
        return cloud.images.add_member(image.id, project_id)
    except errors.NotFound as error:
        raise refusals.ImageGone from error
    except errors.Forbidden as error:
        raise why_forbidden(cloud, image) from error
    except (errors.Conflict, errors.QuotaExceeded) as error:
        # At the quota the API says "too many" of a duplicate too (trap 9).
        member = _existing(cloud, image, project_id)
        raise (refusals.AlreadyMember(member) if member else refusals.QuotaReached()) from error


def write_down(
    *,
    cloud: Cloud,
    image: Image,
    member: Member,
    by: User,
    email: str,
    note: str,
    ends_on: date | None = None,
    request: AccessRequest | None = None,
) -> None:
    """The portal's part of ``add``, in the caller's transaction: share, contact, history, mail."""
    project_id = member.project_id
    share, _ = Share.objects.update_or_create(
        image_id=image.id,
        project_id=project_id,
        producer_project_id=image.owner,
        defaults=share_facts(cloud, image)
        | {
            "note": note,
            "ends_on": ends_on,
            "request": request,
            # Not before the API's own time of it: its clock may be ahead (ImageShare.is_put_back).
            "shared_at": max(timezone.now(), member.updated_at),
            "shared_by_id": by.id,
            "shared_by_name": by.name,
        },
    )
    _record(cloud, image, project_id, by, history.Verb.MEMBER_ADDED)
    _tell(cloud, image, share, by, email)


def write_down_again(
    *,
    cloud: Cloud,
    image: Image,
    member: Member,
    by: User,
    email: str,
    ends_on: date | None,
    request: AccessRequest,
) -> None:
    """A request was approved whose project is a member already: what is known of the share stays,
    unless an end is named, and the requester is written to. In the caller's transaction."""
    share = adopt(cloud=cloud, image=image, member=member)
    share.request = request
    if ends_on and ends_on != share.ends_on:
        share.ends_on, share.warned_days = ends_on, None
    share.save(update_fields=["request", "ends_on", "warned_days"])
    _tell(cloud, image, share, by, email)


def remove(*, cloud: Cloud, image: Image, project_id: str, by: User) -> None:
    """Take the membership away; a consumer with a contact is told.

    Raises NotMember, NotShared, ImageGone or NotAllowed.
    """
    try:
        cloud.images.remove_member(image.id, project_id)
    except errors.NotFound as error:
        raise refusals.NotMember from error
    except errors.Forbidden as error:
        raise why_forbidden(cloud, image) from error
    write_removal(cloud=cloud, image=image, project_id=project_id, by=by)


def write_removal(*, cloud: Cloud, image: Image, project_id: str, by: User) -> None:
    """The portal's part of ``remove``."""
    with transaction.atomic():
        contact = contacts.of(producer_project_id=image.owner, project_id=project_id)
        share = _shares(image).filter(project_id=project_id).first()
        if share is None and (contact or contacts.have_readers(project_ids=[project_id])):
            share = Share(
                image_id=image.id,
                project_id=project_id,
                producer_project_id=image.owner,
                shared_at=timezone.now(),
            )
            for name, value in share_facts(cloud, image).items():
                setattr(share, name, value)
        if share:
            share.removed_at = timezone.now()
            share.save()
        if share:
            to, reply_to = contact.email if contact else "", producer_email(image.id, image.owner)
            mail.removed(share, to=to, reply_to=reply_to)
        _record(cloud, image, project_id, by, history.Verb.MEMBER_REMOVED)


def set_contact(
    *, cloud: Cloud, image: Image, project_id: str, email: str, notify: bool, by: User
) -> None:
    """Change a consumer's address; ``notify`` writes "shared with you" to it.

    Raises NotAllowed, NotMember. A consumer who rejected is never written to.
    """
    rights.require_member(cloud)
    member = _existing(cloud, image, project_id)
    if member is None:
        raise refusals.NotMember
    with transaction.atomic():
        _keep_contact(cloud, image, project_id, by, email)
        if notify and not member.is_rejected:
            share = adopt(cloud=cloud, image=image, member=member)
            reply_to = producer_email(image.id, image.owner)
            mail.shared(share, to=email, reply_to=reply_to, is_for_contact_only=True)


def producer_email(image_id: str, project_id: str) -> str:
    """Where answers to a producer's mails go: the image's listing, else the newest other one."""
    newest = Listing.objects.filter(project_id=project_id).order_by("-updated_at")
    listing = newest.filter(image_id=image_id).first() or newest.first()
    return listing.contact_email if listing else ""


def last_mail(*, image: Image, project_id: str) -> OutgoingMail | None:
    """The newest mail to a consumer about this image."""
    return image_shares.mails(image.owner).filter(image_id=image.id, project_id=project_id).last()


def adopt(*, cloud: Cloud, image: Image, member: Member) -> Share:
    """The row of the share, made now when another tool made the member: shared by nobody here.

    In the caller's transaction. Of two who adopt at once, the second finds the first one's row.
    """
    anew = share_facts(cloud, image) | {
        "note": "",
        "request": None,
        "shared_at": member.created_at,
        "shared_by_id": "",
        "shared_by_name": "",
    }
    share, _ = Share.objects.get_or_create(
        image_id=image.id,
        project_id=member.project_id,
        producer_project_id=image.owner,
        defaults=anew,
    )
    if share.removed_at is not None:
        Share.objects.filter(pk=share.pk, removed_at=share.removed_at).update(**anew)
        share.refresh_from_db()
    return share


def _shares(image: Image) -> QuerySet[Share]:
    return Share.objects.filter(image_id=image.id, producer_project_id=image.owner)


def share_facts(cloud: Cloud, image: Image) -> dict[str, Any]:
    """What every new or renewed row of a share has."""
    return {
        "producer_name": _producer_name(cloud, image),
        "region": cloud.region if len(cloud.regions) > 1 else "",
        "image_name": image.name,
        "removed_at": None,
        "answered_at": None,
        "reminded_at": None,
        "reminders": 0,
        "ends_on": None,
        "warned_days": None,
    }


def _tell(cloud: Cloud, image: Image, share: Share, by: User, email: str) -> None:
    """Write "shared with you" to ``email``, if there is one, which becomes the project's contact;
    and to whom the project itself wants to be told.

    Except an address that only claims to be the project's, where the producer holds another one:
    that one stays, and the mail goes to the one who asked.
    """
    known = contacts.of(producer_project_id=image.owner, project_id=share.project_id)
    is_claim = share.request is not None and not share.request.is_verified
    if email and not (known and is_claim):
        _keep_contact(cloud, image, share.project_id, by, email)
    mail.shared(share, to=email, reply_to=producer_email(image.id, image.owner))


def _keep_contact(cloud: Cloud, image: Image, project_id: str, by: User, email: str) -> None:
    _contact, before = contacts.keep(
        producer_project_id=image.owner, project_id=project_id, email=email
    )
    if before != email:
        detail = f"{before or '–'} → {email}"
        _record(cloud, image, project_id, by, history.Verb.CONTACT_CHANGED, detail)


def why_forbidden(cloud: Cloud, image: Image) -> refusals.Refusal:
    """The API answers the same to a wrong visibility and to a missing role: look again."""
    try:
        now = cloud.images.get_image(image.id)
    except errors.NotFound:
        return refusals.ImageGone()
    return refusals.NotAllowed() if now.is_shared else refusals.NotShared(now.visibility)


def _existing(cloud: Cloud, image: Image, project_id: str) -> Member | None:
    try:
        return cloud.images.get_member(image.id, project_id)
    except errors.NotFound:
        return None


def _producer_name(cloud: Cloud, image: Image) -> str:
    listing = Listing.objects.filter(image_id=image.id).first()
    return listing.producer_name if listing else cloud.project.name


def _record(
    cloud: Cloud, image: Image, project_id: str, by: User, verb: history.Verb, detail: str = ""
) -> None:
    history.record(
        cloud=cloud,
        by=by,
        verb=verb,
        producer_project_id=image.owner,
        image_id=image.id,
        image_name=image.name,
        project_id=project_id,
        detail=detail,
    )
