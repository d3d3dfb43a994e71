"""A bulk job's page: first its review, then how far it is; and the forms on it."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from sharing import drafts
from sharing.forms.bulk import CorrectionForm
from sharing.http import SignedInRequest
from sharing.models import BulkJob
from sharing.partials import render_page
from sharing.services import bulk, bulk_review, bulk_run, refusals
from sharing.services.bulk_review import Checked
from sharing.views import errors as pages
from sharing.views.access import only_post, own_job, signed_in

LINES_ON_A_PAGE = 50
JOBS_ON_A_PAGE = 20


@signed_in
def index(request: SignedInRequest) -> HttpResponse:
    pages_ = Paginator(bulk.jobs(project_id=request.cloud.project.id), JOBS_ON_A_PAGE)
    context = {
        "page": pages_.get_page(request.GET.get("page", "")),
        "kept_days": settings.BULK_JOB_DAYS,
    }
    return render_page(request, "producer/jobs.html", context)


@signed_in
def show(request: SignedInRequest, job_id: int) -> HttpResponse:
    job = own_job(request, job_id)
    if job.region != request.cloud.region:
        return _elsewhere(request, job)
    return _progress(request, job) if job.is_started else _review(request, job)


@only_post
@signed_in
def correct(request: SignedInRequest, job_id: int) -> HttpResponse:
    """Keep the corrections; what is still wrong is shown again at once."""
    job = own_job(request, job_id)
    form = CorrectionForm(request.POST)
    try:
        bulk.correct(cloud=request.cloud, job=job, changes=form.changes, drop=form.drop)
    except bulk.AlreadyStarted as refusal:
        return _started(request, refusal)
    still_wrong = any(
        bulk_review.wrong_fields(cloud=request.cloud, line=line)
        for line in job.lines.filter(number__in=form.changes)
    )
    if still_wrong:
        return _review(request, job, status=422)
    messages.success(request, _("Corrected."))
    return redirect(job)


@only_post
@signed_in
def start(request: SignedInRequest, job_id: int) -> HttpResponse:
    job = own_job(request, job_id)
    if job.region != request.cloud.region:
        return _elsewhere(request, job)
    try:
        bulk.start(cloud=request.cloud, job=job)
    except bulk.AlreadyStarted as refusal:
        return _started(request, refusal)
    except refusals.Refusal as refusal:
        return _review(request, job, problem=str(refusal), status=422)
    return redirect(job)


@only_post
@signed_in
def run(request: SignedInRequest, job_id: int) -> HttpResponse:
    """The next rows. A page with a script asks again and again; without one there is a button."""
    job = own_job(request, job_id)
    if job.region != request.cloud.region:
        return _elsewhere(request, job)
    was_idle = not bulk_run.run(cloud=request.cloud, job=job, by=request.cloud.user)
    if request.htmx:
        return _progress(request, job, was_idle=was_idle)
    if was_idle and bulk.progress(job=job).can_go_on:
        messages.info(request, _("Nothing to do just now: another tab has the rows that are left."))
    return redirect(job)


@only_post
@signed_in
def retry(request: SignedInRequest, job_id: int) -> HttpResponse:
    job = own_job(request, job_id)
    bulk.retry(cloud=request.cloud, job=job)
    return redirect(job)


@only_post
@signed_in
def discard(request: SignedInRequest, job_id: int) -> HttpResponse:
    job = own_job(request, job_id)
    try:
        bulk.discard(cloud=request.cloud, job=job)
    except bulk.AlreadyStarted as refusal:
        return _started(request, refusal)
    except bulk.StillNeeded as refusal:
        return _review(request, job, problem=str(refusal), status=422)
    messages.success(request, _("The list is gone. Nothing was shared."))
    return redirect("bulk")


def _review(
    request: SignedInRequest, job: BulkJob, *, problem: str = "", status: int = 200
) -> HttpResponse:
    review = bulk_review.review(cloud=request.cloud, job=job)
    page = Paginator(review.lines, LINES_ON_A_PAGE).get_page(request.GET.get("page", ""))
    _type_again(request, job, page)
    context = {
        "job": job,
        "review": review,
        "page": page,
        "quota": settings.IMAGE_MEMBER_QUOTA,
        "problem": problem,
        "step": job.succession,
        "can_be_corrected": _can_be_corrected(page),
    }
    return render_page(request, "producer/job_review.html", context, status=status)


def _type_again(request: SignedInRequest, job: BulkJob, lines: Iterable[Checked]) -> None:
    """Put what was typed before the sign-in into the fields; it is not saved by that."""
    draft = drafts.take(request, reverse("job-lines", args=[job.pk]))
    typed = CorrectionForm(draft).changes if draft else {}
    for one in lines:
        for name, value in typed.get(one.line.number, {}).items():
            setattr(one.line, name, value)


def _can_be_corrected(lines: Iterable[Checked]) -> bool:
    return any(one.wrong or one.wants_a_contact for one in lines)


def _progress(request: SignedInRequest, job: BulkJob, *, was_idle: bool = False) -> HttpResponse:
    state = request.GET.get("state", "")
    context = {
        "job": job,
        "images": job.images.all(),
        "progress": bulk.progress(job=job),
        "page": bulk.rows_page(job=job, state=state, page=request.GET.get("page", "")),
        "state": state,
        "is_paused": "paused" in request.GET or not request.cloud.can_edit,
        # Another tab has all the rows that are left: ask again, but not at once.
        "was_idle": was_idle,
    }
    return render_page(request, "producer/job.html", context, part="rows")


def _started(request: SignedInRequest, refusal: bulk.AlreadyStarted) -> HttpResponse:
    return pages.conflict(request, title=_("The list was started already"), text=str(refusal))


def _elsewhere(request: SignedInRequest, job: BulkJob) -> HttpResponse:
    refusal = refusals.OtherRegion(job.region)
    return pages.conflict(request, title=_("This is in another region"), text=str(refusal))
