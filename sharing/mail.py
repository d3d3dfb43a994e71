"""One function per mail: it writes the whole mail and its sending job in the caller's transaction.

What a mail tells of and the mail itself are there together or not at all.
"""

from __future__ import annotations

from email.utils import make_msgid
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing import tasks
from sharing.models import AccessRequest, Listing, OutgoingMail, Recipient, Share

Kind = OutgoingMail.Kind
State = OutgoingMail.State


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


def removed(share: Share, *, to: str, reply_to: str) -> None:
    subject = _("%(producer)s no longer shares %(image)s with you")
    _to_consumer(Kind.REMOVED, share, to, subject, reply_to)


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
    recipient, _is_new = Recipient.objects.get_or_create(
        producer_project_id=share.producer_project_id, email=to.lower()
    )
    names = {"producer": share.producer_name, "image": share.image_name or share.image_id}
    listing = Listing.objects.filter(image_id=share.image_id).first()
    _send(
        kind,
        to,
        subject % names,
        {
            "share": share,
            "listing": listing if listing and listing.is_published else None,
            "url": share_url(share),
        },
        producer_project_id=share.producer_project_id,
        image_id=share.image_id,
        project_id=share.project_id,
        reply_to=reply_to,
        request=share.request,
        unsubscribe_url=absolute(reverse("unsubscribe", args=[recipient.token])),
        is_suppressed=recipient.unsubscribed_at is not None,
    )


def _send(
    kind: str,
    to: str,
    subject: str,
    context: dict[str, Any],
    *,
    is_suppressed: bool = False,
    **fields: Any,
) -> None:
    unsubscribe_url = fields.get("unsubscribe_url", "")
    context = {**context, "base_url": settings.BASE_URL, "unsubscribe_url": unsubscribe_url}
    one_line = " ".join(subject.split())  # a name with line breaks must not become a header
    mail = OutgoingMail.objects.create(
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
    if not is_suppressed:
        tasks.send_mail.enqueue(mail.pk)


def send_again(mail: OutgoingMail) -> None:
    """Start anew with a mail that failed: all its attempts are before it again."""
    mail.state, mail.attempts, mail.next_attempt_at = State.QUEUED, 0, timezone.now()
    mail.save(update_fields=["state", "attempts", "next_attempt_at"])
    tasks.send_mail.enqueue(mail.pk)
