from __future__ import annotations

from django.db import models
from django.utils import timezone


class Visit(models.Model):
    """When a producer last looked at the dashboard of a project. Pages that follow each other
    closely are one visit: ``since`` is the end of the one before it."""

    user_id = models.CharField(max_length=64)
    project_id = models.CharField(max_length=64)
    since = models.DateTimeField(null=True, blank=True)  # None: this is the first
    latest_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user_id", "project_id"], name="one_visit_per_user_and_project"
            ),
        )
