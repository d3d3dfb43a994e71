from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sharing.models.listing import Listing


class Report(models.Model):
    """What somebody tells the cloud's operator of a listing or an image, and nobody else.

    With the facts as they were then: the listing may be withdrawn, and the image gone, before the
    operator reads it. Rows are only ever added.
    """

    class Reason(models.TextChoices):
        HARMFUL = "harmful", _("It does harm, or has been tampered with")
        MISLEADING = "misleading", _("It is not what it says it is")
        RIGHTS = "rights", _("It breaks a licence, a law or somebody’s rights")
        UNWANTED = "unwanted", _("It is advertising, or keeps coming unasked")
        OTHER = "other", _("Something else")

    at = models.DateTimeField(auto_now_add=True)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    text = models.TextField(max_length=2000)

    listing = models.ForeignKey(
        Listing, null=True, blank=True, on_delete=models.SET_NULL, related_name="reports"
    )
    listing_title = models.CharField(max_length=120, blank=True)
    image_id = models.CharField(max_length=36)
    image_name = models.CharField(max_length=255, blank=True)
    region = models.CharField(max_length=255, blank=True)
    producer_project_id = models.CharField(max_length=64)

    # Who: nobody's names are proved but those of someone signed in. ``email`` never is.
    by_id = models.CharField(max_length=64, blank=True)
    by_name = models.CharField(max_length=255, blank=True)
    by_project_id = models.CharField(max_length=64, blank=True)
    email = models.EmailField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
