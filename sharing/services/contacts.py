"""The consumer's verbs on the mails that a producer sends it."""

from __future__ import annotations

from django.utils import timezone

from sharing.models import Contact


def unsubscribe(*, contact: Contact) -> None:
    """No more mails of this producer; once more changes nothing, not even the date."""
    if contact.unsubscribed_at is None:
        contact.unsubscribed_at = timezone.now()
        contact.save(update_fields=["unsubscribed_at"])


def resubscribe(*, contact: Contact) -> None:
    contact.unsubscribed_at = None
    contact.save(update_fields=["unsubscribed_at"])
