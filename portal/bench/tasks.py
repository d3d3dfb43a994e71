"""What is measured: each task by the raw calls, by the portal and by the command-line client."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from portal.bench.numbering import listed_image
from portal.bench.stage import new_image, token_of
from portal.bench.ways import Browser, CommandLine, Raw, seconds
from portal.bench.world import World
from portal.demo.stack import Demo

Act = Callable[[], float]  # seconds
PAGE = 24  # listings
COUNTED = 25  # images
CLI_COMMANDS = 5  # of many like each other so many are run, and the rest reckoned
SHARED: dict[str, str | int] = {"visibility": "shared", "member_status": "pending", "limit": 1000}


@dataclass(frozen=True)
class Task:
    """``of`` says of how much. ``cli_stands_for`` is how many times as much as ``cli`` does is to
    be done. A ``page`` is measured cold, too.
    """

    name: str
    raw: Act
    portal: Act
    cli: Act | None = None
    cli_stands_for: float = 1
    page: Callable[[], object] | None = None
    of: str = ""


class Tasks:
    """Of one size of the data."""

    def __init__(self, demo: Demo, world: World) -> None:
        self._demo, self._world = demo, world
        producer, consumer = world.producer, world.consumer
        self._raw_p, self._raw_c = Raw(demo, producer), Raw(demo, consumer)
        self._web_p, self._web_c = Browser(demo, producer), Browser(demo, consumer)
        self._web = Browser(demo)
        self._cli_p, self._cli_c = CommandLine(demo, producer), CommandLine(demo, consumer)
        self._token = token_of(demo, producer)
        self._answers = {who: itertools.cycle(("accepted", "pending")) for who in "abcd"}

    def all(self) -> list[Task]:
        return [
            self._catalogue(),
            self._listing(),
            self._inbox(),
            self._accept_one(),
            self._accept_several(),
            *self._image_list(),
            *self._dashboard(),
            *self._ledger(),
            self._bulk(),
        ]

    def _catalogue(self) -> Task:
        community: dict[str, str | int] = {"visibility": "community", "limit": PAGE}
        task = self._reading(
            "catalogue",
            lambda: self._raw_c.images(**community),
            lambda: self._web.get("/"),
            partial(self._cli_c.run, "list", "--community", "--limit", str(PAGE)),
        )
        return replace(task, of=f"{self._world.size.listings:,} listings")

    def _listing(self) -> Task:
        return self._reading(
            "listing",
            lambda: self._raw_c.call("GET", f"/{listed_image(5)}"),
            lambda: self._web.get("/catalogue/listing-5/"),
            partial(self._cli_c.run, "show", listed_image(5)),
        )

    def _inbox(self) -> Task:
        task = self._reading(
            "inbox",
            lambda: self._raw_c.images(**SHARED),
            lambda: self._web_c.get("/inbox/"),
            partial(self._cli_c.run, "list", "--shared", "--member-status", "pending"),
        )
        return replace(task, of=f"{self._world.size.shares} shares")

    def _accept_one(self) -> Task:
        ids = self._world.shares

        def portal() -> float:
            form = {"status": next(self._answers["a"])}
            return seconds(lambda: self._web_c.post(f"/shares/{ids[0]}/status/", **form))

        def cli() -> float:
            answer = "--accept" if next(self._answers["b"]) == "accepted" else "--pending"
            return seconds(lambda: self._cli_c.run("set", answer, ids[1]))

        raw = partial(self._put, [ids[2]], "c")
        return Task("accept one", raw, portal, cli)

    def _accept_several(self) -> Task:
        count = self._world.size.several
        ids, ours = self._world.shares[:count], self._world.shares[-count:]

        def portal() -> float:
            answer = next(self._answers["d"])
            return seconds(lambda: self._web_c.post("/inbox/", image=ours, status=answer))

        cli, factor = self._some(
            count, lambda number: self._cli_c.run("set", "--accept", ids[number])
        )
        raw = partial(self._put, ids, "c")
        return Task("accept several", raw, portal, cli, factor, of=f"{count} shares")

    def _put(self, ids: list[str], who: str) -> float:
        body = {"status": next(self._answers[who])}
        paths = [f"/{one}/members/{self._raw_c.project_id}" for one in ids]
        calls = [partial(self._raw_c.call, "PUT", path, json=body) for path in paths]
        return seconds(lambda: self._raw_c.each(calls))

    def _image_list(self) -> list[Task]:
        count = min(COUNTED, self._world.size.images)

        def counted() -> None:
            self._web_p.get("/producer/images/")
            self._web_p.get("/producer/images/?counts=1", target="counts")

        return [
            self._reading(
                "image list",
                self._own_images,
                lambda: self._web_p.get("/producer/images/"),
                partial(self._cli_p.run, "list"),
            ),
            self._with_members("image list, with its counts", counted, count),
        ]

    def _dashboard(self) -> list[Task]:
        def whole() -> None:
            self._web_p.get("/producer/")
            self._web_p.get("/producer/figures/", target="figures")

        return [
            self._reading(
                "dashboard",
                self._own_images,
                lambda: self._web_p.get("/producer/"),
                partial(self._cli_p.run, "list"),
            ),
            self._with_members("dashboard, with its figures", whole, self._world.size.images),
        ]

    def _ledger(self) -> list[Task]:
        size = self._world.size
        whole = partial(self._web_p.get, "/producer/shares/?whole=1")
        return [
            self._reading(
                "ledger, its frame",
                self._own_images,
                lambda: self._web_p.get("/producer/shares/"),
            ),
            replace(
                self._with_members("ledger", whole, size.images),
                of=f"{size.images * size.members:,} shares",
            ),
        ]

    def _own_images(self) -> list[str]:
        found = self._raw_p.images(owner=self._raw_p.project_id, limit=1000)
        return [str(image["id"]) for image in found]

    def _with_members(self, name: str, portal: Callable[[], object], count: int) -> Task:
        """The list, and the members of so many images."""

        def raw() -> None:
            ids = self._own_images()[:count]
            self._raw_p.each([partial(self._raw_p.call, "GET", f"/{one}/members") for one in ids])

        ids = self._world.images
        cli, factor = self._some(
            count, lambda number: self._cli_p.run("member", "list", ids[number])
        )
        return Task(name, lambda: seconds(raw), lambda: seconds(portal), cli, factor, page=portal)

    def _bulk(self) -> Task:
        """Each round has an image of its own: the cloud has a quota."""
        count = self._world.size.bulk

        def raw() -> float:
            path = f"/{self._new_image()}/members"
            bodies = [{"member": uuid.uuid4().hex} for _ in range(count)]
            calls = [partial(self._raw_p.call, "POST", path, json=body) for body in bodies]
            return seconds(lambda: self._raw_p.each(calls))

        image = self._new_image()
        cli, factor = self._some(
            count, lambda _: self._cli_p.run("add", "project", image, uuid.uuid4().hex)
        )
        portal = partial(self._share, count)
        return Task("bulk add", raw, portal, cli, factor, of=f"{count} projects")

    def _share(self, count: int) -> float:
        """From the start of the reviewed list to its last row."""
        rows = "\n".join(f"{uuid.uuid4().hex},c{n}@load.example,Hello" for n in range(count))
        path = f"/producer/images/{self._new_image()}/members/bulk/"
        job = self._web_p.post(path, rows=rows).headers["Location"]

        def run() -> None:
            self._web_p.post(f"{job}start/")
            page = self._web_p.get(job)
            while "hx-trigger" in page:
                page = self._web_p.post(f"{job}run/", target="rows").text

        return seconds(run)

    def _new_image(self) -> str:
        return new_image(self._demo, self._token, "shared with many")

    @staticmethod
    def _reading(
        name: str,
        raw: Callable[[], object],
        portal: Callable[[], object],
        cli: Callable[[], object] | None = None,
    ) -> Task:
        timed = (lambda: seconds(cli)) if cli else None
        return Task(name, lambda: seconds(raw), lambda: seconds(portal), timed, page=portal)

    @staticmethod
    def _some(count: int, command: Callable[[int], object]) -> tuple[Act, float]:
        """A few of so many commands, one after the other; and how many times that they are."""
        few = min(count, CLI_COMMANDS)
        return lambda: seconds(lambda: [command(number) for number in range(few)]), count / few
