"""One function per mail: it writes the whole mail and its sending job in the caller's transaction.

What a mail tells of and the mail itself are there together or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from email.utils import make_msgid
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing import tasks
from sharing.models import AccessRequest, Listing, OutgoingMail, Recipient, Share, Succession

Kind = OutgoingMail.Kind
State = OutgoingMail.State


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to a consumer about a share; ``extra`` is what its kind knows besides."""

    share: Share
    to: str
    reply_to: str
    extra: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def share_url(share: Share) -> str:
    return absolute(share.get_absolute_url())


def confirm_request(request: AccessRequest) -> None:
    """With the only copy of the key that proves the address. The requester's message is not in
    it: nobody shall send words of his own to strangers through the portal."""
    page = reverse("access-confirm", args=[request.token])
    query = urlencode({"key": request.confirm_token})
    _send(
        Kind.CONFIRM_REQUEST,
        request.email,
        _("Confirm your request for %(title)s") % {"title": request.listing.title},
        {"request": request, "url": absolute(f"{page}?{query}")},
        producer_project_id=request.listing.project_id,
        image_id=request.listing.image_id,
        project_id=request.project_id,
        request=request,
    )


def request_received(request: AccessRequest, *, answer: str = "") -> None:
    """To the producer; again with the ``answer`` when a question of his was answered."""
    subject = _("An answer about %(title)s") if answer else _("A request for %(title)s")
    _send(
        Kind.REQUEST_RECEIVED,
        request.listing.contact_email,
        subject % {"title": request.listing.title},
        {"request": request, "answer": answer, "url": absolute(reverse("requests"))},
        producer_project_id=request.listing.project_id,
        image_id=request.listing.image_id,
        project_id=request.project_id,
        reply_to=request.email,
        request=request,
    )


def more_asked(request: AccessRequest) -> None:
    _to_requester(
        Kind.MORE_ASKED,
        request,
        _("A question about your request for %(title)s") % {"title": request.listing.title},
    )


def declined(request: AccessRequest) -> None:
    _to_requester(
        Kind.DECLINED,
        request,
        _("Your request for %(title)s was declined") % {"title": request.listing.title},
    )


def shared(share: Share, *, to: str, reply_to: str) -> None:
    _to_consumer(Kind.SHARED, share, to, _("%(producer)s shared %(image)s with you"), reply_to)


def reminder(share: Share, *, to: str, reply_to: str) -> None:
    subject = _("Reminder: %(producer)s shares %(image)s with you")
    _to_consumer(Kind.REMINDER, share, to, subject, reply_to)


def ends_soon(share: Share, *, to: str, reply_to: str) -> None:
    """It claims no more than that the day was set: the share may have been removed elsewhere."""
    subject = _("%(image)s from %(producer)s: its last day for you is %(day)s")
    _to_consumer(Kind.ENDS_SOON, share, to, subject, reply_to)


def ends_soon_list(shares: Mapping[Share, str], *, ends_on: date, to: str) -> None:
    """To the producer, once for all of his shares that end on a day; with each, why its consumer
    is not told, or nothing."""
    subject = ngettext("%(n)d share ends on %(day)s", "%(n)d shares end on %(day)s", len(shares))
    _send(
        Kind.ENDS_SOON_LIST,
        to,
        subject % {"n": len(shares), "day": date_format(ends_on, "DATE_FORMAT")},
        {
            "shares": shares.items(),
            "ends_on": ends_on,
            "url": absolute(f"{reverse('shares')}?hint=ends&sort=ends"),
        },
        producer_project_id=next(iter(shares)).producer_project_id,
    )


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


def answered(share: Share, *, status: str, to: str, reply_to: str) -> None:
    """To the producer; ``reply_to`` is the consumer's contact."""
    subject = {
        "accepted": _("%(image)s was accepted by project %(project)s"),
        "rejected": _("%(image)s was rejected by project %(project)s"),
        "pending": _("%(image)s was put back to pending by project %(project)s"),
    }[status]
    _send(
        Kind.ANSWERED,
        to,
        subject % {"image": share.image_name or share.image_id, "project": share.project_id},
        {
            "share": share,
            "status": status,
            "url": absolute(reverse("producer-image", args=[share.image_id])),
        },
        producer_project_id=share.producer_project_id,
        image_id=share.image_id,
        project_id=share.project_id,
        reply_to=reply_to,
    )


def _to_requester(kind: str, request: AccessRequest, subject: str) -> None:
    _send(
        kind,
        request.email,
        subject,
        {"request": request, "url": absolute(request.get_absolute_url())},
        producer_project_id=request.listing.project_id,
        image_id=request.listing.image_id,
        project_id=request.project_id,
        reply_to=request.listing.contact_email,
        request=request,
    )


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
    OutgoingMail.objects.bulk_create(mails)
    queued = [mail.pk for mail in mails if mail.state == State.QUEUED]
    if len(queued) == 1:
        tasks.send_mail.enqueue(queued[0])
    elif queued:
        tasks.send_mails.enqueue(queued)


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
    return _written(
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


def _send(kind: str, to: str, subject: str, context: dict[str, Any], **fields: Any) -> None:
    mail = _written(kind, to, subject, context, **fields)
    mail.save()
    tasks.send_mail.enqueue(mail.pk)


def _written(
    kind: str,
    to: str,
    subject: str,
    context: dict[str, Any],
    *,
    is_suppressed: bool = False,
    **fields: Any,
) -> OutgoingMail:
    """The whole mail, not saved yet."""
    unsubscribe_url = fields.get("unsubscribe_url", "")
    context = {**context, "base_url": settings.BASE_URL, "unsubscribe_url": unsubscribe_url}
    one_line = " ".join(subject.split())  # a name with line breaks must not become a header
    return OutgoingMail(
        kind=kind,
        to=to,
        subject=one_line[:255],
        text=render_to_string(f"emails/{kind}.txt", context),
        html=render_to_string(f"emails/{kind}.html", {**context, "subject": one_line}),
        message_id=make_msgid(domain=urlsplit(settings.BASE_URL).hostname),
        state=State.SUPPRESSED if is_suppressed else State.QUEUED,
        next_attempt_at=timezone.now(),
        **fields,
    )


def send_again(mail: OutgoingMail) -> None:
    """Start anew with a mail that failed: all its attempts are before it again."""
    mail.state, mail.attempts, mail.next_attempt_at = State.QUEUED, 0, timezone.now()
    mail.save(update_fields=["state", "attempts", "next_attempt_at"])
    tasks.send_mail.enqueue(mail.pk)
