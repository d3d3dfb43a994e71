"""Every page of the site, as addresses in the demo, for each who may see it."""

from __future__ import annotations

import re
from functools import cache

import requests

from portal.demo.stack import Demo
from portal.demo.story import ADA, CHEN, Person
from portal.demo.visitor import Visitor

# Who looks at the pages: their names and passwords.
PEOPLE = {ADA.name: ADA.password, CHEN.name: CHEN.password}

PRODUCER = (
    "/producer/",
    "/producer/figures/",
    "/producer/profile/",
    "/producer/images/",
    "/producer/images/new/",
    "/producer/requests/",
    "/producer/requests/?state=declined",
    "/producer/bulk/",
    "/producer/groups/",
    "/producer/jobs/",
    "/producer/mail/",
    "/producer/history/",
    "/producer/shares/",
    "/producer/shares/?hint=ends",
    "/producer/shares/?hint=quiet",
    "/producer/shares/ended/",
)
CONSUMER = (
    "/inbox/",
    "/inbox/waiting/",
    "/inbox/feeds/",
    "/inbox/?status=accepted",
    "/inbox/?status=rejected",
    "/inbox/requests/",
    "/inbox/rules/",
    "/inbox/mail/",
    "/shares/00000000-0000-4000-8000-000000000000/",
)


@cache
def places(demo: Demo, who: str) -> tuple[str, ...]:
    if who == ADA.name:
        images = [f"/producer/images/{found}/" for found in _own_images(demo, ADA)]
        shares = _own_shares(demo, ADA)
        bulk = f"{images[0]}members/bulk/"
        below = [f"{image}{page}/" for image in images for page in ("listing", "edit", "delete")]
        forms = [f"{image}request-form/" for image in images]
        return (*PRODUCER, *images, *below, *forms, bulk, *shares, *_lists(demo, images[0]))
    if who == CHEN.name:
        shares = [f"/shares/{found}/" for found in _shared_images(demo, CHEN)]
        report = f"{shares[0]}report/"
        asked = [f"{listing}request/" for listing in _listings(demo)[:1]]
        return (*CONSUMER, *shares, report, *asked)
    return (
        "/",
        "/?q=nothing-at-all-matches-this",
        *_listings(demo),
        *(f"{listing}request/" for listing in _listings(demo)),
        *(f"{listing}report/" for listing in _listings(demo)[:1]),
        *_producers(demo),
        *_mailed_pages(demo),
        "/sign-in/",
        "/nowhere/",
        "/demo/mailbox/",
        "/demo/passcodes/",
    )


def _listings(demo: Demo) -> tuple[str, ...]:
    page = requests.get(f"{demo.base_url}/", timeout=30).text
    found = sorted(set(re.findall(r'data-listing="([^"]+)"', page)))
    assert found, "the demo's catalogue is empty"
    return tuple(f"/catalogue/{slug}/" for slug in found)


def _producers(demo: Demo) -> tuple[str, ...]:
    """The public profiles that listings lead to."""
    pages = (requests.get(f"{demo.base_url}{path}", timeout=30).text for path in _listings(demo))
    found = {path for page in pages for path in re.findall(r'href="(/producers/[^"]+)"', page)}
    assert found
    return tuple(sorted(found))


def _mailed_pages(demo: Demo) -> tuple[str, ...]:
    """What mails lead to without a sign-in: requests in each state, a confirmation, the way out of
    a producer's mails."""
    links = {link for letter in demo.mailbox.letters() for link in letter.links}
    paths = {link.removeprefix(demo.base_url) for link in links}
    requests_ = {path.partition("confirm/")[0] for path in paths if path.startswith("/access/")}
    # Of requests: an address's own link is over once it was followed, as another test does.
    confirmations = {path for path in paths if path.startswith("/access/") and "/confirm/" in path}
    unsubscribe = sorted(path for path in paths if path.startswith("/unsubscribe/"))
    assert requests_
    assert confirmations
    assert unsubscribe
    return (*sorted(requests_ | confirmations), unsubscribe[0])


def _own_images(demo: Demo, person: Person) -> list[str]:
    project_id = _project_id(demo, person)
    return [image for image, owner in _images(demo, person, {}) if owner == project_id]


def _own_shares(demo: Demo, person: Person) -> list[str]:
    """The producer's pages of one share, of the first image that has members."""
    token = demo.cloud.token(person.name, person.password, _project_id(demo, person))
    for image in _own_images(demo, person):
        url = f"{demo.cloud.image_url}/v2/images/{image}/members"
        answer = requests.get(url, headers={"X-Auth-Token": token}, timeout=30)
        if members := answer.json().get("members"):
            ids = [member["member_id"] for member in members]
            return [f"/producer/images/{image}/members/{one}/" for one in ids]
    raise AssertionError(f"{person.name} shares nothing")


def _lists(demo: Demo, image: str) -> tuple[str, ...]:
    """The pages of what the story shared with many: a list before and after it was started, a
    group, and the form for a new version."""
    visitor = Visitor(demo.base_url)
    visitor.sign_in(ADA.name, ADA.password)
    mistakes = "nonsense,nonsense\n" + "\n".join(f"{n:032x}" for n in range(1, 60))
    review = visitor.post(f"{image}members/bulk/", rows=mistakes).url.removeprefix(demo.base_url)
    return (review, "/producer/jobs/1/", "/producer/groups/1/", f"{image}replaces/")


def _shared_images(demo: Demo, person: Person) -> list[str]:
    project_id = _project_id(demo, person)
    shared = [
        image
        for status in ("pending", "accepted", "rejected")
        for image, owner in _images(demo, person, {"visibility": "shared", "member_status": status})
        if owner != project_id
    ]
    assert shared, f"nothing is shared with {person.name}"
    return shared


def _images(demo: Demo, person: Person, params: dict[str, str]) -> list[tuple[str, str]]:
    token = demo.cloud.token(person.name, person.password, _project_id(demo, person))
    url = f"{demo.cloud.image_url}/v2/images"
    answer = requests.get(url, params=params, headers={"X-Auth-Token": token}, timeout=30)
    return [(image["id"], image["owner"]) for image in answer.json()["images"]]


@cache
def _project_id(demo: Demo, person: Person) -> str:
    """The first of the person's projects."""
    url = f"{demo.cloud.auth_url}/projects"
    headers = {"X-Auth-Token": demo.cloud.admin_token()}
    answer = requests.get(url, params={"name": person.projects[0]}, headers=headers, timeout=30)
    return str(answer.json()["projects"][0]["id"])
