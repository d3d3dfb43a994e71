"""The producer's part of a listing's request form: his questions, and how long an answer takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from sharing.cloud.resources import User
from sharing.models import AccessRequest, Listing, Question, RequestNote
from sharing.services import history, rights
from sharing.session import Cloud

MOST_QUESTIONS = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the producer wrote it; ``choices`` one to a line."""

    text: str
    kind: str
    choices: str
    is_required: bool


def save(
    *,
    cloud: Cloud,
    listing: Listing,
    answer_days: int | None,
    questions: Sequence[Asked],
    by: User,
) -> None:
    """Put these questions in the place of the ones before. Requests keep what they answered.

    ``answer_days``: within how many days a request is usually answered; None says nothing.
    Raises NotAllowed, SessionEnded and Unavailable.
    """
    rights.require_member_now(cloud)
    with transaction.atomic():
        listing.answer_days = answer_days
        listing.save(update_fields=["answer_days"])
        listing.questions.all().delete()
        Question.objects.bulk_create(
            Question(listing=listing, position=position, **asdict(question))
            for position, question in enumerate(questions, 1)
        )
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.REQUEST_FORM_SAVED,
            producer_project_id=listing.project_id,
            image_id=listing.image_id,
            image_name=listing.image_name or listing.title,
        )


def add_note(*, cloud: Cloud, request: AccessRequest, text: str, by: User) -> None:
    """A note for the project's own people. Raises NotAllowed, SessionEnded and Unavailable."""
    rights.require_member_now(cloud)
    listing = request.listing
    with transaction.atomic():
        RequestNote.objects.create(request=request, text=text, by_id=by.id, by_name=by.name)
        history.record(
            cloud=cloud,
            by=by,
            verb=history.Verb.NOTE_ADDED,
            producer_project_id=listing.project_id,
            image_id=listing.image_id,
            image_name=listing.image_name or listing.title,
            project_id=request.project_id,
        )
