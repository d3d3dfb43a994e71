"""To an address that a consumer project, or a person of it, gave the portal itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sharing.mail.writing import absolute, send, unsubscribe_url
from sharing.models import DigestItem, MailAddress, OutgoingMail

Kind = OutgoingMail.Kind


def confirm_address(address: MailAddress) -> None:
    """With the only copy of the key that proves it. Nothing that a person wrote is in it, save
    the two names that Keystone gives: nobody shall send words to strangers through the portal."""
    words = {"project": address.project_name or address.project_id}
    send(
        Kind.CONFIRM_ADDRESS,
        address.email,
        _("Confirm this address for the project %(project)s") % words,
        {
            "address": address,
            "url": absolute(reverse("address-confirm", args=[address.confirm_token])),
        },
        project_id=address.project_id,
    )


def digest(address: MailAddress, items: Sequence[DigestItem]) -> None:
    """What happened with a project's shares since the last one; ``items`` in their order."""
    subject = ngettext(
        "%(n)d thing happened with the images of %(project)s",
        "%(n)d things happened with the images of %(project)s",
        len(items),
    )
    send(
        Kind.DIGEST,
        address.email,
        subject % {"n": len(items), "project": address.project_name or address.project_id},
        {
            "reader": address,
            "items": [(item, _said(item), absolute(item.path)) for item in items],
            "url": absolute(reverse("inbox")),
        },
        project_id=address.project_id,
        unsubscribe_url=unsubscribe_url(address.token),
    )


def _said(item: DigestItem) -> str:
    words = {
        Kind.SHARED: _("Shared by %(producer)s"),
        Kind.REMINDER: _("%(producer)s waits for your answer"),
        Kind.NEW_VERSION: _("A new version from %(producer)s"),
        Kind.ENDS_SOON: _("%(producer)s set a last day for you: %(day)s"),
        Kind.REMOVED: _("No longer shared by %(producer)s"),
        Kind.IMAGE_DELETED: _("Deleted by %(producer)s"),
    }
    day = date_format(item.ends_on, "DATE_FORMAT") if item.ends_on else ""
    return words[Kind(item.kind)] % {"producer": item.producer_name, "day": day}
