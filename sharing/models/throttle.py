from __future__ import annotations

from django.db import models


class Attempt(models.Model):
    """One attempt that counts towards a limit. In the database, so that all processes count alike.

    ``key`` is a keyed hash: neither addresses nor user names are kept.
    """

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["kind", "key", "at"], name="attempt_window"),)
