"""All that there is about one share, for its producer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sharing.cloud import errors
from sharing.cloud.resources import Image
from sharing.models import AccessRequest, HistoryEntry, OutgoingMail, Share
from sharing.services import members, refusals
from sharing.services.image_shares import ImageShare
from sharing.session import Cloud


@dataclass(frozen=True, slots=True)
class ShareRecord:
    """``share`` is None when the project is not a member, or the image is not shared, now."""

    image: Image
    project_id: str
    share: ImageShare | None
    record: Share | None
    request: AccessRequest | None
    mails: Sequence[OutgoingMail]
    history: Sequence[HistoryEntry]


def read(*, cloud: Cloud, image: Image, project_id: str) -> ShareRecord | None:
    """None when the image never had to do with the project, as far as we know."""
    try:
        share = members.get_share(cloud=cloud, image=image, project_id=project_id)
    except (refusals.NotMember, errors.Forbidden):
        share = None
    record = (
        Share.objects.filter(
            image_id=image.id, project_id=project_id, producer_project_id=image.owner
        )
        .select_related("request__listing")
        .first()
    )
    asked = AccessRequest.objects.filter(
        listing__image_id=image.id,
        listing__project_id=image.owner,
        project_id=project_id,
        confirmed_at__isnull=False,
    )
    newest = asked.select_related("listing").order_by("-created_at", "-pk").first()
    mails = (
        OutgoingMail.objects.filter(
            producer_project_id=image.owner, image_id=image.id, project_id=project_id
        )
        .exclude(kind=OutgoingMail.Kind.CONFIRM_REQUEST)
        .select_related("request")
        .defer("html")
        .order_by("-created_at", "-pk")
    )
    entries = HistoryEntry.objects.filter(
        producer_project_id=image.owner, image_id=image.id, project_id=project_id
    )
    found = ShareRecord(
        image=image,
        project_id=project_id,
        share=share,
        record=record,
        request=(record.request if record else None) or newest,
        mails=list(mails[:100]),
        history=list(entries.order_by("-at", "-pk")[:100]),
    )
    is_known = share or record or found.request or found.mails or found.history
    return found if is_known else None
