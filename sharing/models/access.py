from __future__ import annotations

import secrets

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sharing.models.listing import Listing


def new_token() -> str:
    """256 bits for a link that cannot be guessed."""
    return secrets.token_urlsafe(32)


class AccessRequest(models.Model):
    """ "May our project have this image?" Asked on a listing, decided by the producer."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("E-mail not confirmed")
        OPEN = "open", _("Waiting for the producer")
        ASKED = "asked", _("More information asked")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    class LeftOpen(models.TextChoices):
        """Why a standing rule did not approve a request."""

        DENIED = "denied", _("Its project or its domain is on the rule’s list of those never.")
        UNVERIFIED = "unverified", _("Nobody has proved the project: it was only typed.")
        NOT_LISTED = "not_listed", _("Neither its project nor its domain is on the rule’s lists.")
        UNPROVED = "unproved", _("Its e-mail address is not proved: the link was not opened yet.")
        QUOTA = "quota", _("The image has as many members as this cloud allows.")
        NOT_SHARED = "not_shared", _("The image’s visibility allows no members.")
        GONE = "gone", _("The image is gone.")
        ELSEWHERE = "elsewhere", _("The image is in another region than the session was in.")
        FORBIDDEN = "forbidden", _("The cloud did not allow it to the person of the session.")
        AWAY = "away", _("The Image API did not answer, or not with sense.")
        REFUSED = "refused", _("The Image API refused it.")

    # The producer still has, or may get, something to do with these.
    UNDECIDED = (State.UNCONFIRMED, State.OPEN, State.ASKED)

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="requests")
    token = models.CharField(max_length=64, unique=True, default=new_token)
    # Only ever sent by e-mail: who knows it reads the mail to ``email``.
    confirm_token = models.CharField(max_length=64, default=new_token)
    project_id = models.CharField(max_length=32, db_index=True)
    email = models.EmailField()
    message = models.TextField(blank=True, max_length=2000)
    state = models.CharField(max_length=12, choices=State.choices, default=State.UNCONFIRMED)
    # Asked by someone signed in for the project: the token proved it.
    is_verified = models.BooleanField(default=False)
    user_id = models.CharField(max_length=64, blank=True)
    user_name = models.CharField(max_length=255, blank=True)
    # To the listing's questions, with their wording then: [{"question": …, "answer": …}, …]
    answers = models.JSONField(
        default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    accepted_terms = models.TextField(blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirm_until = models.DateTimeField(null=True, blank=True)
    # When somebody opened the link that was mailed to ``email``: its holder asked.
    email_proved_at = models.DateTimeField(null=True, blank=True)
    # Who was signed in where that link was opened: this user reads the mail to ``email``.
    email_proved_by_id = models.CharField(max_length=64, blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_id = models.CharField(max_length=64, blank=True)
    decided_by_name = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    # While someone's decision is on its way to the Image API nobody else may decide.
    claimed_until = models.DateTimeField(null=True, blank=True)
    claimed_by_name = models.CharField(max_length=255, blank=True)
    is_decided_by_rule = models.BooleanField(default=False, db_default=False)
    # When the listing's standing rule was last put to it; None: it is to be (again).
    rule_looked_at = models.DateTimeField(null=True, blank=True)
    # What the cloud said when a rule wanted to approve it; what else is missing, the rule knows.
    rule_problem = models.CharField(
        max_length=12, choices=LeftOpen.choices, blank=True, default="", db_default=""
    )

    class Meta:
        indexes = (
            models.Index(fields=["listing", "project_id", "state"], name="request_open_ones"),
            models.Index(fields=["state", "-created_at"], name="request_queue"),
        )

    def get_absolute_url(self) -> str:
        return reverse("access", args=[self.token])

    @property
    def is_undecided(self) -> bool:
        return self.state in self.UNDECIDED

    @property
    def can_be_decided(self) -> bool:
        return self.state in (self.State.OPEN, self.State.ASKED)

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None


class RequestEvent(models.Model):
    """One step of a request's life, in the order it happened: what both sides may read."""

    class Kind(models.TextChoices):
        CREATED = "created", _("Requested")
        CONFIRMED = "confirmed", _("E-mail confirmed")
        ASKED = "asked", _("More information asked")
        ANSWERED = "answered", _("Answered")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired: no answer came")

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.TextField(blank=True, max_length=2000)
    by_name = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("at", "id")
