"""Working off a job's rows: claimed, called eight at a time, written down together.

Of two tabs that run one job, each gets rows of its own. A row whose worker died comes back when
its lease ends; and if the Image API had done it by then, that shows, and is written down now.
"""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction
from django.utils import timezone, translation

from sharing.cloud import errors
from sharing.cloud.errors import CloudError
from sharing.cloud.pool import gather
from sharing.cloud.resources import Image, Member, User
from sharing.models import BulkImage, BulkJob, BulkRow
from sharing.services import bulk_records, members, refusals, rights
from sharing.services.bulk_records import Done
from sharing.session import Cloud

State = BulkRow.State

BATCH = 48
# What has not begun by then waits for the next request: progress shows, and no server gives up.
TIME = 3.0  # seconds
# Longer than a batch can take: its time, and the timeouts of the calls that had begun.
LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row. ``member`` is the one that it made."""

    row: BulkRow
    state: State
    words: str = ""
    member: Member | None = None
    is_uncertain: bool = False


@dataclass(slots=True)
class _Batch:
    """What the calls of a batch share. ``stopped``: images that take no more, and why."""

    cloud: Cloud
    images: Mapping[int, Image]
    until: float
    stopped: dict[int, str] = field(default_factory=dict)


def run(*, cloud: Cloud, job: BulkJob, by: User) -> int:
    """Do the next rows; how many there were to do.

    What the Image API did is written down even if it goes away half-way. Raises SessionEnded or
    Unavailable after that: the rows that are left wait. Raises NotAllowed.
    """
    rights.require_member(cloud)
    claim = uuid.uuid4().hex
    rows = claim_rows(job, claim)
    if not rows:
        return 0
    images, gone = _images(cloud, rows)
    batch = _Batch(cloud, images, time.monotonic() + TIME, gone)
    act = _removed if job.is_removal else _added
    language = translation.get_language()

    def work(row: BulkRow) -> Outcome:
        with translation.override(language):
            return _outcome(batch, row, act)

    answers = gather(work, rows)
    trouble = _trouble(answers)
    outcomes = [_read(row, one, trouble) for row, one in zip(rows, answers, strict=True)]
    _write_down(batch, job, claim, outcomes, by)
    if trouble:
        raise trouble
    return len(rows)


def claim_rows(job: BulkJob, claim: str) -> list[BulkRow]:
    """Rows that nobody else has, for the length of the lease."""
    now = timezone.now()
    with transaction.atomic():
        BulkJob.objects.select_for_update().get(pk=job.pk)
        job.rows.filter(state=State.RUNNING, lease_until__lte=now).update(
            state=State.WAITING, is_uncertain=True, claim=""
        )
        waiting = job.rows.filter(state=State.WAITING, image__stopped="")
        ids = list(waiting.values_list("pk", flat=True)[:BATCH])
        job.rows.filter(pk__in=ids).update(
            state=State.RUNNING, claim=claim, lease_until=now + LEASE
        )
    return list(job.rows.filter(claim=claim).select_related("image"))


def _images(cloud: Cloud, rows: Sequence[BulkRow]) -> tuple[dict[int, Image], dict[int, str]]:
    """The images as they are now, by their row in the job; and those that are gone, and why."""
    wanted = {row.image.pk: row.image for row in rows}
    found: dict[int, Image] = {}
    gone: dict[int, str] = {}
    answers = gather(cloud.images.get_image, [image.image_id for image in wanted.values()])
    for pk, answer in zip(wanted, answers, strict=True):
        if isinstance(answer, Image) and answer.is_owned_by(cloud.project.id):
            found[pk] = answer
        elif isinstance(answer, Image | errors.NotFound):
            gone[pk] = str(refusals.ImageGone())
        else:
            _give_back(rows)
            raise answer
    return found, gone


def _give_back(rows: Sequence[BulkRow]) -> None:
    ids = [row.pk for row in rows]
    BulkRow.objects.filter(pk__in=ids, claim=rows[0].claim).update(state=State.WAITING, claim="")


def _outcome(batch: _Batch, row: BulkRow, act: Callable[[_Batch, BulkRow], Outcome]) -> Outcome:
    if row.image.pk in batch.stopped or time.monotonic() > batch.until:
        return Outcome(row, State.WAITING, is_uncertain=row.is_uncertain)
    try:
        return act(batch, row)
    except refusals.OwnProject as refusal:
        return Outcome(row, State.LEFT_OUT, str(refusal))
    except refusals.Refusal as refusal:
        # It is about the image, not about this project: the others would hear the same.
        batch.stopped[row.image.pk] = str(refusal)
        return Outcome(row, State.WAITING, is_uncertain=row.is_uncertain)


def _added(batch: _Batch, row: BulkRow) -> Outcome:
    image = batch.images[row.image.pk]
    try:
        made = members.create_member(cloud=batch.cloud, image=image, project_id=row.project_id)
    except refusals.AlreadyMember as refusal:
        if row.is_uncertain:
            return Outcome(row, State.DONE, member=refusal.member)
        return Outcome(row, State.LEFT_OUT, str(refusal))
    return Outcome(row, State.DONE, member=made)


def _removed(batch: _Batch, row: BulkRow) -> Outcome:
    image = batch.images[row.image.pk]
    try:
        batch.cloud.images.remove_member(image.id, row.project_id)
    except errors.NotFound:
        state = State.DONE if row.is_uncertain else State.LEFT_OUT
        return Outcome(row, state, "" if row.is_uncertain else str(refusals.NotMember()))
    except errors.Forbidden as error:
        raise members.why_forbidden(batch.cloud, image) from error
    return Outcome(row, State.DONE)


def _trouble(answers: Sequence[Outcome | CloudError]) -> CloudError | None:
    """The error that ends the run for now: nobody is signed in, or the service is not there."""
    for answer in answers:
        if isinstance(answer, errors.SessionEnded | errors.Refused | errors.TimedOut):
            return answer
    is_all_broken = all(isinstance(answer, errors.Broken) for answer in answers)
    first = answers[0]
    return first if len(answers) > 1 and is_all_broken and isinstance(first, CloudError) else None


def _read(row: BulkRow, answer: Outcome | CloudError, trouble: CloudError | None) -> Outcome:
    if isinstance(answer, Outcome):
        return answer
    # No answer, or one that makes no sense: it may have been done all the same.
    is_uncertain = row.is_uncertain or isinstance(answer, errors.TimedOut | errors.Broken)
    if trouble and isinstance(answer, errors.Unavailable | errors.SessionEnded):
        return Outcome(row, State.WAITING, is_uncertain=is_uncertain)
    words = answer.message or answer.summary
    return Outcome(row, State.FAILED, words, is_uncertain=is_uncertain)


def _write_down(
    batch: _Batch, job: BulkJob, claim: str, outcomes: Sequence[Outcome], by: User
) -> None:
    """All or nothing: the rows, the shares, the history and the mails.

    A row that somebody else has by now, since the lease ran out, is theirs to write down.
    """
    with transaction.atomic():
        held = job.rows.select_for_update().filter(claim=claim, state=State.RUNNING)
        mine = set(held.values_list("pk", flat=True))
        outcomes = [one for one in outcomes if one.row.pk in mine]
        _settle(outcomes)
        for pk, words in batch.stopped.items():
            BulkImage.objects.filter(pk=pk).update(stopped=words[:500])
        done = [
            Done(batch.images[one.row.image.pk], one.row, one.member)
            for one in outcomes
            if one.state == State.DONE
        ]
        # In one order for all: two lists with the same projects would wait for each other.
        done.sort(key=lambda one: (one.row.project_id, one.image.id))
        if job.is_removal:
            bulk_records.write_down_removed(cloud=batch.cloud, done=done, by=by)
        else:
            bulk_records.write_down_added(cloud=batch.cloud, job=job, done=done, by=by)


def _settle(outcomes: Sequence[Outcome]) -> None:
    """One update for all that ended alike."""
    alike: dict[tuple[State, str, bool], list[int]] = defaultdict(list)
    for one in outcomes:
        alike[one.state, one.words[:500], one.is_uncertain].append(one.row.pk)
    now = timezone.now()
    for (state, words, is_uncertain), ids in alike.items():
        BulkRow.objects.filter(pk__in=ids).update(
            state=state,
            words=words,
            is_uncertain=is_uncertain,
            claim="",
            lease_until=None,
            finished_at=None if state == State.WAITING else now,
        )
