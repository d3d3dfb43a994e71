"""Why a consumer hid an image: his own words, as the history has them."""

from __future__ import annotations

from sharing.models import HistoryEntry
from sharing.services import history

_VERBS = (history.Verb.STATUS_SET, history.Verb.REASON_GIVEN)


def of_share(*, image_id: str, project_id: str, producer_project_id: str) -> str:
    """The reason that goes with the last answer given here; empty when it was no no."""
    said = HistoryEntry.objects.filter(
        verb__in=_VERBS,
        image_id=image_id,
        project_id=project_id,
        producer_project_id=producer_project_id,
    )
    last = said.order_by("-at", "-pk").first()
    return last.reason if last else ""
