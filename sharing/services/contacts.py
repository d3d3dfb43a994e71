"""The addresses that producers hold for consumers, and what their holders say to mails."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from sharing import mail
from sharing.models import Contact, MailAddress, Recipient


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
    if not wanted:
        return set()
    stopped = Recipient.objects.filter(
        producer_project_id=producer_project_id, email__in=wanted, unsubscribed_at__isnull=False
    )
    return set(stopped.values_list("email", flat=True))


def own_addresses(*, producer_project_id: str, project_ids: Iterable[str]) -> dict[str, str]:
    """Those of the projects that have registered an address of their own, which their mails reach
    besides the contact; with it, empty where it is not for producers to read."""
    in_use = MailAddress.objects.filter(
        project_id__in=set(project_ids),
        subscription=None,
        confirmed_at__isnull=False,
        ended_at=None,
    )
    found = {one.project_id: one for one in in_use}
    stopped = silent(
        producer_project_id=producer_project_id, emails=[one.email for one in found.values()]
    )
    return {
        project_id: one.email if one.is_shown else ""
        for project_id, one in found.items()
        if one.email.lower() not in stopped
    }


def have_readers(*, project_ids: Iterable[str]) -> set[str]:
    """Those of the projects with an address that is told of what becomes of their shares: the
    team's or a person's. No producer may learn this."""
    in_use = MailAddress.objects.filter(
        project_id__in=set(project_ids), confirmed_at__isnull=False, ended_at=None
    )
    return set(in_use.values_list("project_id", flat=True))


def unsubscribe(*, recipient: Recipient) -> None:
    """No more mails of this producer, not even those that wait already; once more changes nothing,
    not even the date."""
    if recipient.unsubscribed_at is None:
        recipient.unsubscribed_at = timezone.now()
        recipient.save(update_fields=["unsubscribed_at"])
        mail.stop(recipient.token)


def resubscribe(*, recipient: Recipient) -> None:
    recipient.unsubscribed_at = None
    recipient.save(update_fields=["unsubscribed_at"])
