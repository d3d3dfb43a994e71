import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tests.visitor import a_listing, page_of

pytestmark = pytest.mark.django_db
RESULTS = {"HX-Request": "true", "HX-Target": "results"}


def listed(html: str) -> list[str]:
    return re.findall(r'data-listing="([^"]+)"', html)


def test_nobody_has_to_sign_in() -> None:
    listing = a_listing(tags=("lts",))
    page = page_of("/")
    assert listed(page) == [listing.slug]
    assert listing.get_absolute_url() in page
    assert "600\xa0MiB" in page
    assert 'href="/?tag=lts"' in page


def test_it_has_one_heading_and_a_named_search_field() -> None:
    page = page_of("/")
    assert page.count("<h1") == 1
    assert '<label class="visually-hidden" for="q">' in page


def test_an_empty_catalogue_says_what_to_do() -> None:
    page = page_of("/")
    assert "still empty" in page
    assert reverse("producer-images") in page


def test_no_match_offers_to_clear_the_filters() -> None:
    a_listing()
    page = page_of("/", q="nowhere")
    assert listed(page) == []
    assert "No image is like that" in page
    assert "Clear filters" in page


def test_the_form_shows_what_was_looked_for() -> None:
    a_listing(os_distro="debian")
    page = page_of("/", q='a "b" <c>', os="debian")
    assert 'value="a &quot;b&quot; &lt;c&gt;"' in page
    assert '<option value="debian" selected>Debian</option>' in page


def test_a_chosen_value_that_no_listing_has_is_still_shown_as_chosen() -> None:
    a_listing()
    page = page_of("/", tag="<gone>")
    assert '<option value="&lt;gone&gt;" selected>&lt;gone&gt;</option>' in page


def test_the_filters_offer_the_values_there_are() -> None:
    a_listing(producer_name="Orchard", tags=("gpu",))
    page = page_of("/")
    for value in ("Orchard", "gpu", "ubuntu", "x86_64", "qcow2"):
        assert f'<option value="{value}">' in page


@pytest.mark.parametrize(
    "query",
    [
        "page=abc",
        "page=-1",
        "page=999",
        "q=%00",
        "q=%ff%fe",
        "q=" + "x" * 5000,
        "q=" + "+".join("abcdefghijkl"),
        "os=%00&tag=%27%3B--",
        "os[]=1&nothing=2",
        "tag=" + "x" * 5000,
    ],
)
def test_nonsense_never_fails(query: str) -> None:
    a_listing()
    assert Client().get(f"/?{query}").status_code == 200


def test_pages_keep_the_search() -> None:
    for count in range(25):
        a_listing(f"Noble {count}", published_at=timezone.now() - timedelta(minutes=count))
    page = page_of("/", q="noble", os="ubuntu")
    assert len(listed(page)) == 24
    assert "?q=noble&amp;os=ubuntu&amp;page=2" in page
    assert len(listed(page_of("/", q="noble", os="ubuntu", page="2"))) == 1


def test_htmx_gets_the_results_alone_and_a_clean_address() -> None:
    listing = a_listing()
    answer = Client().get("/", {"q": "noble", "os": "", "tag": ""}, headers=RESULTS)
    html = answer.content.decode()
    assert html.lstrip().startswith('<section id="results"')
    assert listed(html) == [listing.slug]
    assert answer.headers["HX-Push-Url"] == "/?q=noble"
    assert {"HX-Request", "HX-Target"} <= set(answer.headers["Vary"].split(", "))


def test_the_form_works_without_htmx() -> None:
    form = re.search(r'<form[^>]*role="search"[^>]*>', page_of("/"))
    assert form
    assert 'action="/"' in form[0]
    assert 'method="get"' in form[0]
    assert 'hx-get="/"' in form[0]


def test_a_live_search_reads_no_facets(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    a_listing()
    with django_assert_num_queries(3):  # the IDs, the cards, their tags
        Client().get("/", {"q": "noble"}, headers=RESULTS)


@pytest.mark.parametrize("count", [1, 24])
def test_the_number_of_queries_does_not_grow(
    count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(count):
        a_listing(f"Noble {number}", tags=("lts", f"t{number}"))
    with django_assert_num_queries(9):  # count, IDs, cards, tags, five filters
        Client().get("/")
