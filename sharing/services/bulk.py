"""Sharing with many: a list is taken, corrected, started; a job's rows and how far they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from sharing.cloud.resources import Image, User, normalise_project_id, one_line
from sharing.models import BulkImage, BulkJob, BulkLine, BulkRow, Succession
from sharing.services import bulk_review, lists, refusals, rights
from sharing.services.bulk_review import Checked
from sharing.session import Cloud

Kind = BulkJob.Kind
State = BulkRow.State

MOST_ROWS = 5000
ROWS_ON_A_PAGE = 50


class TooLong(refusals.Refusal):
    def __init__(self, rows: int) -> None:
        super().__init__(
            _(
                "These are %(rows)d shares (lines × images), and %(most)d can be made in one go: "
                "choose fewer images, or a shorter list."
            )
            % {"rows": rows, "most": MOST_ROWS}
        )


class NothingToDo(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("No line is left that can be carried out: correct one, or start anew."))


class AlreadyStarted(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("This list was started already. What is done can be seen here."))


class StillNeeded(refusals.Refusal):
    def __init__(self) -> None:
        super().__init__(_("This list carries the members of an older version over: it stays."))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, in rows."""

    counts: Mapping[str, int]
    stopped: Sequence[BulkImage]
    can_go_on: bool

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        return self.total - self.counts[State.WAITING] - self.counts[State.RUNNING]

    @property
    def done(self) -> int:
        return self.counts[State.DONE]

    @property
    def failed(self) -> int:
        return self.counts[State.FAILED]

    @property
    def waiting(self) -> int:
        return self.counts[State.WAITING] + self.counts[State.RUNNING]

    @property
    def left_out(self) -> int:
        return self.counts[State.LEFT_OUT]

    @property
    def can_be_retried(self) -> bool:
        return self.failed > 0 or bool(self.stopped)


def create(
    *,
    cloud: Cloud,
    images: Sequence[Image],
    lines: Sequence[lists.Line],
    note: str,
    by: User,
    kind: Kind = Kind.ADD,
    succession: Succession | None = None,
) -> BulkJob:
    """Keep a list to be reviewed; no call is made. Raises NotAllowed, TooLong."""
    rights.require_member(cloud)
    rows = len(images) * len(lines)
    if rows > MOST_ROWS:
        raise TooLong(rows)
    with transaction.atomic():
        job = BulkJob.objects.create(
            producer_project_id=cloud.project.id,
            region=cloud.region,
            kind=kind,
            succession=succession,
            note=note,
            created_by_name=by.name,
        )
        BulkImage.objects.bulk_create(
            BulkImage(job=job, image_id=image.id, name=image.name) for image in images
        )
        BulkLine.objects.bulk_create(
            BulkLine(job=job, number=n, project_id=x.project_id, email=x.email, note=x.note)
            for n, x in enumerate(lines, 1)
        )
    return job


def correct(
    *,
    cloud: Cloud,
    job: BulkJob,
    changes: Mapping[int, Mapping[str, str]],
    drop: Iterable[int],
) -> None:
    """Change lines (number → fields), and take some out. Raises NotAllowed, AlreadyStarted."""
    rights.require_member_now(cloud)
    with transaction.atomic():
        if BulkJob.objects.select_for_update().get(pk=job.pk).is_started:
            raise AlreadyStarted
        lines = job.lines.filter(number__in=changes)
        for line in lines:
            for name, value in changes[line.number].items():
                setattr(line, name, _clean(name, value))
            line.save()
        job.lines.filter(number__in=set(drop)).delete()


def start(*, cloud: Cloud, job: BulkJob) -> None:
    """Make the rows: those that are to be carried out, and those left out, with the reason.

    Raises NotAllowed, NothingToDo, AlreadyStarted.
    """
    rights.require_member(cloud)
    review = bulk_review.review(cloud=cloud, job=job)
    if not review.ready:
        raise NothingToDo
    rows = [row for checked in review.lines for row in _rows(job, checked, review.images)]
    with transaction.atomic():
        if not BulkJob.objects.filter(pk=job.pk, started_at=None).update(started_at=timezone.now()):
            raise AlreadyStarted
        BulkRow.objects.bulk_create(rows, batch_size=500)
    job.refresh_from_db()


def start_removal(*, job: BulkJob) -> None:
    """Make the rows of a list of members to remove, in the caller's transaction."""
    lines = list(job.lines.all())
    BulkRow.objects.bulk_create(
        [
            BulkRow(job=job, image=image, project_id=line.project_id)
            for image in job.images.all()
            for line in lines
        ],
        batch_size=500,
    )
    job.started_at = timezone.now()
    job.save(update_fields=["started_at"])


def retry(*, cloud: Cloud, job: BulkJob) -> None:
    """Rows that failed, and those of images that were stopped, wait for their turn again.

    Raises NotAllowed.
    """
    rights.require_member_now(cloud)
    with transaction.atomic():
        job.images.update(stopped="")
        job.rows.filter(state=State.FAILED).update(
            state=State.WAITING, words="", finished_at=None, claim=""
        )


def discard(*, cloud: Cloud, job: BulkJob) -> None:
    """Throw a list away that was never started.

    Raises NotAllowed, AlreadyStarted, StillNeeded.
    """
    rights.require_member_now(cloud)
    if job.succession:
        raise StillNeeded
    with transaction.atomic():
        if BulkJob.objects.select_for_update().get(pk=job.pk).is_started:
            raise AlreadyStarted
        job.delete()


def progress(*, job: BulkJob) -> Progress:
    counted = dict(job.rows.values_list("state").annotate(n=Count("pk")).order_by())
    counts = {str(state): counted.get(state, 0) for state in State.values}
    unsettled = job.rows.filter(state__in=(State.WAITING, State.RUNNING))
    stopped = job.images.exclude(stopped="").filter(pk__in=unsettled.values("image"))
    return Progress(
        counts=counts,
        stopped=list(stopped),
        can_go_on=unsettled.filter(image__stopped="").exists(),
    )


def rows_page(*, job: BulkJob, state: str, page: str) -> Page[BulkRow]:
    """A job's rows; only those of ``state`` if it is one. Nonsense is page 1."""
    rows = job.rows.select_related("image")
    if state in State.values:
        rows = rows.filter(state=state)
    return Paginator(rows, ROWS_ON_A_PAGE).get_page(page)


def jobs(*, project_id: str) -> QuerySet[BulkJob]:
    """A project's jobs, the newest first; each with its number of rows as ``total``, and of those
    ``settled`` and ``failed``."""
    mine = BulkJob.objects.filter(producer_project_id=project_id)
    waits = Q(rows__state__in=(State.WAITING, State.RUNNING))
    return (
        mine.annotate(
            total=Count("rows"),
            settled=Count("rows", filter=~waits),
            failed=Count("rows", filter=Q(rows__state=State.FAILED)),
        )
        .prefetch_related("images")
        .order_by("-created_at", "-pk")
    )


def forget_old() -> int:
    """Remove lists of ``BULK_JOB_DAYS`` ago that are finished, or were never started; how many.

    One that carries a new version's members over stays as long as the old one has them: it says who
    was on it.
    """
    if not settings.BULK_JOB_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.BULK_JOB_DAYS)
    rows = BulkRow.objects.filter(job=OuterRef("pk"))
    old = (
        BulkJob.objects.filter(created_at__lt=before)
        .exclude(succession__isnull=False, succession__retired_at=None)
        .exclude(Exists(rows.filter(state__in=(State.WAITING, State.RUNNING))))
        .exclude(Exists(rows.filter(finished_at__gte=before)))
    )
    _count, by_model = old.delete()
    return by_model.get(BulkJob._meta.label, 0)


def _clean(name: str, value: str) -> str:
    if name == "project_id":
        return normalise_project_id(value) or one_line(value)[: lists.LONGEST_CELL]
    if name == "email":
        return one_line(value)[: lists.LONGEST_ADDRESS]
    return "\n".join(one_line(part) for part in value.splitlines())


def _rows(job: BulkJob, checked: Checked, images: Sequence[BulkImage]) -> list[BulkRow]:
    line = checked.line
    wanted = {image.pk for image in checked.targets}
    now = timezone.now()

    def row(image: BulkImage) -> BulkRow:
        is_wanted = image.pk in wanted
        return BulkRow(
            job=job,
            image=image,
            project_id=line.project_id,
            email=checked.email,
            note=line.note or job.note,
            state=State.WAITING if is_wanted else State.LEFT_OUT,
            words="" if is_wanted else checked.why_not(image)[:500],
            finished_at=None if is_wanted else now,
        )

    return [row(image) for image in images]
