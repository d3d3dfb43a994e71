from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from sharing.models.share import Share


class InboxRule(models.Model):
    """What a consumer project answers to everything that one producer shares with it."""

    class Answer(models.TextChoices):
        """The member statuses that a rule sets."""

        ACCEPTED = "accepted", _("Always show")
        REJECTED = "rejected", _("Always hide")

    project_id = models.CharField(max_length=64)
    producer_project_id = models.CharField(max_length=64)
    answer = models.CharField(max_length=10, choices=Answer.choices)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=255)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project_id", "producer_project_id"], name="one_inbox_rule_per_producer"
            ),
        )


class RuleDecision(models.Model):
    """That a rule was put to a share. Once is all: what a person does with the share afterwards,
    putting it back to pending included, no rule touches.

    It holds no member status: ``answer`` is what the rule said, whatever became of it.
    """

    class State(models.TextChoices):
        CLAIMED = "claimed", _("Under way")
        DONE = "done", _("Done")
        FAILED = "failed", _("Not done")
        UNDONE = "undone", _("Undone")
        LEFT = "left", _("Left to a person")

    project_id = models.CharField(max_length=64)
    image_id = models.CharField(max_length=36)
    producer_project_id = models.CharField(max_length=64)
    image_name = models.CharField(max_length=255, blank=True)
    answer = models.CharField(max_length=10, choices=InboxRule.Answer.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLAIMED)
    # All that one visit decided, to be undone together; and which of its requests holds this one.
    run = models.UUIDField()
    claim = models.UUIDField(default=uuid.uuid4)
    # From when on another run may take it; None: never.
    free_at = models.DateTimeField(null=True, blank=True)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=255)
    at = models.DateTimeField()
    # The member's updated_at then: while it is the same, nobody has answered since.
    member_updated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project_id", "image_id", "producer_project_id"],
                name="one_rule_decision_per_share",
            ),
        )
        indexes = (
            models.Index(fields=["project_id", "run"], name="rule_decision_of_run"),
            models.Index(fields=["project_id", "-at"], name="rule_decision_newest"),
        )

    def is_open(self, now: datetime) -> bool:
        """Whether a run may take it (again)."""
        return self.free_at is not None and self.free_at <= now

    def is_of_an_earlier(self, share: Share | None) -> bool:
        """Whether the share that it decided was removed, or made anew, since."""
        if share is None:
            return False
        return share.shared_at > self.at or (share.removed_at or self.at) > self.at
