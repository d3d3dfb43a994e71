from __future__ import annotations

from datetime import date

from django.db import models
from django.utils import timezone


class Succession(models.Model):
    """One image replaces another: one step in a chain of versions.

    ``removal_on`` is the day from which on the old one's members may be removed, as their mail
    announced it; None: nothing was announced. ``hid_old`` and ``moved_listing`` are what can be
    taken back, until the old one's members were removed at ``retired_at``.
    """

    producer_project_id = models.CharField(max_length=64)
    old_image_id = models.CharField(max_length=36)
    old_name = models.CharField(max_length=255, blank=True)
    new_image_id = models.CharField(max_length=36, db_index=True)
    new_name = models.CharField(max_length=255, blank=True)
    note = models.TextField(max_length=2000)
    removal_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    by_name = models.CharField(max_length=255)
    hid_old = models.BooleanField(default=False)
    moved_listing = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            # An image's ID alone is not proof: it may be chosen.
            models.UniqueConstraint(
                fields=["producer_project_id", "old_image_id"], name="one_successor_per_image"
            ),
        )

    @property
    def is_removal_due(self) -> bool:
        return self.removal_on is not None and self.removal_on <= _today()


def _today() -> date:
    return timezone.now().date()
