from __future__ import annotations

from urllib.parse import urlencode

from django.db import models
from django.urls import reverse

from sharing.models.access import AccessRequest, new_token


class Contact(models.Model):
    """The e-mail address that a producer holds for a consumer project."""

    producer_project_id = models.CharField(max_length=64)
    project_id = models.CharField(max_length=32)
    email = models.EmailField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["producer_project_id", "project_id"], name="one_contact_per_project"
            ),
        )


class Recipient(models.Model):
    """An address that a producer's mails went to, for whichever project. Who holds it may stop
    them by the link's token, and they stay stopped whatever becomes of the contacts."""

    producer_project_id = models.CharField(max_length=64)
    email = models.EmailField()  # in lower case
    token = models.CharField(max_length=64, unique=True, default=new_token)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["producer_project_id", "email"], name="one_recipient_per_address"
            ),
        )


class Share(models.Model):
    """What the portal knows of one image × one consumer project beyond the Image API's member.

    It never holds the member status. A share made by another tool has no row here.
    """

    image_id = models.CharField(max_length=36)
    project_id = models.CharField(max_length=32, db_index=True)
    producer_project_id = models.CharField(max_length=64, db_index=True)
    producer_name = models.CharField(max_length=255, blank=True)
    region = models.CharField(max_length=255, blank=True)
    # For the page of a share whose image is gone or no longer visible.
    image_name = models.CharField(max_length=255, blank=True)
    note = models.TextField(blank=True, max_length=2000)
    request = models.ForeignKey(
        AccessRequest, null=True, blank=True, on_delete=models.SET_NULL, related_name="shares"
    )
    # The last time it was shared: the API keeps created_at when a removed member comes back.
    shared_at = models.DateTimeField()
    shared_by_id = models.CharField(max_length=64)
    shared_by_name = models.CharField(max_length=255)
    removed_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The day on which the producer wants to end it; nothing ends by itself.
    ends_on = models.DateField(null=True, blank=True, db_index=True)
    # Of the days before the end on which both sides are warned, the last that was used.
    warned_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            # An image's ID alone is not proof: it may be chosen, and each region has its own.
            models.UniqueConstraint(
                fields=["image_id", "project_id", "producer_project_id"], name="one_share_per_pair"
            ),
        )

    def get_absolute_url(self) -> str:
        """The permanent page: it names the consumer project, and works in every state."""
        query = {"project": self.project_id} | ({"region": self.region} if self.region else {})
        return f"{reverse('share', args=[self.image_id])}?{urlencode(query)}"
