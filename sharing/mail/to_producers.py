"""To producers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.mail.writing import absolute, send, send_all, written
from sharing.models import AccessRequest, OutgoingMail, Share

Kind = OutgoingMail.Kind


@dataclass(frozen=True, slots=True)
class Answer:
    """What a consumer answered, and why, if it said so; ``reply_to`` is the consumer's contact."""

    share: Share
    status: str
    to: str
    reply_to: str
    reason: str = ""


def request_received(request: AccessRequest, *, answer: str = "") -> None:
    """To the producer; again with the ``answer`` when a question of his was answered."""
    subject = _("An answer about %(title)s") if answer else _("A request for %(title)s")
    send(
        Kind.REQUEST_RECEIVED,
        request.listing.contact_email,
        subject % {"title": request.listing.title},
        {"request": request, "answer": answer, "url": absolute(reverse("requests"))},
        producer_project_id=request.listing.project_id,
        counts_for=request.listing.project_id,
        image_id=request.listing.image_id,
        project_id=request.project_id,
        reply_to=request.email,
        request=request,
    )


def ends_soon_list(shares: Mapping[Share, str], *, ends_on: date, to: str) -> None:
    """To the producer, once for all of his shares that end on a day; with each, why its consumer
    is not told, or nothing."""
    subject = ngettext("%(n)d share ends on %(day)s", "%(n)d shares end on %(day)s", len(shares))
    send(
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


def answered(share: Share, *, status: str, to: str, reply_to: str) -> None:
    answered_many([Answer(share, status, to, reply_to)])


def answered_many(answers: Sequence[Answer]) -> None:
    """One mail for each, with few queries and one job."""
    subjects = {
        "accepted": _("%(image)s was accepted by project %(project)s"),
        "rejected": _("%(image)s was rejected by project %(project)s"),
        "pending": _("%(image)s was put back to pending by project %(project)s"),
    }
    send_all([_answered(one, subjects[one.status]) for one in answers])


def _answered(answer: Answer, subject: str) -> OutgoingMail:
    share = answer.share
    return written(
        Kind.ANSWERED,
        answer.to,
        subject % {"image": share.image_name or share.image_id, "project": share.project_id},
        {
            "share": share,
            "status": answer.status,
            "reason": answer.reason,
            "url": absolute(reverse("producer-image", args=[share.image_id])),
        },
        producer_project_id=share.producer_project_id,
        counts_for=share.producer_project_id,
        image_id=share.image_id,
        project_id=share.project_id,
        reply_to=answer.reply_to,
    )
