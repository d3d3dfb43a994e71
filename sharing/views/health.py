"""For load balancers: alive, and ready."""

from __future__ import annotations

from collections.abc import Callable

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from sharing import session
from sharing.cloud import images
from sharing.cloud.errors import CloudError
from sharing.cloud.pool import gather_or_raise
from sharing.cloud.transport import Timeout

PATIENCE = Timeout(connect=1, read=3)
UNKNOWN = "unknown"


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when database, Keystone and Image API answer, else 503; each is named.

    The Image API is "unknown" until somebody has signed in: its address is in users' catalogues.
    """
    image = _answer(_ask_images) if session.image_addresses() else UNKNOWN
    answers = {
        "database": _answer(_ask_database),
        "keystone": _answer(_ask_keystone),
        "image": image,
    }
    is_ready = all(answer in {"ok", UNKNOWN} for answer in answers.values())
    return JsonResponse(answers, status=200 if is_ready else 503)


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _ask_keystone() -> None:
    session.connection().identity.ping(PATIENCE)


def _ask_images() -> None:
    """In every region that was ever seen."""
    transport = session.connection().transport
    addresses = session.image_addresses().values()
    gather_or_raise(lambda address: images.ping(transport, address, PATIENCE), addresses)


def _answer(ask: Callable[[], None]) -> str:
    try:
        ask()
    except (CloudError, DatabaseError) as error:
        return type(error).__name__
    return "ok"
