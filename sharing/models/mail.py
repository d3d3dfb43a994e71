from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sharing.models.access import AccessRequest


class OutgoingMail(models.Model):
    """One mail, complete, written in the same transaction as what it tells of.

    A worker claims it (``sending`` until ``lease_until``), hands it to the SMTP server and marks
    it ``sent``; ``next_attempt_at`` is when a queued one is due. Of an old one ``text`` and
    ``html`` are emptied.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        SUPPRESSED = "suppressed", _("Not sent: unsubscribed")

    class HeldBy(models.TextChoices):
        ADDRESS = "address", _("Limit of one address")
        PROJECT = "project", _("Limit of the project")

    class Kind(models.TextChoices):
        CONFIRM_REQUEST = "confirm_request", _("Confirm your request")
        REQUEST_RECEIVED = "request_received", _("Request received")
        SHARED = "shared", _("Shared with you")
        MORE_ASKED = "more_asked", _("More information asked")
        DECLINED = "declined", _("Declined")
        REMOVED = "removed", _("Share removed")
        NEW_VERSION = "new_version", _("New version")
        IMAGE_DELETED = "image_deleted", _("Image deleted")
        ANSWERED = "answered", _("Consumer answered")
        REMINDER = "reminder", _("Reminder")
        ENDS_SOON = "ends_soon", _("Share ends soon")
        ENDS_SOON_LIST = "ends_soon_list", _("Shares that end soon")
        REPORTED = "reported", _("Report to the operator")
        CONFIRM_ADDRESS = "confirm_address", _("Confirm your address")
        DIGEST = "digest", _("What happened in a day")
        REQUEST_EXPIRED = "request_expired", _("Request expired")

    # About a share, to the consumer's side.
    TO_CONSUMER = (Kind.SHARED, Kind.NEW_VERSION, Kind.REMINDER, Kind.ENDS_SOON, Kind.REMOVED)

    kind = models.CharField(max_length=20, choices=Kind.choices)
    # Whose mail page shows it, and which share or request it belongs to. Empty for what goes to
    # an address that a consumer project keeps to itself: no producer reads of it.
    producer_project_id = models.CharField(max_length=64)
    image_id = models.CharField(max_length=36, blank=True)
    project_id = models.CharField(max_length=32, blank=True)
    request = models.ForeignKey(
        AccessRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="mails"
    )

    to = models.EmailField()
    reply_to = models.EmailField(blank=True)
    subject = models.CharField(max_length=255)
    text = models.TextField()
    html = models.TextField()
    unsubscribe_url = models.URLField(max_length=500, blank=True)
    message_id = models.CharField(max_length=255)

    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    # Which producer's limits it counts for, when it could go at the earliest under them, and which
    # of them made it wait.
    counts_for = models.CharField(max_length=64, blank=True, default="", db_default="")
    due_at = models.DateTimeField(null=True, blank=True)
    held_by = models.CharField(
        max_length=10, choices=HeldBy.choices, blank=True, default="", db_default=""
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["state", "next_attempt_at"], name="mail_due"),
            models.Index(fields=["producer_project_id", "-created_at"], name="mail_of_producer"),
            models.Index(fields=["counts_for", "due_at"], name="mail_limits"),
            models.Index(fields=["image_id", "project_id", "-created_at"], name="mail_of_share"),
        )

    @property
    def is_held(self) -> bool:
        """It waits for its first attempt until ``due_at``, because of a limit."""
        is_early = self.due_at is not None and self.due_at > timezone.now()
        return self.state == self.State.QUEUED and bool(self.held_by) and is_early

    @property
    def can_be_retried(self) -> bool:
        """Old ones have lost their words."""
        return self.state == self.State.FAILED and bool(self.text)
