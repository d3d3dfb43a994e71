from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class BulkJob(models.Model):
    """Many shares in one go: first a list that is reviewed, then rows that are worked off.

    The work is done by the browser's own requests, with the token of whoever looks at the job's
    page: nothing of a token is kept here, and a closed tab is a pause.
    """

    class Kind(models.TextChoices):
        ADD = "add", _("Share with many")
        REMOVE = "remove", _("Remove many")

    producer_project_id = models.CharField(max_length=64)
    region = models.CharField(max_length=255, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ADD)
    # The new version whose members the list carries over, if it does.
    succession = models.ForeignKey(
        "sharing.Succession", null=True, blank=True, on_delete=models.SET_NULL, related_name="jobs"
    )
    # Stands in the mail of each row that has no note of its own.
    note = models.TextField(blank=True, max_length=2000)
    created_by_name = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["producer_project_id", "-created_at"], name="job_of_producer"),
        )

    def get_absolute_url(self) -> str:
        return reverse("job", args=[self.pk])

    @property
    def is_started(self) -> bool:
        return self.started_at is not None

    @property
    def is_removal(self) -> bool:
        return self.kind == self.Kind.REMOVE


class BulkImage(models.Model):
    """One of a job's images. ``stopped`` says why its rows wait: the quota is reached, say."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="images")
    image_id = models.CharField(max_length=36)
    name = models.CharField(max_length=255, blank=True)
    stopped = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("pk",)


class BulkLine(models.Model):
    """One line of a job's list, as it was given; ``project_id`` may be any text until corrected."""

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="lines")
    number = models.PositiveIntegerField()
    project_id = models.CharField(max_length=255)
    email = models.CharField(max_length=320, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["job", "number"], name="one_line_per_number"),
        )


class BulkRow(models.Model):
    """One line for one image: what is to be done once, and what became of it.

    Who works on a row holds it until ``lease_until``. ``is_uncertain``: the Image API may have
    done it without our knowing, since no answer came or the process died; a project that is a
    member then was made one by this row.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        LEFT_OUT = "left_out", _("Left out")

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="rows")
    image = models.ForeignKey(BulkImage, on_delete=models.CASCADE, related_name="rows")
    project_id = models.CharField(max_length=255)
    email = models.CharField(max_length=320, blank=True)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    claim = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    is_uncertain = models.BooleanField(default=False)
    words = models.CharField(max_length=500, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        indexes = (
            models.Index(fields=["job", "state"], name="row_of_job"),
            models.Index(fields=["claim"], name="row_of_claim"),
        )
