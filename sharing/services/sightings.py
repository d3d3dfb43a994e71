"""What the inbox showed as waiting, kept for the project's feeds: they have no token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from sharing.cloud.resources import SharedImage
from sharing.models import InboxFeed, Sighting
from sharing.session import Cloud

MOST = 500
# The same again within this time is not written down: people turn pages.
SAME_LOOK = timedelta(minutes=1)


def note(*, cloud: Cloud, waiting: Sequence[SharedImage]) -> None:
    """Someone of the project sees this now. Nothing is kept of a project without a feed."""
    project_id = cloud.project.id
    if not InboxFeed.objects.filter(project_id=project_id).exists():
        return
    # As the shares have it: none, where there is only one.
    region = cloud.region if len(cloud.regions) > 1 else ""
    before = Sighting.objects.filter(project_id=project_id, region=region).first()
    since = {(one["image"], one["owner"]): one["since"] for one in before.waiting} if before else {}
    now = timezone.now()
    kept = [
        {
            "image": shared.image.id,
            "owner": shared.image.owner,
            "name": shared.image.name,
            "since": since.get((shared.image.id, shared.image.owner), now.isoformat()),
        }
        for shared in waiting[:MOST]
    ]
    is_same = before is not None and before.waiting == kept
    if before and is_same and now - before.seen_at < SAME_LOOK:
        return
    Sighting.objects.update_or_create(
        project_id=project_id,
        region=region,
        defaults={"seen_at": now, "waiting": kept, "is_whole": len(waiting) <= MOST},
    )


def forget_unfed() -> None:
    """What no feed tells any more is not kept."""
    fed = InboxFeed.objects.values("project_id")
    Sighting.objects.exclude(project_id__in=fed).delete()
