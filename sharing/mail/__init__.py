"""One function per mail, a module for each audience: ``mail.shared(…)``.

Each writes the whole mail and its sending job in the caller's transaction.
"""

from sharing.mail.to_consumers import (
    Letter,
    ends_soon_many,
    image_deleted_many,
    new_version_many,
    reminder,
    removed,
    removed_many,
    share_url,
    shared,
    shared_many,
)
from sharing.mail.to_operators import reported
from sharing.mail.to_owners import confirm_address, digest
from sharing.mail.to_producers import (
    Answer,
    answered,
    answered_many,
    ends_soon_list,
    request_received,
)
from sharing.mail.to_requesters import confirm_request, declined, more_asked, request_expired
from sharing.mail.writing import absolute, send_again, stop

__all__ = [
    "Answer",
    "Letter",
    "absolute",
    "answered",
    "answered_many",
    "confirm_address",
    "confirm_request",
    "declined",
    "digest",
    "ends_soon_list",
    "ends_soon_many",
    "image_deleted_many",
    "more_asked",
    "new_version_many",
    "reminder",
    "removed",
    "removed_many",
    "reported",
    "request_expired",
    "request_received",
    "send_again",
    "share_url",
    "shared",
    "shared_many",
    "stop",
]
