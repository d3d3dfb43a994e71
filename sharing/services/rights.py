"""Who may change what the portal alone holds. For images and members the Image API decides; of
listings, requests, contacts and profiles it knows nothing, so the same rule stands here."""

from __future__ import annotations

from sharing import session
from sharing.services import refusals
from sharing.session import Cloud


def require_member(cloud: Cloud) -> None:
    """Raises NotAllowed for someone who may only read: the Image API would say no as well."""
    if not cloud.can_edit:
        raise refusals.NotAllowed


def require_member_now(cloud: Cloud) -> None:
    """The same, where no call of the cloud follows that would tell of an ended token: Keystone is
    asked. Raises NotAllowed, SessionEnded and Unavailable."""
    require_member(cloud)
    session.connection().identity.check(cloud.token.id, request_id=cloud.request_id)
