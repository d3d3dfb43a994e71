"""To whoever runs the cloud."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from sharing.mail.writing import absolute, send
from sharing.models import OutgoingMail, Report


def reported(report: Report, *, to: str) -> None:
    """It belongs to no project: so no producer's mail page shows it."""
    listing = report.listing
    page = listing.get_absolute_url() if listing else reverse("share", args=[report.image_id])
    name = report.listing_title or report.image_name or report.image_id
    send(
        OutgoingMail.Kind.REPORTED,
        to,
        _("Reported: %(name)s") % {"name": name},
        {"report": report, "name": name, "url": absolute(page)},
        producer_project_id="",
        image_id=report.image_id,
        reply_to=report.email,
    )
