"""What was typed when the sign-in ran out: kept in the session until it is shown again."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from sharing import session
from sharing.services import lists

_KEY = "draft"
_LARGEST = 600_000  # characters: a list of 5,000 projects has a few hundred thousand
_NEVER = ("csrfmiddlewaretoken", "password", "passcode", "application_credential_secret")


def keep(request: HttpRequest, data: QueryDict | None = None) -> None:
    """Keep the posted form, or ``data`` instead, for the user who was signed in; one at a time,
    the last wins.

    No password is ever kept: the session is not the place for it. And the sign-in itself never
    takes the place of the form that it is for.
    """
    if request.path == reverse("sign-in") and _KEY in request.session:
        return
    data = (data or request.POST).copy()
    for name in _NEVER:
        data.pop(name, None)
    text = _with_list(request, data).urlencode()
    if len(text) <= _LARGEST:
        request.session[_KEY] = {
            "path": request.path,
            "data": text,
            "user_id": session.last_user_id(request.session),
        }
        if request.session.session_key:
            request.session.save()  # Django itself saves nothing when the answer is a 503


def _with_list(request: HttpRequest, data: QueryDict) -> QueryDict:
    """A list that came as a file is kept as if it had been pasted; of one that is too large, its
    name as ``lost_file``, and of any other file nothing: no browser gives it a second time."""
    file = request.FILES.get("file") if "rows" in data else None
    if file is None or not file.name or str(data["rows"]).strip():
        return data
    data["lost_file"] = file.name
    if (file.size or 0) > lists.LARGEST_FILE:
        return data
    with_list = data.copy()
    del with_list["lost_file"]
    file.seek(0)  # the view may have read it
    try:
        with_list["rows"] = lists.decode(file.read())
    except lists.Unreadable:
        return data
    return with_list if len(with_list.urlencode()) <= _LARGEST else data


def take(request: HttpRequest, path: str) -> QueryDict | None:
    """The form that was posted to ``path`` before the sign-in, once; None if there was none."""
    draft: dict[str, Any] | None = request.session.get(_KEY)
    if not draft or draft["path"] != path:
        return None
    del request.session[_KEY]
    is_same_user = draft["user_id"] == session.last_user_id(request.session)
    return QueryDict(draft["data"]) if is_same_user else None


def page_to_come_back_to(request: HttpRequest) -> str:
    """The page on which the posted form stood, as a path of this site.

    The browser says it (Referer); a script does not: then the nearest address above the form's
    own that can be looked at.
    """
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    referer = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return _nearest_page(*urlsplit(referer)[2:4])
    return _nearest_page(request.path, "")


def stood_on(request: HttpRequest, path: str) -> bool:
    """Whether the posted form stood on the page at ``path``, as far as the browser says."""
    referer = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(referer, {request.get_host()})
    return is_ours and urlsplit(referer).path == path


def page_of_this_site(address: str) -> str:
    """The page that ``address`` (from the outside: a link, a form) leads to; empty if it leads
    away, or if a browser might think so."""
    is_ours = address.startswith("/") and url_has_allowed_host_and_scheme(address, None)
    return _nearest_page(*urlsplit(address)[2:4]) if is_ours else ""


def _nearest_page(path: str, query: str) -> str:
    """The address itself, or the one above it: a page that only takes a form can't be opened."""
    if _can_be_looked_at(path):
        return f"{path}?{query}" if query else path
    while path != "/" and not _can_be_looked_at(path):
        path = path.rstrip("/").rpartition("/")[0] + "/"
    return path


def _can_be_looked_at(path: str) -> bool:
    try:
        view = resolve(unquote(path)).func
    except Resolver404:
        return False
    return not getattr(view, "only_post", False)
