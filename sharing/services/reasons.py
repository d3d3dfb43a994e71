"""Why a consumer hid an image: his own words, as the history has them."""

from __future__ import annotations

from django.db.models import QuerySet

from sharing.models import HistoryEntry
from sharing.services import history

_VERBS = (history.Verb.STATUS_SET, history.Verb.REASON_GIVEN)


def said(*, producer_project_id: str) -> QuerySet[HistoryEntry]:
    """The answers to a producer's shares, oldest first: the reason that goes with the last answer
    to a share is the last one's, and empty when it was no no."""
    answers = HistoryEntry.objects.filter(verb__in=_VERBS, producer_project_id=producer_project_id)
    return answers.order_by("at", "pk")


def of_share(*, image_id: str, project_id: str, producer_project_id: str) -> str:
    """The reason that goes with the last answer given here; empty when it was no no."""
    answers = said(producer_project_id=producer_project_id)
    last = answers.filter(image_id=image_id, project_id=project_id).last()
    return last.reason if last else ""
