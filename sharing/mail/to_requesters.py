"""To those who asked for an image."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from sharing.mail.writing import absolute, send
from sharing.models import AccessRequest, OutgoingMail

Kind = OutgoingMail.Kind


def confirm_request(request: AccessRequest) -> None:
    """With the only copy of the key that proves the address. The requester's message is not in
    it: nobody shall send words of his own to strangers through the portal."""
    page = reverse("access-confirm", args=[request.token])
    query = urlencode({"key": request.confirm_token})
    send(
        Kind.CONFIRM_REQUEST,
        request.email,
        _("Confirm your request for %(title)s") % {"title": request.listing.title},
        {"request": request, "url": absolute(f"{page}?{query}")},
        producer_project_id=request.listing.project_id,
        image_id=request.listing.image_id,
        project_id=request.project_id,
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


def request_expired(request: AccessRequest, *, was_asked: bool) -> None:
    """No answer came: the producer's, or, where ``was_asked``, the requester's own."""
    _to_requester(
        Kind.REQUEST_EXPIRED,
        request,
        _("Your request for %(title)s has expired") % {"title": request.listing.title},
        was_asked=was_asked,
    )


def _to_requester(kind: str, request: AccessRequest, subject: str, **context: Any) -> None:
    send(
        kind,
        request.email,
        subject,
        {"request": request, "url": absolute(request.get_absolute_url())} | context,
        producer_project_id=request.listing.project_id,
        counts_for=request.listing.project_id,
        image_id=request.listing.image_id,
        project_id=request.project_id,
        reply_to=request.listing.contact_email,
        request=request,
    )
