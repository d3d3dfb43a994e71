"""The end of a share: its date, the warnings before it, and what is left to do on the day.

Nothing ends by itself: the portal has no token of its own. Nor do the warnings say how a share
stands: nobody can ask the Image API for them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from sharing import mail
from sharing.cloud import errors
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, Member, User
from sharing.models import Listing, Share
from sharing.services import contacts, history, members, refusals, rights
from sharing.session import Cloud

# Both sides are warned so many days before; the longest first.
WARN_DAYS = (14, 3)


def set_date(
    *, cloud: Cloud, image: Image, project_id: str, ends_on: date | None, by: User
) -> None:
    """The day on which the share is to end; None for no end. Raises NotAllowed, NotMember."""
    rights.require_member(cloud)
    member = members.get_share(cloud=cloud, image=image, project_id=project_id).member
    with transaction.atomic():
        share = members.adopt(cloud=cloud, image=image, member=member)
        share = Share.objects.select_for_update().get(pk=share.pk)
        if share.ends_on == ends_on:
            return
        before, share.ends_on, share.warned_days = share.ends_on, ends_on, None
        share.save(update_fields=["ends_on", "warned_days"])
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.END_DATE_SET,
            producer_project_id=image.owner,
            image_id=image.id,
            image_name=image.name,
            project_id=project_id,
            detail=f"{before or '–'} → {ends_on or '–'}",
        )


@dataclass(frozen=True, slots=True)
class Ended:
    """A share whose day has come. ``member`` is None when the Image API could not be asked."""

    share: Share
    member: Member | None

    @property
    def key(self) -> str:
        return f"{self.share.image_id}/{self.share.project_id}"


def overdue(*, cloud: Cloud) -> list[Ended]:
    """What ``due`` would look at, from our own table alone: the Image API is not asked."""
    return [Ended(share, None) for share in _in_order(cloud)]


def due(*, cloud: Cloud) -> list[Ended]:
    """The project's shares whose day has come, the longest overdue first, as far as they are
    still there. Without any, the Image API is not asked."""
    shares = list(_in_order(cloud))
    image_ids = list(dict.fromkeys(share.image_id for share in shares))
    answers = gather(cloud.images.list_members, image_ids)
    found = dict(zip(image_ids, answers, strict=True))
    ended: list[Ended] = []
    for share in shares:
        answer = found[share.image_id]
        if isinstance(answer, errors.SessionEnded):
            raise answer
        if isinstance(answer, (errors.NotFound, errors.Forbidden)):
            continue  # deleted, or private: nobody has it
        if isinstance(answer, errors.CloudError):
            ended.append(Ended(share, None))
            continue
        member = next((one for one in answer if one.project_id == share.project_id), None)
        if member:
            ended.append(Ended(share, member))
    return ended


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several; ``why_not`` is a sentence, empty when it was done."""

    share: Share
    why_not: str = ""


def settle(*, cloud: Cloud, keys: Sequence[str], extend_to: date | None, by: User) -> list[Outcome]:
    """Remove those of the ended shares (``Ended.key``), or extend them to another day.

    What is not one of them is left out; what was done stays done. Raises NotAllowed, Unavailable.
    """
    rights.require_member(cloud)
    chosen = set(keys)
    wanted = [share for share in _due(cloud) if Ended(share, None).key in chosen]
    image_ids = list(dict.fromkeys(share.image_id for share in wanted))
    images = dict(zip(image_ids, gather(cloud.images.get_image, image_ids), strict=True))
    return [Outcome(share, _settle(cloud, images, share, extend_to, by)) for share in wanted]


def _settle(
    cloud: Cloud,
    images: dict[str, Image | errors.CloudError],
    share: Share,
    extend_to: date | None,
    by: User,
) -> str:
    image = images[share.image_id]
    if isinstance(image, errors.CloudError) and not isinstance(image, errors.NotFound):
        raise image
    if isinstance(image, errors.CloudError) or not image.is_owned_by(cloud.project.id):
        return str(refusals.ImageGone())
    project_id = share.project_id
    try:
        if extend_to:
            set_date(cloud=cloud, image=image, project_id=project_id, ends_on=extend_to, by=by)
        else:
            members.remove(cloud=cloud, image=image, project_id=project_id, by=by)
    except refusals.Refusal as refusal:
        return str(refusal)
    return ""


def _in_order(cloud: Cloud) -> QuerySet[Share]:
    return _due(cloud).order_by("ends_on", "image_name", "pk")


def _due(cloud: Cloud) -> QuerySet[Share]:
    here = ("", cloud.region)
    return Share.objects.filter(
        producer_project_id=cloud.project.id,
        removed_at=None,
        ends_on__lte=timezone.localdate(),
        region__in=here,
    )


def warn() -> int:
    """Write to both sides of every share that ends in 14 and in 3 days; how many there were.

    May run as often as one likes, and several at once: who marks a share first writes. The
    producer gets one mail for all that end on a day.
    """
    today = timezone.now().date()
    soon = Share.objects.filter(
        removed_at=None, ends_on__range=(today, today + timedelta(days=WARN_DAYS[0]))
    )
    gone = Listing.objects.exclude(unavailable_since=None).values("image_id")
    groups: dict[tuple[str, str, date, int], list[Share]] = defaultdict(list)
    for share in soon.exclude(image_id__in=gone).order_by("pk"):
        if share.ends_on is None:
            continue
        stage = min(days for days in WARN_DAYS if (share.ends_on - today).days <= days)
        if share.warned_days is None or share.warned_days > stage:
            producer = members.producer_email(share.image_id, share.producer_project_id)
            groups[share.producer_project_id, producer, share.ends_on, stage].append(share)
    return sum(_warn(shares, *group[1:]) for group, shares in groups.items())


def _warn(shares: Sequence[Share], producer: str, ends_on: date, stage: int) -> int:
    with transaction.atomic():
        mine = [share for share in shares if _claim(share, stage)]
        for share in mine:
            contact = contacts.of(
                producer_project_id=share.producer_project_id, project_id=share.project_id
            )
            if contact:
                mail.ends_soon(share, to=contact.email, reply_to=producer)
        if mine and producer:
            mail.ends_soon_list(mine, ends_on=ends_on, to=producer)
    return len(mine)


def _claim(share: Share, stage: int) -> bool:
    """Whether nobody else was first, and the date is still the one that we read."""
    unwarned = Q(warned_days=None) | Q(warned_days__gt=stage)
    same = Share.objects.filter(unwarned, pk=share.pk, ends_on=share.ends_on, removed_at=None)
    return bool(same.update(warned_days=stage))
