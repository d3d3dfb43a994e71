"""The mails before the end of a share: to its consumer, and to its producer.

They say nothing of how the share stands: the worker has no token, and nobody can ask the Image API
for it. All they claim is what was written down here: which day was set for which share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail
from sharing.models import HistoryEntry, Listing, Share
from sharing.services import contacts, members

# Both sides are warned so many days before; the longest first.
WARN_DAYS = (14, 3)


@dataclass(frozen=True, slots=True)
class _Group:
    """What one mail to a producer is about; ``to`` is empty where no listing names an address."""

    producer_project_id: str
    to: str
    ends_on: date
    stage: int


def warn() -> int:
    """Write to both sides of every share that ends in 14 and in 3 days; how many there were.

    May run as often as one likes, and several at once: who marks a share first writes. A worker
    that was off writes one mail for what it missed, not one for each day. Days are UTC's. The
    producer gets one mail for all that end on a day.
    """
    today = timezone.now().date()
    soon = Share.objects.filter(
        removed_at=None, ends_on__range=(today, today + timedelta(days=WARN_DAYS[0]))
    )
    gone = Listing.objects.exclude(unavailable_since=None).values("image_id")
    groups: dict[_Group, list[Share]] = defaultdict(list)
    for share in soon.exclude(image_id__in=gone).order_by("pk"):
        if share.ends_on is None:
            continue
        stage = min(days for days in WARN_DAYS if (share.ends_on - today).days <= days)
        if share.warned_days is None or share.warned_days > stage:
            owner = share.producer_project_id
            to = members.producer_email(share.image_id, owner)
            groups[_Group(owner, to, share.ends_on, stage)].append(share)
    return sum(_warn(group, shares) for group, shares in groups.items())


def _warn(group: _Group, shares: Sequence[Share]) -> int:
    owner = group.producer_project_id
    with transaction.atomic():
        mine = [share for share in shares if _claim(share, group.stage)]
        projects = [share.project_id for share in mine]
        emails = contacts.emails(producer_project_id=owner, project_ids=projects)
        silent = contacts.silent(producer_project_id=owner, emails=emails.values())
        own = contacts.own_addresses(producer_project_id=owner, project_ids=projects)
        mail.ends_soon_many(
            [mail.Letter(share, emails.get(share.project_id, ""), group.to) for share in mine]
        )
        told = {
            share: "" if share.project_id in own else _told(emails.get(share.project_id), silent)
            for share in mine
        }
        if mine and group.to:
            mail.ends_soon_list(told, ends_on=group.ends_on, to=group.to)
        _write_down(group, told)
    return len(mine)


def _told(email: str | None, silent: set[str]) -> str:
    """Why the consumer hears nothing of it, in words; empty when it does."""
    if not email:
        return _("not told: there is no contact")
    return _("not told: the contact has stopped your mails") if email.lower() in silent else ""


def _claim(share: Share, stage: int) -> bool:
    """Whether nobody else was first, and the date is still the one that we read."""
    unwarned = Q(warned_days=None) | Q(warned_days__gt=stage)
    same = Share.objects.filter(unwarned, pk=share.pk, ends_on=share.ends_on, removed_at=None)
    return bool(same.update(warned_days=stage))


def _write_down(group: _Group, told: Mapping[Share, str]) -> None:
    """By nobody: the worker did it, on the producer's behalf."""
    HistoryEntry.objects.bulk_create(
        HistoryEntry(
            verb=HistoryEntry.Verb.END_WARNED,
            producer_project_id=share.producer_project_id,
            image_id=share.image_id,
            image_name=share.image_name,
            project_id=share.project_id,
            detail=", ".join(part for part in (str(group.ends_on), why_not) if part),
        )
        for share, why_not in told.items()
    )
