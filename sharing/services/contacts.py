"""The addresses that producers hold for consumers, and what their holders say to mails."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from sharing.models import Contact, Recipient


def of(*, producer_project_id: str, project_id: str) -> Contact | None:
    """The address that a producer holds for a consumer project."""
    return Contact.objects.filter(
        producer_project_id=producer_project_id, project_id=project_id
    ).first()


def emails(*, producer_project_id: str, project_ids: Iterable[str]) -> dict[str, str]:
    """The addresses that a producer holds for some projects, by project ID."""
    held = Contact.objects.filter(
        producer_project_id=producer_project_id, project_id__in=set(project_ids)
    )
    return dict(held.values_list("project_id", "email"))


def keep(*, producer_project_id: str, project_id: str, email: str) -> tuple[Contact, str]:
    """The contact with this address now, and the address before it (empty: there was none).

    In the caller's transaction.
    """
    contact, is_new = Contact.objects.select_for_update().get_or_create(
        producer_project_id=producer_project_id, project_id=project_id, defaults={"email": email}
    )
    before = "" if is_new else contact.email
    if contact.email != email:
        contact.email = email
        contact.save(update_fields=["email", "updated_at"])
    return contact, before


def silent(*, producer_project_id: str, emails: Iterable[str]) -> set[str]:
    """Those of the addresses, in lower case, that want no mail of the producer."""
    wanted = {email.lower() for email in emails}
    stopped = Recipient.objects.filter(
        producer_project_id=producer_project_id, email__in=wanted, unsubscribed_at__isnull=False
    )
    return set(stopped.values_list("email", flat=True))


def unsubscribe(*, recipient: Recipient) -> None:
    """No more mails of this producer; once more changes nothing, not even the date."""
    if recipient.unsubscribed_at is None:
        recipient.unsubscribed_at = timezone.now()
        recipient.save(update_fields=["unsubscribed_at"])


def resubscribe(*, recipient: Recipient) -> None:
    recipient.unsubscribed_at = None
    recipient.save(update_fields=["unsubscribed_at"])
