"""Tell the cloud's operator of a listing or an image: anyone may, only the operator reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from sharing import mail
from sharing.models import Listing, Report
from sharing.services import refusals, throttle
from sharing.services.inbox import Standing
from sharing.session import Cloud

REPORTS_PER_HOUR = 5


@dataclass(frozen=True, slots=True)
class Subject:
    """What a report is about."""

    image_id: str
    image_name: str
    producer_project_id: str
    region: str
    listing: Listing | None

    @property
    def name(self) -> str:
        return (self.listing.title if self.listing else "") or self.image_name or self.image_id


@dataclass(frozen=True, slots=True)
class Words:
    """What the reporter chose and typed."""

    reason: str
    text: str
    email: str


@dataclass(frozen=True, slots=True)
class Reporter:
    """``cloud`` is None for a visitor: only the ``address`` counts then, and it is not kept."""

    cloud: Cloud | None
    address: str
    request_id: str


def is_open() -> bool:
    """Whether there is an operator to write to."""
    return bool(settings.OPERATOR_EMAIL)


def about_listing(listing: Listing) -> Subject:
    return Subject(
        image_id=listing.image_id,
        image_name=listing.image_name,
        producer_project_id=listing.project_id,
        region=listing.region,
        listing=listing,
    )


def about_share(*, cloud: Cloud, standing: Standing, image_id: str) -> Subject:
    return Subject(
        image_id=image_id,
        image_name=standing.image_name,
        producer_project_id=standing.producer_project_id,
        region=cloud.region,
        listing=standing.listing if standing.listing and standing.listing.is_published else None,
    )


def send(*, subject: Subject, words: Words, by: Reporter) -> Report:
    """Keep the report, and write it to the operator. Raises TooMany."""
    window = timedelta(hours=1)
    wait = throttle.hit(kind="report", key=by.address, limit=REPORTS_PER_HOUR, window=window)
    if wait:
        text = _("That is the most one may report in an hour. Please wait a little.")
        raise refusals.TooMany(text, wait_seconds=wait)
    cloud = by.cloud
    with transaction.atomic():
        report = Report.objects.create(
            reason=words.reason,
            text=words.text,
            email=words.email,
            listing=subject.listing,
            listing_title=subject.listing.title if subject.listing else "",
            image_id=subject.image_id,
            image_name=subject.image_name,
            region=subject.region,
            producer_project_id=subject.producer_project_id,
            by_id=cloud.user.id if cloud else "",
            by_name=cloud.user.name if cloud else "",
            by_project_id=cloud.project.id if cloud else "",
            request_id=by.request_id,
        )
        mail.reported(report, to=settings.OPERATOR_EMAIL)
    return report
