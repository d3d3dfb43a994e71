"""The public website: the catalogue, and one page per listing."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django_htmx.http import push_url

from sharing import markdown
from sharing.forms.catalogue import SearchForm
from sharing.http import Request
from sharing.partials import render_page
from sharing.services import catalogue, fates, producers, reports, versions
from sharing.views import access, errors


def index(request: Request) -> HttpResponse:
    search = SearchForm(request.GET).search()
    page = catalogue.find(search, page=request.GET.get("page", ""))
    # The filters' values are only read where they are shown: a live search swaps the results alone.
    context = {
        "search": search,
        "page": page,
        "facets": catalogue.facets,
        "is_cut": catalogue.is_cut(search, page),
        "profiles": producers.named(search.producer) if search.producer else (),
        "feed": _address(reverse("feed"), search),
        "json": _address(reverse("catalogue-json"), search),
    }
    response = render_page(request, "catalogue/index.html", context, part="results")
    return push_url(response, _address(request.path, search)) if request.htmx else response


def listing(request: Request, slug: str) -> HttpResponse:
    listing = access.public_listing(slug)
    if not listing.is_published:
        return errors.gone(request, {"listing": listing, "help": fates.help_with(listing)})
    context = {
        "listing": listing,
        "description": markdown.to_html(listing.description),
        "tags": listing.tag_names,
        "versions": versions.of_listing(listing),
        "producer": producers.of_project(listing.project_id),
        "can_report": reports.is_open(),
        "is_own": request.cloud is not None and request.cloud.project.id == listing.project_id,
    }
    return render(request, "catalogue/listing.html", context)


def _address(path: str, search: catalogue.Search) -> str:
    """The search's address without the filters that are not set."""
    query = urlencode(search.given)
    return f"{path}?{query}" if query else path
