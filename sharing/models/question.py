from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from sharing.models.access import AccessRequest
from sharing.models.listing import Listing


class Question(models.Model):
    """A question of the producer's own on a listing's request form. What was answered stands with
    its wording in the request: changing a question changes no answer."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        CHOICE = "choice", _("Choice")
        TICK = "tick", _("Tick")

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    choices = models.TextField(blank=True, max_length=1000)  # one to a line
    is_required = models.BooleanField(default=False)

    class Meta:
        ordering = ("position",)

    @property
    def choice_list(self) -> list[str]:
        return self.choices.splitlines()


def domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


class RequestNote(models.Model):
    """What the producer's people tell each other about a request. The requester never sees it."""

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(max_length=2000)
    by_id = models.CharField(max_length=64)
    by_name = models.CharField(max_length=255)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("at", "id")


class Rule(models.Model):
    """Which verified requests for a listing are approved without being looked at. What is denied is
    denied first. Each list has one entry to a line, in lower case."""

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, related_name="rule")
    is_on = models.BooleanField(default=False)
    allow_domains = models.TextField(blank=True, max_length=5000)
    allow_projects = models.TextField(blank=True, max_length=5000)
    deny_domains = models.TextField(blank=True, max_length=5000)
    deny_projects = models.TextField(blank=True, max_length=5000)
    updated_at = models.DateTimeField(auto_now=True)

    def approves(self, request: AccessRequest) -> bool:
        """Whether the rule, were it carried out now, would approve the request."""
        is_open = request.state == AccessRequest.State.OPEN
        return self.is_on and is_open and self.why_not(request) is None

    def why_not(self, request: AccessRequest) -> AccessRequest.LeftOpen | None:
        """Why the rule, if it is on, leaves an open request to a person; None: it does not."""
        domain, project_id = domain_of(request.email), request.project_id
        if domain in self.deny_domains.split() or project_id in self.deny_projects.split():
            return AccessRequest.LeftOpen.DENIED
        if not request.is_verified:
            return AccessRequest.LeftOpen.UNVERIFIED
        if project_id in self.allow_projects.split():
            return None
        if not self.allows_domain_of(request.email):
            return AccessRequest.LeftOpen.NOT_LISTED
        # Anyone can type an address: its domain counts once the mail to it was opened.
        return None if request.email_proved_at else AccessRequest.LeftOpen.UNPROVED

    def allows_domain_of(self, email: str) -> bool:
        return domain_of(email) in self.allow_domains.split()
