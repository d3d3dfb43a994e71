from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from sharing.models import Listing
from sharing.services import catalogue
from sharing.services.catalogue import Search, facets, find
from tests.visitor import a_listing

pytestmark = pytest.mark.django_db


def titles(search: Search, page: str = "") -> list[str]:
    return [listing.title for listing in find(search, page=page)]


def test_the_newest_comes_first() -> None:
    a_listing("Old", published_at=timezone.now() - timedelta(days=1))
    a_listing("New")
    assert titles(Search()) == ["New", "Old"]


def test_the_newest_match_comes_first() -> None:
    a_listing("Old", published_at=timezone.now() - timedelta(days=1))
    a_listing("New")
    assert titles(Search(q="quick")) == ["New", "Old"]


@pytest.mark.parametrize(
    "fields",
    [{"state": "draft"}, {"state": "withdrawn"}, {"unavailable_since": timezone.now()}],
    ids=["draft", "withdrawn", "unavailable"],
)
def test_what_is_not_published_is_neither_found_nor_in_the_facets(
    fields: dict[str, object],
) -> None:
    a_listing("Hidden", tags=("secret",), producer_name="Nobody", os_distro="plan9", **fields)
    assert titles(Search()) == []
    assert titles(Search(q="hidden")) == []
    assert facets() == catalogue.Facets([], [], [], [], [])


def test_all_words_must_match_wherever_they_stand() -> None:
    a_listing("Noble for builds", summary="With compilers.")
    a_listing("Noble", summary="Minimal.")
    assert titles(Search(q="BUILDS noble compil")) == ["Noble for builds"]
    assert titles(Search(q="noble nowhere")) == []


@pytest.mark.parametrize("word", ["lts", "acme", "noble-server", "ubuntu", "24.04", "aarch64"])
def test_it_looks_in_tags_producer_and_facts(word: str) -> None:
    a_listing("The one", tags=("lts",), architecture="aarch64")
    assert titles(Search(q=word)) == ["The one"]


def test_it_looks_in_the_image_id() -> None:
    listing = a_listing()
    assert titles(Search(q=listing.image_id)) == [listing.title]


@pytest.mark.parametrize("word", ["%", "_", "\\", "'", '"', "*", "100%_sure"])
def test_signs_of_the_query_language_mean_themselves(word: str) -> None:
    a_listing("Plain", image_name="plain", architecture="arm")
    assert titles(Search(q=word)) == []
    a_listing(f"With {word}", architecture="arm")
    assert titles(Search(q=word)) == [f"With {word}"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("os", "debian"),
        ("architecture", "aarch64"),
        ("format", "raw"),
        ("producer", "Orchard"),
        ("tag", "gpu"),
    ],
)
def test_each_filter_narrows(field: str, value: str) -> None:
    a_listing("Other", tags=("lts",))
    a_listing(
        "Wanted",
        tags=("gpu", "lts"),
        os_distro="debian",
        architecture="aarch64",
        disk_format="raw",
        producer_name="Orchard",
    )
    assert titles(Search(**{field: value})) == ["Wanted"]


def test_filters_and_words_hold_together() -> None:
    a_listing("Noble", os_distro="ubuntu", tags=("lts",))
    a_listing("Noble too", os_distro="debian", tags=("lts",))
    assert titles(Search(q="noble", os="debian", tag="lts")) == ["Noble too"]


def test_facets_are_the_values_there_are() -> None:
    a_listing(os_distro="ubuntu", tags=("lts", "gpu"), producer_name="acme")
    a_listing(os_distro="debian", tags=("lts",), producer_name="Zeta")
    a_listing(os_distro="", architecture="", producer_name="Zeta")
    assert facets() == catalogue.Facets(
        os=["debian", "ubuntu"],
        architecture=["x86_64"],
        format=["qcow2"],
        producer=["acme", "Zeta"],
        tag=["gpu", "lts"],
    )


def test_facets_are_right_right_after_a_publish() -> None:
    listing = a_listing(state="draft", os_distro="fedora")
    assert facets().os == []
    listing.state = Listing.State.PUBLISHED
    listing.save()
    assert facets().os == ["fedora"]


@pytest.mark.parametrize(
    ("page", "number"),
    [("2", 2), ("", 1), ("abc", 1), ("0", 2), ("-3", 2), ("99999", 2), ("9" * 5000, 1), ("\0", 1)],
)
@pytest.mark.parametrize("search", [Search(), Search(q="noble")], ids=["all", "words"])
def test_a_page_that_makes_no_sense_is_the_nearest(search: Search, page: str, number: int) -> None:
    for count in range(30):
        a_listing(f"Noble {count}")
    found = find(search, page=page)
    assert found.number == number
    assert len(found) == (24 if number == 1 else 6)


@pytest.mark.parametrize("search", [Search(), Search(q="noble")], ids=["all", "words"])
def test_equally_old_ones_are_each_on_one_page(search: Search) -> None:
    now = timezone.now()
    for count in range(30):
        a_listing(f"Noble {count}", published_at=now)
    assert len({*titles(search, "1"), *titles(search, "2")}) == 30


def test_a_search_that_finds_too_much_shows_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "MOST_FOUND", 2)
    for count in range(3):
        a_listing(f"Noble {count}")
    assert titles(Search(q="noble")) == ["Noble 2", "Noble 1"]
    assert catalogue.is_cut(Search(q="noble"), find(Search(q="noble")))
    assert not catalogue.is_cut(Search(), find(Search()))


def test_search_text_has_each_word_once_and_fits() -> None:
    listing = a_listing("Small small", description="small " + "word-%d " * 500)
    text = catalogue.search_text(listing, ["lts"])
    assert text.split().count("small") == 1
    assert len(catalogue.search_text(a_listing("T", description="ä" * 9000), [])) == 600


class AnySearch(TestCase):
    @settings(deadline=None)
    @given(st.text(max_size=40).filter(lambda text: "\0" not in text))
    def test_any_words_can_be_looked_for(self, text: str) -> None:
        listing = a_listing(f"x{text}"[:120])
        assert listing.pk in [one.pk for one in find(Search(q=f"x{text}"[:120]))]
