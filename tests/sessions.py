"""What a sign-in by the form leaves behind, without the form: most tests begin signed in.

That it is the same is tested (tests/services/test_sign_in.py).
"""

from __future__ import annotations

from datetime import UTC

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from sharing import session
from sharing.cloud.identity import image_base_url
from sharing.cloud.resources import Project, Token, User
from tests.fake.cloud import FakeCloud
from tests.fake.records import FakeToken, FakeUser


def signed_in(fake: FakeCloud, name: str) -> Client:
    """A browser of the user's, for the first of his projects."""
    user = next(user for user in fake.keystone.users if user.name == name)
    projects = _projects(fake, user)
    urls = {region: image_base_url(url) for region, url in fake.image_urls.items()}
    by_password = frozenset({"password"})
    unscoped = fake.keystone.issue(user, "", by_password)
    both, until = by_password | {"token"}, unscoped.expires_at
    scoped = fake.keystone.issue(user, projects[0].id, both, until)
    store = SessionStore()
    session.store(
        store,
        token=_token(scoped, projects[0], urls),
        unscoped=_token(unscoped, None, {}),
        projects=tuple(projects),
        region=settings.OS_REGION_NAME if settings.OS_REGION_NAME in urls else next(iter(urls)),
    )
    store.create()
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(store.session_key)
    return client


def _projects(fake: FakeCloud, user: FakeUser) -> list[Project]:
    known = [fake.keystone.projects[project_id] for project_id in user.roles]
    found = [Project(one.id, one.name, "Default") for one in known if one.is_enabled]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def _token(known: FakeToken, project: Project | None, image_urls: dict[str, str]) -> Token:
    return Token(
        id=known.id,
        user=User(known.user.id, known.user.name, known.user.domain, known.user.domain.lower()),
        project=project,
        roles=tuple(sorted(known.roles)),
        expires_at=known.expires_at.astimezone(UTC).replace(microsecond=0),
        image_urls=image_urls,
    )
