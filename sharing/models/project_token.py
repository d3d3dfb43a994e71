from __future__ import annotations

from django.db import models


class ProjectToken(models.Model):
    """A token for another of a signed-in user's projects. It belongs to a session and ends with it,
    and is a row of its own: a session is written whole, so what a page does in the background would
    take back what the user does meanwhile.

    ``sealed`` is the token with what the catalogue said, encrypted. A project may have two, made
    by two pages at once: each is revoked at the sign-out.
    """

    session_key = models.CharField(max_length=40)
    project_id = models.CharField(max_length=64)
    sealed = models.TextField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["session_key"], name="token_of_session"),
            models.Index(fields=["expires_at"], name="token_end"),
        )
