"""Plays the demo's story: everything by the real APIs and the portal's real forms, each step by
whom it becomes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from portal.demo import many, story
from portal.demo.cloud import DemoCloud
from portal.demo.disks import disk
from portal.demo.keystone_admin import RefusedByCloud, call
from portal.demo.mailbox import Mailbox
from portal.demo.past import make_older
from portal.demo.people import arrive
from portal.demo.story import (
    ADA,
    ALPINE,
    ALPINE_NEXT,
    CHEN,
    CUDA,
    DANA,
    DEBIAN,
    ELI,
    ROCKY,
    UBUNTU,
    UBUNTU_OLD,
    Disk,
    Person,
)
from portal.demo.visitor import PortalRefused, Visitor

MAIL_SECONDS = 60.0
Report = Callable[[str], None]


class SeedFailed(RuntimeError):
    """The story got stuck; the message says where."""


class Story:
    """Plays itself on a running cloud and the portal at `base_url`, whose mail is in `mailbox`.

    `report` is told each step in words.
    """

    def __init__(
        self, *, cloud: DemoCloud, mailbox: Mailbox, base_url: str, report: Report
    ) -> None:
        self._cloud = cloud
        self._mailbox = mailbox
        self._base_url = base_url
        self._report = report
        self._projects: dict[str, str] = {}
        self._images: dict[str, str] = {}
        self._visitors: dict[tuple[str, str], Visitor] = {}

    def play(self) -> None:
        """All of it; `SeedFailed` when somebody is refused something."""
        try:
            self._play()
        except (RefusedByCloud, PortalRefused, TimeoutError, requests.RequestException) as error:
            raise SeedFailed(str(error)) from error

    def _play(self) -> None:
        self._report("Filling it: people and projects")
        for person in (*story.PEOPLE, story.GUS, story.FAY):
            self._projects |= arrive(self._cloud, person)
        self._report("Filling it: images")
        for image in story.DISKS:
            self._upload(image)
        self._report("Filling it: listings")
        for image in story.DISKS:
            self._list(image)
        self._report("Filling it: access requests")
        self._play_desk()
        self._play_requests()
        self._report("Filling it: shares")
        self._play_shares()
        self._report("Filling it: a list, a group and a new version")
        self._play_many()

    def _play_requests(self) -> None:
        """One in each state at least; what is open has somebody waiting for an answer."""
        self._request(CHEN, UBUNTU, "Our orchard needs a base image for twelve web servers.")
        self._decide(UBUNTU, CHEN, "approve")
        answers = {"answer_1": "Tide models", "answer_3": "on"}
        self._request(ELI, CUDA, "Tide models, a few evenings a month.", **answers)
        reason = "How many servers at a time, and until when? Licences are counted."
        self._decide(CUDA, ELI, "ask", reason)
        self._request(DANA, ROCKY, "To try it out.")
        reason = "It runs on Arm hosts only, and lighthouse has no quota there yet."
        self._decide(ROCKY, DANA, "decline", reason)
        status_page = self._request(ELI, ROCKY, "For the buoys' gateways, which are Arm.")
        self._visitor(ELI).post(f"{status_page}withdraw/")
        answers = {"answer_1": "Image recognition", "answer_2": "One or two", "answer_3": "on"}
        self._request(DANA, CUDA, "For the harbour, two servers, until June.", **answers)
        self._request(DANA, UBUNTU, "For the harbour's web site.")
        self._request(ELI, UBUNTU, "For the tide tables' web site.")
        self._visitor(ADA).post("/producer/requests/rules/")
        self._request_anonymously("ingrid@tidal-research.example", "tidal-research", DEBIAN)
        self._request_anonymously(
            "jonas@lighthouse.example", "lighthouse", UBUNTU, is_confirmed=False
        )

    def _play_desk(self) -> None:
        """The producer's profile, her own questions, and a rule that approves one project."""
        ada = self._visitor(ADA)
        ada.post("/producer/profile/", **story.PROFILE)
        ada.post(self._image_page(CUDA, "request-form"), **story.QUESTIONS)
        rule = story.RULE | {"allow_projects": self._projects["tidal-research"]}
        ada.post(self._image_page(UBUNTU, "request-form/rule"), **rule)

    def _play_shares(self) -> None:
        for person, producer in story.TRUST:
            rule = f"/inbox/rules/{self._projects[producer]}/"
            self._visitor(person).post(rule, always="accepted")
        self._answer(CHEN, "orchard", UBUNTU, "accepted")
        self._answer(ELI, "tidal-research", UBUNTU, "accepted")
        self._share(DEBIAN, "orchard", CHEN.email, "As we said at the fair: try this one first.")
        self._share(CUDA, "orchard", CHEN.email, "In case you want to count apples by camera.")
        self._answer(CHEN, "orchard", CUDA, "rejected")
        self._share(UBUNTU, "lighthouse", DANA.email, "The new build; it replaces 22.04.")
        self._answer(DANA, "lighthouse", UBUNTU, "accepted")
        self._share(DEBIAN, "lighthouse", DANA.email, "")
        self._remove(DEBIAN, "lighthouse")
        self._share(ROCKY, "tidal-research", ELI.email, "For the gateways after all.")
        self._share_without_the_portal(ROCKY, self._projects["orchard"])
        self._end(UBUNTU, "lighthouse", days=12)
        self._remind(DEBIAN, "orchard")
        self._share_with_nobody(DEBIAN, days=41)

    def _play_many(self) -> None:
        producer = self._visitor(ADA)
        many.share_with_many(producer, self._images[ALPINE.name], self._projects)
        self._answer(CHEN, "orchard", ALPINE, "accepted")
        self._answer(ELI, "tidal-research", ALPINE, "rejected")
        for image in (ALPINE_NEXT, UBUNTU_OLD):
            self._upload(image)
        many.replace(producer, old=self._images[ALPINE.name], new=self._images[ALPINE_NEXT.name])
        many.supersede(producer, old=self._images[UBUNTU_OLD.name], new=self._images[UBUNTU.name])
        self._share_without_the_portal(UBUNTU_OLD, self._projects["orchard"])

    # The cloud's side, by its own APIs.

    def _upload(self, image: Disk) -> None:
        about = {
            "name": image.name,
            "disk_format": image.disk_format,
            "container_format": "bare",
            "visibility": "shared",
            "min_disk": image.min_disk,
            "min_ram": image.min_ram,
            **image.properties,
        }
        image_id = self._images[image.name] = self._glance(image.owner, "POST", json=about).json()[
            "id"
        ]
        self._glance(
            image.owner,
            "PUT",
            f"/{image_id}/file",
            data=disk(
                image.disk_format,
                size=image.size,
                virtual_size=image.virtual_size,
                seed=image.name,
            ),
            headers={"Content-Type": "application/octet-stream"},
        )

    def _share_without_the_portal(self, image: Disk, project_id: str) -> None:
        member = {"member": project_id}
        self._glance(image.owner, "POST", f"/{self._images[image.name]}/members", json=member)

    def _share_with_nobody(self, image: Disk, *, days: int) -> None:
        """A typing error, made long ago on the command line: the last digit is another one."""
        project_id = self._projects["tidal-research"]
        mistyped = project_id[:-1] + ("1" if project_id.endswith("0") else "0")
        self._share_without_the_portal(image, mistyped)
        image_id = self._images[image.name]
        make_older(self._cloud, image_id=image_id, project_id=mistyped, days=days)

    def _glance(
        self, person: Person, method: str, path: str = "", **options: Any
    ) -> requests.Response:
        cloud = self._cloud
        token = cloud.token(person.name, person.password, person.projects[0])
        return call(method, f"{cloud.image_url}/v2/images{path}", token=token, **options)

    # The producers' side of the portal.

    def _list(self, image: Disk) -> None:
        listed = image.listed
        self._visitor(image.owner).send(
            self._image_page(image, "listing"),
            title=listed.title,
            summary=listed.summary,
            description=listed.description,
            contact_email=image.owner.email,
            terms=listed.terms,
            tags=listed.tags,
            state=listed.state,
        )

    def _decide(self, image: Disk, person: Person, decision: str, reason: str = "") -> None:
        """Find the request in the queue by who asks for what, and decide."""
        producer = self._visitor(image.owner)
        queue = producer.get("/producer/requests/")
        for number, words in queue.marked["data-request"].items():
            if person.email in words and image.listed.title in words:
                path = f"/producer/requests/{number}/decision/"
                producer.send(path, decision=decision, reason=reason)
                return
        raise PortalRefused(f"{person.email} for {image.name} is not in the queue: {queue.words}")

    def _share(self, image: Disk, project: str, email: str, note: str) -> None:
        self._visitor(image.owner).send(
            self._image_page(image, "members"),
            project_id=self._projects[project],
            email=email,
            note=note,
        )

    def _end(self, image: Disk, project: str, *, days: int) -> None:
        day = datetime.now(UTC).date() + timedelta(days=days)
        path = self._image_page(image, f"members/{self._projects[project]}/end")
        self._visitor(image.owner).post(path, ends_on=day.isoformat())

    def _remind(self, image: Disk, project: str) -> None:
        path = self._image_page(image, f"members/{self._projects[project]}/remind")
        self._visitor(image.owner).post(path)

    def _remove(self, image: Disk, project: str) -> None:
        path = self._image_page(image, f"members/{self._projects[project]}/remove")
        self._visitor(image.owner).send(path)

    # The consumers' side of the portal, and the public's.

    def _request(self, person: Person, image: Disk, message: str, **answers: str) -> str:
        """Ask, signed in for one's first project; the address of the status page."""
        return self._send_request(
            self._visitor(person), person.projects[0], image, person.email, message, **answers
        )

    def _request_anonymously(
        self, email: str, project: str, image: Disk, *, is_confirmed: bool = True
    ) -> None:
        visitor = Visitor(self._base_url)
        self._send_request(visitor, project, image, email, "We run this beside our own images.")
        letter = self._mailbox.wait_for(email, seconds=MAIL_SECONDS)
        if is_confirmed:
            link = next(link for link in letter.links if "/access/" in link)
            visitor.submit(visitor.get(link).form("confirm/"))

    def _send_request(
        self,
        visitor: Visitor,
        project: str,
        image: Disk,
        email: str,
        message: str,
        **answers: str,
    ) -> str:
        form = {"project_id": self._projects[project], "email": email, "message": message} | answers
        if image.listed.terms:
            form["accept_terms"] = "on"
        return visitor.post(f"{self._listing_page(image)}request/", **form).url

    def _answer(self, person: Person, project: str, image: Disk, status: str) -> None:
        path = f"/shares/{self._images[image.name]}/status/"
        self._visitor(person, project).send(path, status=status)

    # Where things are.

    def _visitor(self, person: Person, project: str = "") -> Visitor:
        """The person's browser, signed in for the project; each keeps the one for each."""
        key = (person.name, project or person.projects[0])
        if key not in self._visitors:
            self._visitors[key] = Visitor(self._base_url)
            self._visitors[key].sign_in(person.name, person.password, self._projects[key[1]])
        return self._visitors[key]

    def _listing_page(self, image: Disk) -> str:
        """As a visitor finds it: in the catalogue, by its title."""
        catalogue = Visitor(self._base_url).get("/")
        for slug, words in catalogue.marked["data-listing"].items():
            if image.listed.title in words:
                return f"/catalogue/{slug}/"
        raise PortalRefused(f"{image.listed.title} is not in the catalogue: {catalogue.words}")

    def _image_page(self, image: Disk, below: str) -> str:
        return f"/producer/images/{self._images[image.name]}/{below}/"
