"""Tokens for the signed-in user's other projects: each in a row of its own beside the session.

A background request that keeps one never writes the session, and keeps nothing for a session that
has ended meanwhile: whoever ends it holds its row first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from sharing.cloud.resources import Project, Token, User
from sharing.models import ProjectToken
from sharing.seal import seal, unseal

_PURPOSE = "tokens for other projects"


def load(session: SessionBase, *, user: User) -> dict[str, Token]:
    """Project ID → a token that is still good as far as its time goes."""
    rows = ProjectToken.objects.filter(
        session_key=session.session_key or "", expires_at__gt=timezone.now()
    ).order_by("pk")
    found = (_read(row, user) for row in rows)
    return {token.project.id: token for token in found if token and token.project}


def keep(session: SessionBase, tokens: Iterable[Token]) -> bool:
    """False, and nothing is kept, when the session has ended meanwhile: then revoke them."""
    key = session.session_key or ""
    with transaction.atomic():
        if not _hold(key):
            return False
        ProjectToken.objects.filter(expires_at__lte=timezone.now()).delete()
        ProjectToken.objects.bulk_create(
            ProjectToken(
                session_key=key,
                project_id=token.project.id,
                sealed=_sealed(token),
                expires_at=token.expires_at,
            )
            for token in tokens
            if token.project
        )
    return True


def drop(session: SessionBase, project_ids: Iterable[str]) -> None:
    """Forget tokens that the cloud does not take any more."""
    ProjectToken.objects.filter(
        session_key=session.session_key or "", project_id__in=list(project_ids)
    ).delete()


def take(session: SessionBase) -> list[str]:
    """Forget them all; their secrets, to revoke them. In a transaction with the session's end: then
    no background request can keep another one in between."""
    key = session.session_key or ""
    _hold(key)
    rows = ProjectToken.objects.filter(session_key=key)
    found = [_facts(row)["id"] for row in rows if _facts(row)]
    rows.delete()
    return found


def _hold(key: str) -> bool:
    """Hold the session's row until the end of the transaction; False when there is none."""
    held = Session.objects.select_for_update().filter(session_key=key)
    return held.values_list("session_key").first() is not None


def _sealed(token: Token) -> str:
    project = token.project
    facts = {
        "id": token.id,
        "project": [project.id, project.name, project.domain_name] if project else [],
        "roles": list(token.roles),
        "image_urls": dict(token.image_urls),
    }
    return seal(json.dumps(facts), purpose=_PURPOSE)


def _read(row: ProjectToken, user: User) -> Token | None:
    facts = _facts(row)
    if not facts:
        return None
    return Token(
        id=facts["id"],
        user=user,
        project=Project(*facts["project"]),
        roles=tuple(facts["roles"]),
        expires_at=row.expires_at,
        image_urls=facts["image_urls"],
    )


def _facts(row: ProjectToken) -> dict[str, Any]:
    """Empty when other keys than ours sealed it."""
    text = unseal(row.sealed, purpose=_PURPOSE)
    return json.loads(text) if text else {}
