"""Pages whose address is a key: whoever has it is who it is for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpResponse

from sharing.http import Request, client_address
from sharing.services import keys
from sharing.views import errors

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponse]


def keyed(view: View[P]) -> View[P]:
    """Who tries many wrong keys is told to wait. A right one is never held up: others may call from
    the same address."""

    @wraps(view)
    def inner(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if wait := keys.count_wrong(client_address(request)):
                return errors.too_many(request, wait_seconds=wait)
            raise

    return inner
