"""The producer's verb on consumers who have not answered: remind one, or all of an image's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import mail
from sharing.cloud.resources import Image, User
from sharing.models import Share
from sharing.services import history, ledger, members, refusals, rights
from sharing.services.image_shares import ImageShare
from sharing.session import Cloud

Why = type[refusals.Refusal]
# Each is a mail of its own, written while the browser waits.
MOST_AT_ONCE = 200


def why_not(share: ImageShare) -> refusals.Refusal | None:
    """Why the consumer cannot be reminded now; None when it can."""
    if not share.member.is_pending:
        return refusals.NotPending(share.member.status)
    if not share.can_be_reached:
        return refusals.WantsNoMail() if share.wants_no_mail else refusals.NoContact()
    if share.reminders >= settings.REMINDER_LIMIT:
        return refusals.TooOften(settings.REMINDER_LIMIT)
    if share.reminded_at:
        until = share.reminded_at + timedelta(days=settings.REMINDER_DAYS)
        if timezone.now() < until:
            return refusals.TooSoon(until)
    return None


def remind(*, cloud: Cloud, image: Image, project_id: str, by: User) -> str:
    """Write to a consumer who has not answered; to whom it goes, in words.

    Raises NotAllowed, NotMember, NotPending, NoContact, WantsNoMail, TooSoon or TooOften.
    """
    rights.require_member(cloud)
    share = members.get_share(cloud=cloud, image=image, project_id=project_id)
    return _remind(cloud, image, share, by)


def remind_all(*, cloud: Cloud, image: Image, by: User) -> tuple[int, Mapping[Why, int]]:
    """Remind everyone who waits: how many were, and how many were not, by the reason.

    Each reminder is written on its own: what was done stays done.
    """
    rights.require_member(cloud)
    reminded, left_out = 0, Counter[Why]()
    for share in members.list_shares(cloud=cloud, image=image):
        if not share.member.is_pending:
            continue
        try:
            _remind(cloud, image, share, by)
        except refusals.Refusal as refusal:
            left_out[type(refusal)] += 1
        else:
            reminded += 1
    return reminded, left_out


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many were reminded, and how many not, by the reason; ``is_cut``: not all were tried."""

    reminded: int
    left_out: Mapping[Why, int]
    is_cut: bool


def remind_found(*, cloud: Cloud, question: ledger.Question, by: User) -> Reminded:
    """Remind everyone who waits, of the shares that the ledger finds; ``MOST_AT_ONCE`` at most.

    Raises NotAllowed, and the Image API's error when not all could be asked for.
    """
    rights.require_member(cloud)
    found = ledger.read(cloud=cloud, question=replace(question, status="pending"))
    if found.fault:
        raise found.fault
    reminded, left_out = 0, Counter[Why]()
    for row in found.rows():
        if reminded == MOST_AT_ONCE:
            return Reminded(reminded, left_out, is_cut=True)
        try:
            _remind(cloud, row.image, row.share, by)
        except refusals.Refusal as refusal:
            left_out[type(refusal)] += 1
        else:
            reminded += 1
    return Reminded(reminded, left_out, is_cut=False)


def _remind(cloud: Cloud, image: Image, share: ImageShare, by: User) -> str:
    """The count that we saw is the claim: of two who remind at once, one finds it changed."""
    refusal = why_not(share)
    if refusal:
        raise refusal
    contact = share.contact.email if share.contact else ""
    is_own = not contact or share.wants_no_mail
    to = share.own_address or _("the project’s own address") if is_own else contact
    with transaction.atomic():
        record = members.adopt(cloud=cloud, image=image, member=share.member)
        now = timezone.now()
        mine = Share.objects.filter(pk=record.pk, reminders=share.reminders).update(
            reminders=F("reminders") + 1, reminded_at=now
        )
        if not mine:
            raise refusals.TooSoon(now + timedelta(days=settings.REMINDER_DAYS))
        record.refresh_from_db()
        mail.reminder(record, to=contact, reply_to=members.producer_email(image.id, image.owner))
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.REMINDED,
            producer_project_id=image.owner,
            image_id=image.id,
            image_name=image.name,
            project_id=share.member.project_id,
            detail=to,
        )
    return to
