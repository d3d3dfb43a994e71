"""To those a share is with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sharing.mail.writing import absolute, send_all, written
from sharing.models import Listing, OutgoingMail, Recipient, Share, Succession

Kind = OutgoingMail.Kind


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to a consumer about a share; ``extra`` is what its kind knows besides."""

    share: Share
    to: str
    reply_to: str
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def share_url(share: Share) -> str:
    return absolute(share.get_absolute_url())


def shared(share: Share, *, to: str, reply_to: str) -> None:
    _to_consumer(Kind.SHARED, share, to, _("%(producer)s shared %(image)s with you"), reply_to)


def reminder(share: Share, *, to: str, reply_to: str) -> None:
    subject = _("Reminder: %(producer)s shares %(image)s with you")
    _to_consumer(Kind.REMINDER, share, to, subject, reply_to)


def ends_soon(share: Share, *, to: str, reply_to: str) -> None:
    """It claims no more than that the day was set: the share may have been removed elsewhere."""
    subject = _("%(image)s from %(producer)s: its last day for you is %(day)s")
    _to_consumer(Kind.ENDS_SOON, share, to, subject, reply_to)


def removed(share: Share, *, to: str, reply_to: str) -> None:
    subject = _("%(producer)s no longer shares %(image)s with you")
    _to_consumer(Kind.REMOVED, share, to, subject, reply_to)


def shared_many(letters: Sequence[Letter]) -> None:
    """``shared`` for many at once, with few queries and one job."""
    _to_consumers(Kind.SHARED, letters, _("%(producer)s shared %(image)s with you"))


def new_version_many(letters: Sequence[Letter], step: Succession) -> None:
    """The image was shared, and replaces another one that they had: one mail says both."""
    extra = {"step": step}
    _to_consumers(
        Kind.NEW_VERSION,
        [replace(letter, extra=extra) for letter in letters],
        _("%(producer)s has a new version for you: %(image)s"),
    )


def removed_many(letters: Sequence[Letter]) -> None:
    subject = _("%(producer)s no longer shares %(image)s with you")
    _to_consumers(Kind.REMOVED, letters, subject)


def image_deleted(share: Share, *, to: str, reply_to: str) -> None:
    subject = _("%(producer)s deleted %(image)s")
    _to_consumer(Kind.IMAGE_DELETED, share, to, subject, reply_to)


def _to_consumer(kind: str, share: Share, to: str, subject: str, reply_to: str) -> None:
    _to_consumers(kind, [Letter(share, to, reply_to)], subject)


def _to_consumers(kind: str, letters: Sequence[Letter], subject: str) -> None:
    """All ``letters``; the shares are one producer's."""
    if not letters:
        return
    producer_id = letters[0].share.producer_project_id
    recipients = _recipients(producer_id, {letter.to.lower() for letter in letters})
    images = {letter.share.image_id for letter in letters}
    listings = {one.image_id: one for one in Listing.objects.filter(image_id__in=images)}
    mails = [
        _consumers_mail(
            kind,
            letter,
            subject,
            recipients[letter.to.lower()],
            listings.get(letter.share.image_id),
        )
        for letter in letters
    ]
    send_all(mails)


def _recipients(producer_id: str, emails: Iterable[str]) -> dict[str, Recipient]:
    wanted = [Recipient(producer_project_id=producer_id, email=email) for email in sorted(emails)]
    Recipient.objects.bulk_create(wanted, ignore_conflicts=True)
    addresses = [one.email for one in wanted]
    known = Recipient.objects.filter(producer_project_id=producer_id, email__in=addresses)
    return {one.email: one for one in known}


def _consumers_mail(
    kind: str, letter: Letter, subject: str, recipient: Recipient, listing: Listing | None
) -> OutgoingMail:
    share = letter.share
    names = {
        "producer": share.producer_name,
        "image": share.image_name or share.image_id,
        "day": date_format(share.ends_on, "DATE_FORMAT") if share.ends_on else "",
    }
    return written(
        kind,
        letter.to,
        subject % names,
        {
            **letter.extra,
            "share": share,
            "listing": listing if listing and listing.is_published else None,
            "url": share_url(share),
        },
        producer_project_id=share.producer_project_id,
        image_id=share.image_id,
        project_id=share.project_id,
        reply_to=letter.reply_to,
        request=share.request,
        unsubscribe_url=absolute(reverse("unsubscribe", args=[recipient.token])),
        is_suppressed=recipient.unsubscribed_at is not None,
    )
