"""One decision on several requests: each has a result of its own."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.urls import reverse

from sharing.models import AccessRequest, Listing, OutgoingMail
from tests.conftest import PASSWORD, Party
from tests.fake.cloud import FakeCloud
from tests.fake.weather import Weather
from tests.views.producer.conftest import Ask
from tests.views.producer.reading import Answer, element, said, source
from tests.visitor import a_request

URL = "/producer/requests/decisions/"


def states() -> list[str]:
    return list(AccessRequest.objects.order_by("pk").values_list("state", flat=True))


def test_each_request_has_a_result(fake: FakeCloud, producer: Party, ask: Ask) -> None:
    first, second = ask(), ask(fake.project("another").id)
    AccessRequest.objects.filter(pk=second.pk).update(state="withdrawn")
    form = {"request": [first.pk, second.pk], "decision": "approve"}
    answer = producer.client.post(URL, form)
    assert "1 of 2 carried out" in said(answer)
    assert "Done" in element(answer, "tr", f'data-request="{first.pk}"')
    assert "decided this request first" in element(answer, "tr", f'data-request="{second.pk}"')
    assert states() == ["approved", "withdrawn"]


def test_one_reason_declines_all(fake: FakeCloud, producer: Party, ask: Ask) -> None:
    asked = [ask(), ask(fake.project("another").id)]
    form = {"request": [one.pk for one in asked], "decision": "decline", "reason": "Not now."}
    producer.client.post(URL, form)
    assert states() == ["declined", "declined"]
    assert OutgoingMail.objects.filter(kind="declined", text__contains="Not now.").count() == 2


@pytest.mark.parametrize("form", [{"decision": "decline"}, {"decision": "ask", "reason": "?"}, {}])
def test_a_mistake_decides_nothing_and_keeps_the_ticks(
    producer: Party, ask: Ask, form: dict[str, str]
) -> None:
    asked = ask()
    answer = producer.client.post(URL, form | {"request": str(asked.pk)})
    assert answer.status_code == 422
    assert f'name="request" value="{asked.pk}"' in source(answer)
    assert states() == ["open"]


@pytest.mark.parametrize("name", ["x", "9" * 30, "-1", "١", "\x00"])
def test_nonsense_is_a_404(producer: Party, ask: Ask, name: str) -> None:
    form = {"request": [str(ask().pk), name], "decision": "approve"}
    assert producer.client.post(URL, form).status_code == 404
    assert states() == ["open"]


def test_others_decide_nothing(stranger: Party, ask: Ask) -> None:
    form = {"request": ask().pk, "decision": "approve"}
    assert stranger.client.post(URL, form).status_code == 404
    assert states() == ["open"]


def test_ticks_outlive_the_token(fake: FakeCloud, producer: Party, ask: Ask) -> None:
    asked = ask()
    fake.stop_glance()
    form = {"request": asked.pk, "decision": "approve", "reason": "typed"}
    assert producer.client.post(URL, form).status_code == 503
    fake.start_glance()
    page = source(producer.client.get(reverse("requests")))
    assert f'value="{asked.pk}" form="many" checked' in page


def many(listing: Listing, number: int) -> list[AccessRequest]:
    return [a_request(listing, project_id=f"{one:032x}") for one in range(number)]


def form_on(asked: list[AccessRequest], decision: str, reason: str = "") -> dict[str, object]:
    keys = [one.pk for one in asked]
    return {"request": keys, "decision": decision, "reason": reason}


def hidden(answer: Answer, name: str) -> list[str]:
    return re.findall(rf'type="hidden" name="{name}" value="([^"]*)"', source(answer))


def test_more_than_fifty_are_said_and_gone_on_with(producer: Party, listing: Listing) -> None:
    asked = many(listing, 53)
    answer = producer.client.post(URL, form_on(asked, "decline", "Not now."))
    assert states() == ["declined"] * 50 + ["open"] * 3
    assert "50 of 50 carried out. 3 are left." in said(answer)
    assert "Not decided yet" in element(answer, "tr", f'data-request="{asked[-1].pk}"')
    rest = {name: hidden(answer, name) for name in ("request", "decision", "reason")}
    assert rest["request"] == [str(one.pk) for one in asked[50:]]
    producer.client.post(URL, rest)
    assert states() == ["declined"] * 53


def test_what_is_left_is_ticked_when_one_comes_back(producer: Party, listing: Listing) -> None:
    asked = many(listing, 52)
    producer.client.post(URL, form_on(asked, "decline", "Not now."))
    page = source(producer.client.get(reverse("requests")))
    assert page.count('form="many" checked') == 2
    assert 'value="Not now."' in page


def test_a_token_that_ends_in_the_middle_keeps_the_rest(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    asked = many(listing, 3)
    path = f"/v2/images/{listing.image_id}/members"
    fake.after("POST", path, fake.expire_all)
    answer = producer.client.post(URL, form_on(asked, "approve"))
    assert "1 of 1 carried out. 2 are left." in said(answer)
    assert "Your sign-in ended in the middle" in said(answer)
    assert states() == ["approved", "open", "open"]
    headers = {"Referer": f"http://testserver{URL}"}
    form = {"request": hidden(answer, "request"), "decision": "approve"}
    away = producer.client.post(URL, form, headers=headers)
    assert away["Location"] == f"/sign-in/?next={quote(reverse('requests'), safe='')}"
    sign_in = {"method": "password", "username": "ada", "password": PASSWORD}
    producer.client.post("/sign-in/", sign_in)
    page = source(producer.client.get(reverse("requests")))
    assert page.count('form="many" checked') == 2


def test_an_image_api_that_goes_away_in_the_middle_keeps_the_rest(
    fake: FakeCloud, producer: Party, listing: Listing
) -> None:
    asked = many(listing, 3)
    fake.after("POST", f"/v2/images/{listing.image_id}/members", fake.stop_glance)
    answer = producer.client.post(URL, form_on(asked, "approve"))
    assert answer.status_code == 200
    assert "stopped answering in the middle" in said(answer)
    assert states() == ["approved", "open", "open"]
    fake.start_glance()
    form = {"request": hidden(answer, "request"), "decision": hidden(answer, "decision")}
    producer.client.post(URL, form)
    assert states() == ["approved"] * 3


@pytest.mark.parametrize("weather", [{"status": 500}, {"html": True}])
def test_one_broken_answer_is_one_rows_problem(
    fake: FakeCloud, producer: Party, listing: Listing, weather: Weather
) -> None:
    asked = many(listing, 3)
    fake.fail("POST", f"/v2/images/{listing.image_id}/members", **weather)
    answer = producer.client.post(URL, form_on(asked, "approve"))
    assert "2 of 3 carried out." in said(answer)
    row = element(answer, "tr", f'data-request="{asked[0].pk}"')
    assert "did not carry it out" in row
    assert states() == ["open", "approved", "approved"]


def test_at_the_quota_the_row_says_so(fake: FakeCloud, producer: Party, listing: Listing) -> None:
    asked = many(listing, 2)
    fake.fail("POST", f"/v2/images/{listing.image_id}/members", status=413)
    answer = producer.client.post(URL, form_on(asked, "approve"))
    assert "as many members as" in element(answer, "tr", f'data-request="{asked[0].pk}"')
    assert states() == ["open", "approved"]
