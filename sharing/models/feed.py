from __future__ import annotations

from django.db import models
from django.utils import timezone


class InboxFeed(models.Model):
    """A secret address where a feed reader finds what waits for a project: one for each person and
    project. Of the address only a hash is kept."""

    user_id = models.CharField(max_length=64)
    project_id = models.CharField(max_length=32, db_index=True)
    project_name = models.CharField(max_length=255)
    key_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    fetched_at = models.DateTimeField(null=True, blank=True)
    # When its owner last signed in or switched, and the project was among theirs.
    owner_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user_id", "project_id"], name="one_feed_per_user_and_project"
            ),
        )


class Sighting(models.Model):
    """What waited in a project's inbox when someone of the project last looked: a memory of that
    moment, never how things stand. Kept only while the project has a feed.

    ``waiting``: of each image ``image``, ``owner``, ``name``, and ``since``, the first look that
    showed it. ``is_whole`` is False where there were more than are kept.
    """

    project_id = models.CharField(max_length=32)
    region = models.CharField(max_length=255, blank=True)
    seen_at = models.DateTimeField()
    waiting = models.JSONField(default=list)
    is_whole = models.BooleanField(default=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project_id", "region"], name="one_sighting_per_project_and_region"
            ),
        )
