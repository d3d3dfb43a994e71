"""The mails that tell a person once a day what happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from sharing import mail
from sharing.models import DigestItem, MailAddress, Subscription


def last_due() -> datetime:
    """When today's mails were due, or yesterday's where today's hour has not come (UTC)."""
    now = timezone.now()
    today = now.replace(hour=settings.DIGEST_HOUR, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def next_due() -> datetime:
    return last_due() + timedelta(days=1)


def send() -> int:
    """Write to everyone for whom something was collected until the last due time; how many.

    May run as often as one likes, and several at once: who marks a subscription first writes its
    mail. A worker that was off writes one mail for what it missed, not one for each day.
    """
    due = last_due()
    waits = DigestItem.objects.filter(subscription=OuterRef("pk"), created_at__lt=due)
    found = _not_sent_since(due).filter(Exists(waits)).order_by("pk")
    return sum(send_to(one, due) for one in list(found))


def _not_sent_since(due: datetime) -> QuerySet[Subscription]:
    return Subscription.objects.filter(Q(digest_at=None) | Q(digest_at__lt=due))


def send_to(subscription: Subscription, due: datetime) -> bool:
    """The mail and what is in it go in one transaction: each thing is told of in exactly one."""
    with transaction.atomic():
        mine = _not_sent_since(due).filter(pk=subscription.pk).update(digest_at=timezone.now())
        if not mine:
            return False
        items = list(subscription.items.filter(created_at__lt=due).order_by("created_at", "pk"))
        address = MailAddress.objects.filter(
            subscription=subscription, confirmed_at__isnull=False, ended_at=None
        ).first()
        if items and address:
            mail.digest(address, items)
        subscription.items.filter(pk__in=[item.pk for item in items]).delete()
    return bool(items and address)
