"""The API gives what the pages give, to the same people, with the same record of the look."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from published_sample import ENTRIES, REFERENCE
from sample_run import CHILD, VICTIM

from braid.web.accounts import create_api_token
from braid.web.models import ApiToken

pytestmark = pytest.mark.django_db

HEADERS = {"X-Purpose": "school_from_ta", "X-Reference": REFERENCE}


def with_token(user) -> dict[str, str]:
    return {**HEADERS, "Authorization": f"Bearer {create_api_token(user)}"}


def test_a_token_opens_what_its_holder_may_see(published, user_of):
    answer = Client().get(f"/api/v1/people/{CHILD}", headers=with_token(user_of("analyst")))
    assert answer.json()["name"] == "Ada Example"
    assert answer.json()["district"] == "Northmere"
    look = ENTRIES.get()
    assert (look.username, look.person_id, look.page) == ("test-analyst", CHILD, "api person")


def test_the_api_lists_whom_the_page_lists(published, user_of, client_of):
    answer = (
        Client()
        .get("/api/v1/people?sort=blockers&problem=school_from_ta", headers=with_token(user_of("analyst")))
        .json()
    )
    page = client_of("analyst", "school_from_ta").get("/people/?sort=blockers&problem=school_from_ta").content.decode()
    assert "count" not in answer
    positions = [page.index(person["person_id"]) for person in answer["items"]]
    assert positions == sorted(positions)
    assert ENTRIES.filter(page="api people").count() == 25


def test_only_the_digest_of_a_token_is_kept(user_of):
    token = create_api_token(user_of("analyst"))
    assert token not in str(list(ApiToken.objects.values()))


def test_an_expired_token_and_one_of_somebody_who_left_open_nothing(published, user_of):
    user = user_of("analyst")
    headers = with_token(user)
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert Client().get("/api/v1/place", headers=headers).status_code == 401
    ApiToken.objects.update(expires_at=timezone.now() + dt.timedelta(days=1))
    assert Client().get("/api/v1/place", headers=headers).status_code == 200
    user.is_active = False
    user.save()
    assert Client().get("/api/v1/place", headers=headers).status_code == 401


@pytest.mark.parametrize("left_out", ["X-Purpose", "X-Reference"])
def test_people_need_a_purpose_and_a_reference(left_out, published, user_of):
    headers = with_token(user_of("analyst"))
    headers.pop(left_out)
    assert Client().get("/api/v1/people", headers=headers).status_code == 403
    assert set(ENTRIES.values_list("kind", flat=True)) <= {"refused"}


@pytest.mark.parametrize(
    "query", ["sort=name", "district=' or 1=1", "problem=victim_response", "limit=xy", "cursor=zzzz"]
)
def test_a_refused_filter_is_named_and_its_value_is_not(query, published, user_of):
    answer = Client().get(f"/api/v1/people?{query}", headers=with_token(user_of("analyst")))
    assert answer.status_code == 422
    name, value = query.split("=", 1)
    assert name in answer.json()["fields"]
    assert value not in answer.content.decode()


def test_location_of_the_protected_is_in_no_answer(published, user_of):
    headers = {**with_token(user_of("advocate")), "X-Purpose": "victim_response"}
    answer = Client().get(f"/api/v1/people/{VICTIM}", headers=headers).json()
    assert answer["district"] == "Withheld: this person's location is protected"
    assert {involvement["ask"] for involvement in answer["involvements"]} == {answer["district"]}


def test_before_the_first_run_there_is_no_place(user_of):
    assert Client().get("/api/v1/place", headers=with_token(user_of("analyst"))).status_code == 404
