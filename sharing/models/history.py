from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class HistoryEntry(models.Model):
    """Who did what, when, with the Image API's request ID. Rows are only ever added, and forgotten
    when they are old (services.retention)."""

    class Verb(models.TextChoices):
        MEMBER_ADDED = "member_added", _("Shared")
        MEMBER_REMOVED = "member_removed", _("Share removed")
        CONTACT_CHANGED = "contact_changed", _("Contact changed")
        VISIBILITY_CHANGED = "visibility_changed", _("Visibility changed")
        LISTING_SAVED = "listing_saved", _("Listing saved")
        LISTING_PUBLISHED = "listing_published", _("Listing published")
        LISTING_WITHDRAWN = "listing_withdrawn", _("Listing withdrawn")
        LISTING_UNAVAILABLE = "listing_unavailable", _("Image gone, listing unavailable")
        REQUEST_APPROVED = "request_approved", _("Request approved")
        REQUEST_ASKED = "request_asked", _("More information asked")
        REQUEST_DECLINED = "request_declined", _("Request declined")
        IMAGE_REPLACED = "image_replaced", _("Replaced by a new version")
        REPLACING_UNDONE = "replacing_undone", _("New version taken back")
        IMAGE_CREATED = "image_created", _("Image created")
        IMAGE_UPLOADED = "image_uploaded", _("Image data sent")
        IMAGE_CHANGED = "image_changed", _("Image changed")
        IMAGE_DELETED = "image_deleted", _("Image deleted")
        STATUS_SET = "status_set", _("Consumer answered")
        REQUEST_FORM_SAVED = "request_form_saved", _("Request form saved")
        RULE_SAVED = "rule_saved", _("Standing rule saved")
        INBOX_RULE_SAVED = "inbox_rule_saved", _("Inbox rule saved")
        NOTE_ADDED = "note_added", _("Note added to a request")
        PROFILE_SAVED = "profile_saved", _("Profile saved")
        MAIL_RETRIED = "mail_retried", _("Mail sent again")
        REMINDED = "reminded", _("Reminded")
        END_DATE_SET = "end_date_set", _("End date set")
        REASON_GIVEN = "reason_given", _("Consumer gave a reason")
        END_WARNED = "end_warned", _("Told that the end is near")
        TEAM_ADDRESS_SET = "team_address_set", _("Team address changed")
        TEAM_ADDRESS_ENDED = "team_address_ended", _("Team address taken out")
        REQUEST_EXPIRED = "request_expired", _("Request expired")

    at = models.DateTimeField(auto_now_add=True)
    verb = models.CharField(max_length=24, choices=Verb.choices)
    # The producer's project: whose history page shows it.
    producer_project_id = models.CharField(max_length=64)
    by_id = models.CharField(max_length=64, blank=True)
    by_name = models.CharField(max_length=255, blank=True)
    by_project_id = models.CharField(max_length=64, blank=True)
    image_id = models.CharField(max_length=36, blank=True)
    image_name = models.CharField(max_length=255, blank=True)
    project_id = models.CharField(max_length=32, blank=True)
    detail = models.CharField(max_length=500, blank=True)
    # Why the consumer rejected, in his words.
    reason = models.CharField(max_length=500, blank=True, db_default="", default="")
    request_id = models.CharField(max_length=64, blank=True)
    # By a rule of the consumer's, in the session of ``by_name``.
    is_by_rule = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = (
            models.Index(fields=["producer_project_id", "-at"], name="history_of_producer"),
            models.Index(fields=["image_id", "project_id", "-at"], name="history_of_share"),
            models.Index(fields=["project_id", "-at"], name="history_of_consumer"),
        )
