"""What a consumer project's own people want to be told, and where: a producer reads none of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sharing.models.access import new_token


class When(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    DAILY = "daily", _("Once a day")
    NEVER = "never", _("Not by mail")


def _when(default: When = When.AT_ONCE) -> models.CharField[str, str]:
    return models.CharField(max_length=8, choices=When.choices, default=default)


class Subscription(models.Model):
    """What a person wants to be told of what is shared with a project. It goes to the one of its
    addresses that is confirmed; with none, nothing is sent."""

    # The kinds, in the order of a share's life.
    KINDS = ("shared", "reminder", "new_version", "ends_soon", "removed")

    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255)
    project_id = models.CharField(max_length=32)
    shared = _when()
    reminder = _when()
    new_version = _when()
    ends_soon = _when()
    removed = _when()
    # When the last collection was made up; until then what waits is in ``DigestItem``.
    digest_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user_id", "project_id"], name="one_subscription_per_person"
            ),
        )

    def choices(self) -> dict[str, str]:
        return {kind: str(getattr(self, kind)) for kind in self.KINDS}


class MailAddress(models.Model):
    """An address for a consumer project's mails: the team's, or that of one ``subscription``.

    It waits until its link was opened, then gets mails until it ends, and never comes back: another
    address is another row, so that the links in old mails are never those of a new address.
    """

    class Ending(models.TextChoices):
        STOPPED = "stopped", _("Stopped by the link in a mail")
        REPLACED = "replaced", _("Replaced by another address")
        TAKEN_OUT = "taken_out", _("Taken out on the portal’s page")
        LEFT = "left", _("Its person is not in the project any more")

    project_id = models.CharField(max_length=32)
    project_name = models.CharField(max_length=255, blank=True)
    subscription = models.ForeignKey(
        Subscription, null=True, blank=True, on_delete=models.CASCADE, related_name="addresses"
    )
    email = models.EmailField()
    # Whether producers who share with the project may read the team's address.
    is_shown = models.BooleanField(default=False)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=255)
    # In each mail to it: who holds it may stop them.
    token = models.CharField(max_length=64, unique=True, default=new_token)
    # Only in the mail that asks for it: who knows it reads what comes to ``email``.
    confirm_token = models.CharField(max_length=64, unique=True, default=new_token)
    confirm_until = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=10, choices=Ending.choices, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["project_id"],
                condition=Q(subscription=None, confirmed_at__isnull=False, ended_at=None),
                name="one_team_address_in_use",
            ),
            models.UniqueConstraint(
                fields=["subscription"],
                condition=Q(confirmed_at__isnull=False, ended_at=None),
                name="one_own_address_in_use",
            ),
        )
        indexes = (models.Index(fields=["project_id", "ended_at"], name="addresses_of_project"),)

    @property
    def is_team(self) -> bool:
        return self.subscription_id is None

    @property
    def is_in_use(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None

    @property
    def was_stopped(self) -> bool:
        return self.ending == self.Ending.STOPPED


class DigestItem(models.Model):
    """One thing that a person is told of with the day's others; gone once its mail is written."""

    subscription = models.ForeignKey(Subscription, on_delete=models.CASCADE, related_name="items")
    kind = models.CharField(max_length=20)  # OutgoingMail.Kind
    choice = models.CharField(max_length=20)  # one of Subscription.KINDS
    image_id = models.CharField(max_length=36)
    image_name = models.CharField(max_length=255, blank=True)
    producer_name = models.CharField(max_length=255, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    path = models.CharField(max_length=500)
    created_at = models.DateTimeField(auto_now_add=True)
