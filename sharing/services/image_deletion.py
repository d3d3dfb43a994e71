"""The producer's verb to delete an image, and who loses it then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail
from sharing.cloud import errors
from sharing.cloud.resources import Image, User
from sharing.models import Share
from sharing.services import contacts, history, listings, members, refusals
from sharing.session import Cloud


class Protected(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(
            _("The image is protected from deletion: take the protection away first, by “Edit”.")
        )


class InUse(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("The cloud says that the image is in use and cannot be deleted now."))


@dataclass(frozen=True, slots=True)
class Consumer:
    """A project that loses the image. ``status`` is empty while the API does not say it, ``email``
    when there is no contact; ``own_address`` when no producer may read the one it has."""

    project_id: str
    status: str
    email: str
    wants_no_mail: bool
    share: Share | None
    has_own_address: bool = False
    own_address: str = ""

    @property
    def is_written_to(self) -> bool:
        """Those who rejected are not: they have said what they think of it."""
        return self.status != "rejected"

    @property
    def can_be_told(self) -> bool:
        is_reached = self.has_own_address or (bool(self.email) and not self.wants_no_mail)
        return self.is_written_to and is_reached


def consumers(*, cloud: Cloud, image: Image) -> list[Consumer]:
    """Who loses the image with its deletion.

    Of one that is not shared the API hides the members (trap 11): these are the projects that it
    was shared with here, and nobody can say what they answered.
    """
    if not image.is_shared:
        return _recorded(image)
    try:
        shares = members.list_shares(cloud=cloud, image=image)
    except errors.Forbidden:  # it has ceased to be shared this moment
        return _recorded(image)
    return [
        Consumer(
            project_id=one.member.project_id,
            status=one.member.status,
            email=one.contact.email if one.contact else "",
            wants_no_mail=one.wants_no_mail,
            share=one.share,
            has_own_address=one.has_own_address,
            own_address=one.own_address,
        )
        for one in shares
    ]


def delete(*, cloud: Cloud, image: Image, tell: Sequence[Consumer], by: User) -> None:
    """Delete the image with its members, and write to those of ``tell`` who can be reached.

    Raises Protected, InUse, ImageGone, NotAllowed.
    """
    try:
        cloud.images.remove_image(image.id)
    except errors.NotFound as error:
        raise refusals.ImageGone from error
    except errors.Conflict as error:
        raise InUse from error
    except errors.Forbidden as error:
        raise (Protected() if image.is_protected else refusals.NotAllowed()) from error
    with transaction.atomic():
        reply_to = members.producer_email(image.id, image.owner)
        mail.image_deleted_many(
            [
                mail.Letter(_lost(cloud, image, consumer), consumer.email, reply_to)
                for consumer in tell
                if consumer.is_written_to
            ]
        )
        _shares(image).update(removed_at=timezone.now())
        listing = listings.of_image(image_id=image.id, project_id=image.owner)
        if listing:
            listings.mark_unavailable(cloud=cloud, listing=listing, by=by)
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.IMAGE_DELETED,
            producer_project_id=image.owner,
            image_id=image.id,
            image_name=image.name[:255],
        )


def _recorded(image: Image) -> list[Consumer]:
    shares = list(_shares(image).order_by("shared_at", "pk"))
    project_ids = [share.project_id for share in shares]
    emails = contacts.emails(producer_project_id=image.owner, project_ids=project_ids)
    silent = contacts.silent(producer_project_id=image.owner, emails=emails.values())
    own = contacts.own_addresses(producer_project_id=image.owner, project_ids=project_ids)
    return [
        Consumer(
            project_id=share.project_id,
            status="",
            email=emails.get(share.project_id, ""),
            wants_no_mail=emails.get(share.project_id, "").lower() in silent,
            share=share,
            has_own_address=share.project_id in own,
            own_address=own.get(share.project_id, ""),
        )
        for share in shares
    ]


def _shares(image: Image) -> QuerySet[Share]:
    return Share.objects.filter(image_id=image.id, producer_project_id=image.owner, removed_at=None)


def _lost(cloud: Cloud, image: Image, consumer: Consumer) -> Share:
    """The share as the mail wants to see it; one that another tool made is not kept."""
    share = consumer.share or Share(
        image_id=image.id,
        project_id=consumer.project_id,
        producer_project_id=image.owner,
        producer_name=cloud.project.name,
    )
    share.image_name = image.name[:255]
    return share
