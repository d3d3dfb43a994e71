"""To those a share is with: the producer's contact, and whom the project itself named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sharing.mail import readers
from sharing.mail.writing import absolute, send_all, unsubscribe_url, written
from sharing.models import (
    DigestItem,
    Listing,
    MailAddress,
    OutgoingMail,
    Recipient,
    Share,
    Succession,
)

Kind = OutgoingMail.Kind


@dataclass(frozen=True, slots=True)
class Letter:
    """What a consumer is told of a share. ``to`` is the contact, empty where the producer holds
    none; ``extra`` is what its kind knows besides."""

    share: Share
    to: str
    reply_to: str
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    # To a new contact, of what the project's own addresses have been told before.
    is_for_contact_only: bool = False


def share_url(share: Share) -> str:
    return absolute(share.get_absolute_url())


def shared(share: Share, *, to: str, reply_to: str, is_for_contact_only: bool = False) -> None:
    shared_many([Letter(share, to, reply_to, is_for_contact_only=is_for_contact_only)])


def reminder(share: Share, *, to: str, reply_to: str) -> None:
    subject = _("Reminder: %(producer)s shares %(image)s with you")
    _to_consumers(Kind.REMINDER, [Letter(share, to, reply_to)], subject)


def ends_soon_many(letters: Sequence[Letter]) -> None:
    """It claims no more than that the day was set: the share may have been removed elsewhere."""
    subject = _("%(image)s from %(producer)s: its last day for you is %(day)s")
    _to_consumers(Kind.ENDS_SOON, letters, subject)


def removed(share: Share, *, to: str, reply_to: str) -> None:
    removed_many([Letter(share, to, reply_to)])


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


def image_deleted_many(letters: Sequence[Letter]) -> None:
    _to_consumers(Kind.IMAGE_DELETED, letters, _("%(producer)s deleted %(image)s"))


def _to_consumers(kind: str, letters: Sequence[Letter], subject: str) -> None:
    """All ``letters``, to their contacts and to whom the projects themselves want to be told; the
    shares are one producer's."""
    if not letters:
        return
    producer_id = letters[0].share.producer_project_id
    recipients = _recipients(producer_id, {letter.to.lower() for letter in letters if letter.to})
    open_ones = {letter.share.project_id for letter in letters if not letter.is_for_contact_only}
    others = readers.of_projects(kind, producer_id, open_ones)
    images = {letter.share.image_id for letter in letters}
    listings = {one.image_id: one for one in Listing.objects.filter(image_id__in=images)}
    mails, items = [], []
    for letter in letters:
        listing = listings.get(letter.share.image_id)
        if letter.to:
            recipient = recipients[letter.to.lower()]
            mails.append(_contacts_mail(kind, letter, subject, recipient, listing))
        if not letter.is_for_contact_only:
            own = others.get(letter.share.project_id, readers.Readers()).besides(letter.to)
            mails += [_readers_mail(kind, letter, subject, one, listing) for one in own.at_once]
            items += [_item(kind, letter, one) for one in own.daily]
    send_all(mails)
    DigestItem.objects.bulk_create(items)


def _recipients(producer_id: str, emails: Iterable[str]) -> dict[str, Recipient]:
    wanted = [Recipient(producer_project_id=producer_id, email=email) for email in sorted(emails)]
    if not wanted:
        return {}
    Recipient.objects.bulk_create(wanted, ignore_conflicts=True)
    addresses = [one.email for one in wanted]
    known = Recipient.objects.filter(producer_project_id=producer_id, email__in=addresses)
    return {one.email: one for one in known}


def _contacts_mail(
    kind: str, letter: Letter, subject: str, recipient: Recipient, listing: Listing | None
) -> OutgoingMail:
    return written(
        kind,
        letter.to,
        subject % _names(letter.share),
        _facts(letter, listing),
        producer_project_id=letter.share.producer_project_id,
        counts_for=letter.share.producer_project_id,
        image_id=letter.share.image_id,
        project_id=letter.share.project_id,
        reply_to=letter.reply_to,
        request=letter.share.request,
        unsubscribe_url=unsubscribe_url(recipient.token),
        is_suppressed=recipient.unsubscribed_at is not None,
    )


def _readers_mail(
    kind: str, letter: Letter, subject: str, reader: MailAddress, listing: Listing | None
) -> OutgoingMail:
    """No producer's: an address that the project gave the portal is not for them to read."""
    return written(
        kind,
        reader.email,
        subject % _names(letter.share),
        _facts(letter, listing) | {"reader": reader},
        counts_for=letter.share.producer_project_id,
        image_id=letter.share.image_id,
        project_id=letter.share.project_id,
        reply_to=letter.reply_to,
        unsubscribe_url=unsubscribe_url(reader.token),
    )


def _item(kind: str, letter: Letter, reader: MailAddress) -> DigestItem:
    share = letter.share
    return DigestItem(
        subscription=reader.subscription,
        kind=kind,
        choice=readers.CHOICES[Kind(kind)],
        image_id=share.image_id,
        image_name=share.image_name,
        producer_name=share.producer_name,
        ends_on=share.ends_on,
        path=share.get_absolute_url(),
    )


def _names(share: Share) -> dict[str, str]:
    return {
        "producer": share.producer_name,
        "image": share.image_name or share.image_id,
        "day": date_format(share.ends_on, "DATE_FORMAT") if share.ends_on else "",
    }


def _facts(letter: Letter, listing: Listing | None) -> dict[str, Any]:
    return {
        **letter.extra,
        "share": letter.share,
        "listing": listing if listing and listing.is_published else None,
        "url": share_url(letter.share),
    }
