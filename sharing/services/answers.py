"""The consumer's verb: show an image in the project's list, hide it, or decide later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail
from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, Member, MemberStatus, User
from sharing.models import Contact, HistoryEntry, Share
from sharing.services import history, inbox, members, refusals
from sharing.session import Cloud


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several. ``why_not`` is a sentence, empty when it was done."""

    image_id: str
    image_name: str
    why_not: str = ""
    is_forbidden: bool = False


def give(
    *, cloud: Cloud, image: Image, before: MemberStatus, status: MemberStatus, by: User
) -> None:
    """Set the project's own status; the producer is told once, if it is another than ``before``.

    Raises ImageGone or NotAllowed.
    """
    started = timezone.now()
    try:
        member = cloud.images.set_member_status(image.id, cloud.project.id, status)
    except errors.NotFound as error:
        raise refusals.ImageGone from error
    except errors.Forbidden as error:
        raise refusals.NotAllowed from error
    if member.status != before:
        with transaction.atomic():
            _write_down(cloud, image, member, by, started)


def give_several(
    *, cloud: Cloud, image_ids: Sequence[str], status: MemberStatus, by: User
) -> list[Outcome]:
    """The same answer for several, eight at a time; an outcome for each, in their order.

    What was done stays done and is written down, whatever became of the others. Raises
    SessionEnded, and Unavailable when not one could be done.
    """
    started = timezone.now()
    drawers = inbox.list_drawers(cloud=cloud)
    known = {shared.image.id: shared for one in drawers.values() for shared in one}
    wanted = [known[image_id] for image_id in image_ids if image_id in known]
    results = gather(
        lambda shared: cloud.images.set_member_status(shared.image.id, cloud.project.id, status),
        wanted,
    )
    with transaction.atomic():
        for shared, member in zip(wanted, results, strict=True):
            if isinstance(member, Member) and member.status != shared.status:
                _write_down(cloud, shared.image, member, by, started)
    faults = [result for result in results if isinstance(result, errors.CloudError)]
    _raise_if_hopeless(faults, is_all=len(faults) == len(results))
    by_image = dict(zip((shared.image.id for shared in wanted), results, strict=True))
    return [
        _outcome(image_id, known[image_id].image.name, by_image[image_id])
        if image_id in known
        else Outcome(image_id, image_id, str(refusals.ImageGone()))
        for image_id in image_ids
    ]


def _raise_if_hopeless(faults: Sequence[errors.CloudError], *, is_all: bool) -> None:
    for fault in faults:
        if isinstance(fault, errors.SessionEnded) or (
            is_all and isinstance(fault, errors.Unavailable)
        ):
            raise fault


def _outcome(image_id: str, name: str, result: Member | errors.CloudError) -> Outcome:
    match result:
        case Member():
            return Outcome(image_id, name)
        case errors.NotFound():
            return Outcome(image_id, name, str(refusals.ImageGone()))
        case errors.Forbidden():
            return Outcome(image_id, name, str(refusals.NotAllowed()), is_forbidden=True)
        case errors.Broken():
            return Outcome(image_id, name, _("The Image API could not do it. Try it again."))
        case _:
            return Outcome(image_id, name, _("The Image API did not answer. Try it again."))


def _write_down(cloud: Cloud, image: Image, member: Member, by: User, started: datetime) -> None:
    """History, the share's record and the mail to the producer, in the caller's transaction."""
    share = (
        Share.objects.select_for_update()
        .filter(
            image_id=image.id,
            project_id=cloud.project.id,
            producer_project_id=image.owner,
            removed_at=None,
        )
        .first()
    )
    if _is_told_already(cloud, image, member.status, started):
        return
    history.record(
        cloud=cloud,
        by=by,
        verb=history.Verb.STATUS_SET,
        producer_project_id=image.owner,
        image_id=image.id,
        image_name=image.name,
        project_id=cloud.project.id,
        detail=member.status,
    )
    if share:
        share.answered_at = timezone.now()
        share.save(update_fields=["answered_at"])
    to = members.producer_email(image.id, image.owner)
    if to:
        told = share or _unrecorded(cloud, image, member)
        mail.answered(told, status=member.status, to=to, reply_to=_contact(cloud, image))


def _is_told_already(cloud: Cloud, image: Image, status: str, started: datetime) -> bool:
    """Whether the same answer was written down since: by a double click, or by a colleague."""
    since = HistoryEntry.objects.filter(
        image_id=image.id,
        project_id=cloud.project.id,
        verb=history.Verb.STATUS_SET,
        at__gte=started,
    )
    last = since.order_by("-at", "-pk").first()
    return last is not None and last.detail == status


def _unrecorded(cloud: Cloud, image: Image, member: Member) -> Share:
    """A share that another tool made, as the mail wants to see it; it is not kept."""
    return Share(
        image_id=image.id,
        project_id=cloud.project.id,
        producer_project_id=image.owner,
        image_name=image.name,
        shared_at=member.created_at,
    )


def _contact(cloud: Cloud, image: Image) -> str:
    """Where the producer's reply goes: the address that he already holds for this project."""
    contact = Contact.objects.filter(
        producer_project_id=image.owner, project_id=cloud.project.id
    ).first()
    return contact.email if contact else ""
