from __future__ import annotations

from sharing.cloud.resources import User
from sharing.models import HistoryEntry
from sharing.session import Cloud

Verb = HistoryEntry.Verb


def record(
    *,
    cloud: Cloud,
    by: User,
    verb: Verb,
    producer_project_id: str,
    image_id: str,
    image_name: str,
    project_id: str = "",
    detail: str = "",
    reason: str = "",
) -> None:
    """Add a row, with the ID under which the Image API knows the calls of this request."""
    entry(
        cloud=cloud,
        by=by,
        verb=verb,
        producer_project_id=producer_project_id,
        image_id=image_id,
        image_name=image_name,
        project_id=project_id,
        detail=detail,
        reason=reason,
    ).save()


def entry(
    *,
    cloud: Cloud,
    by: User,
    verb: Verb,
    producer_project_id: str,
    image_id: str,
    image_name: str,
    project_id: str = "",
    detail: str = "",
    reason: str = "",
) -> HistoryEntry:
    """The row of ``record``, for those who save many at once."""
    return HistoryEntry(
        verb=verb,
        producer_project_id=producer_project_id,
        by_id=by.id,
        by_name=by.name,
        by_project_id=cloud.project.id,
        image_id=image_id,
        image_name=image_name,
        # A member that another tool added may have any name, of any length.
        project_id=project_id[:32],
        detail=detail[:500],
        reason=reason,
        request_id=cloud.request_id,
    )


def last(*, verb: Verb, image_id: str, project_id: str = "") -> HistoryEntry | None:
    """Who did this last, and when."""
    entries = HistoryEntry.objects.filter(verb=verb, image_id=image_id, project_id=project_id[:32])
    return entries.order_by("-at", "-pk").first()
