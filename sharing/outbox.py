"""The outgoing mail's way to the SMTP server: claimed, handed over, settled.

Whatever happens to a worker, each mail is in one of these states, and the next sweep finds those
that nobody is working on any more. At most the mail that was being handed over is sent twice.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.utils import timezone

from sharing.models import OutgoingMail

State = OutgoingMail.State

# What a server says to MAIL when we should have signed in, or otherwise than we did.
WHO_ARE_YOU = (530, 534, 535, 538)
_SETTLED = ("state", "sent_at", "last_error", "lease_until", "next_attempt_at")


def claim(mail_id: int) -> OutgoingMail | None:
    """Take a mail that is due, for the length of the lease; None if it is not there to be taken."""
    now = timezone.now()
    taken = OutgoingMail.objects.filter(
        pk=mail_id, state=State.QUEUED, next_attempt_at__lte=now
    ).update(state=State.SENDING, lease_until=now + settings.MAIL_LEASE, attempts=F("attempts") + 1)
    return OutgoingMail.objects.get(pk=mail_id) if taken else None


def hand_over(mail: OutgoingMail) -> Exception | None:
    """Give the mail to the SMTP server; the error if it could not be given."""
    headers = {"Message-ID": mail.message_id}
    if mail.unsubscribe_url:
        headers["List-Unsubscribe"] = f"<{mail.unsubscribe_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        reply_to=[mail.reply_to] if mail.reply_to else [],
        headers=headers,
    )
    message.attach_alternative(mail.html, "text/html")
    try:
        message.send()
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return error
    return None


def settle(mail: OutgoingMail, error: Exception | None) -> datetime | None:
    """Write down how the hand-over went; the time of the next attempt if there is to be one.

    Nothing is written when the lease ran out on the way and somebody else has the mail now.
    """
    now = timezone.now()
    mail.lease_until = None
    if error is None:
        mail.state, mail.sent_at, mail.last_error = State.SENT, now, ""
    elif mail.attempts > len(settings.MAIL_RETRY_AFTER) or _is_permanent(error):
        mail.state, mail.last_error = State.FAILED, _words_of(error)
    else:
        mail.state, mail.last_error = State.QUEUED, _words_of(error)
        mail.next_attempt_at = now + settings.MAIL_RETRY_AFTER[mail.attempts - 1]
    is_mine = OutgoingMail.objects.filter(
        pk=mail.pk, state=State.SENDING, attempts=mail.attempts
    ).update(**{name: getattr(mail, name) for name in _SETTLED})
    return mail.next_attempt_at if is_mine and mail.state == State.QUEUED else None


def stranded() -> Iterable[int]:
    """The mails that no worker has: their lease ran out, or they are overdue by more than the time
    between two sweeps. All are due now; some may only wait for their turn."""
    now = timezone.now()
    overdue_since = now - settings.MAIL_SWEEP_EVERY
    OutgoingMail.objects.filter(state=State.SENDING, lease_until__lt=now).update(
        state=State.QUEUED, lease_until=None, next_attempt_at=overdue_since
    )
    overdue = Q(state=State.QUEUED, next_attempt_at__lte=overdue_since)
    return OutgoingMail.objects.filter(overdue).values_list("pk", flat=True)


def _is_permanent(error: Exception) -> bool:
    """Whether the server said "never" (5xx) to the mail's sender, its recipient or the mail itself,
    or the mail cannot even be written. What it says of the connection or of who we are is for the
    operator to put right: then the mail goes out."""
    if isinstance(error, ValueError):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPSenderRefused):
        return error.smtp_code >= 500 and error.smtp_code not in WHO_ARE_YOU
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def _words_of(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(
            f"{code} {words.decode(errors='replace')}" for code, words in error.recipients.values()
        )
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        return f"{error.smtp_code} {said}"
    return str(error) or type(error).__name__
