"""A mail is written as a whole, with its sending job, in the caller's transaction.

What a mail tells of and the mail itself are there together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import make_msgid
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from sharing import tasks
from sharing.mail import pace
from sharing.models import OutgoingMail

State = OutgoingMail.State


def absolute(path: str) -> str:
    return f"{settings.BASE_URL}{path}"


def send(kind: str, to: str, subject: str, context: dict[str, Any], **fields: Any) -> None:
    send_all([written(kind, to, subject, context, **fields)])


def send_all(mails: Sequence[OutgoingMail]) -> None:
    """Many at once, with few queries and one job; none for those that are not to be sent, or not
    yet: the sweep finds what is held back when its time has come."""
    pace.hold_back(mails)
    OutgoingMail.objects.bulk_create(mails)
    queued = [mail.pk for mail in mails if mail.state == State.QUEUED and not mail.is_held]
    if len(queued) == 1:
        tasks.send_mail.using(priority=tasks.AHEAD).enqueue(queued[0])
    elif queued:
        tasks.send_mails.enqueue(queued)


def written(
    kind: str,
    to: str,
    subject: str,
    context: dict[str, Any],
    *,
    is_suppressed: bool = False,
    **fields: Any,
) -> OutgoingMail:
    """The whole mail, not saved yet."""
    stop = fields.get("unsubscribe_url", "")
    context = {**context, "base_url": settings.BASE_URL, "unsubscribe_url": stop}
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
    tasks.send_mail.using(priority=tasks.AHEAD).enqueue(mail.pk)


def stop(token: str) -> None:
    """What still waits, with this token in its link to stop the mails, is not sent any more."""
    waiting = OutgoingMail.objects.filter(
        state=State.QUEUED, unsubscribe_url=unsubscribe_url(token)
    )
    waiting.update(state=State.SUPPRESSED)


def unsubscribe_url(token: str) -> str:
    return absolute(reverse("unsubscribe", args=[token]))
