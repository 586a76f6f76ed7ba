"""SCIM 2.0: an organisation keeps its own accounts by its token, gives the roles of that token, and nothing else."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from published_sample import ENTRIES, as_pages
from sample_agreements import HOST

from braid.language.steps import NotPossible
from braid.web.account_lists.organisations import make_token
from braid.web.accounts import FIRST
from braid.web.models import ApiToken, ProvisioningToken, SafetyTask, SignedSession, User

pytestmark = pytest.mark.django_db
OTHER = "harbour"
USER, PATCH = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """An organisation's directory: sends what one sends."""

    def __init__(self, token: str) -> None:
        self.token = token

    def ask(self, method: str, path: str, body: object = None):
        sent = json.dumps(body) if body is not None else ""
        headers = {"Authorization": f"Bearer {self.token}"}
        return Client(enforce_csrf_checks=True).generic(
            method, f"/scim/v2/{path}", sent, "application/scim+json", headers=headers
        )

    def add(self, name: str = "b-one", **other: object):
        return self.ask("POST", "Users", {"schemas": [USER], "userName": name, "displayName": "B. One", **other})

    def patch(self, path: str, *operations: dict):
        return self.ask("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})

    def give(self, role: str, *ids: str):
        members = [{"value": one} for one in ids]
        return self.patch(f"Groups/{role}", {"op": "add", "path": "members", "value": members})


@pytest.fixture
def directory(published):
    return Directory(make_token(FIRST, HOST, ["analyst", "practitioner"]))


def test_an_account_is_added_without_a_role_and_gets_one_by_a_group(directory):
    made = directory.add(externalId="sub-9", emails=[{"value": "b@place.example", "primary": True}])
    assert made.status_code == 201 and made["Content-Type"] == "application/scim+json"
    said = made.json()
    user = User.objects.get(username="b-one")
    assert (user.role, user.organisation, user.provider_subject, user.email) == ("", HOST, "sub-9", "b@place.example")
    assert not user.has_usable_password() and said["groups"] == [] and said["active"] is True
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/").status_code == 403, "without a role nothing is seen"
    assert directory.give("analyst", said["id"]).status_code == 200
    assert client.get("/").status_code == 302, "another role is another session"
    assert User.objects.get(pk=user.pk).role == "analyst"
    assert directory.ask("GET", f"Users/{said['id']}").json()["groups"][0]["value"] == "analyst"
    removed = directory.patch("Groups/analyst", {"op": "remove", "path": f'members[value eq "{said["id"]}"]'})
    assert removed.status_code == 200 and User.objects.get(pk=user.pk).role == ""
    whats = [entry.details["what"] for entry in ENTRIES.filter(page="scim")]
    assert whats == ["account added", "account renewed", "account renewed"]


@pytest.mark.parametrize("role", ["ig_lead", "advocate", "king"])
def test_no_role_is_given_that_the_organisation_may_not_give(directory, role):
    account = directory.add().json()["id"]
    assert directory.give(role, account).status_code == 404
    assert User.objects.get(pk=account).role == ""
    assert ENTRIES.filter(page="scim", kind="refused").count() == 1
    with as_pages(), connection.cursor() as cursor:  # nor by whoever has taken over a page and the token
        values = [directory.token, account, "b-one", "B", role, "", "", True]
        cursor.execute("select braid_keep_account(%s, %s, %s, %s, %s, %s, %s, %s)", values)
        assert cursor.fetchone() == (-2,)


def test_no_lead_is_ever_made_by_a_token(published):
    with pytest.raises(NotPossible):
        make_token(FIRST, HOST, ["ig_lead"])
    with pytest.raises(NotPossible):
        make_token(FIRST, HOST, ["king"])


def test_a_leaver_loses_sessions_tokens_and_factors_at_once(directory):
    account = directory.add().json()["id"]
    directory.give("practitioner", account)
    user, client = User.objects.get(pk=account), Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    ApiToken.objects.create(user=user, digest="x", expires_at=timezone.now() + dt.timedelta(days=1))
    assert client.get("/").status_code == 200
    answer = directory.patch(f"Users/{account}", {"op": "Replace", "path": "active", "value": "False"})
    assert answer.status_code == 200 and answer.json()["active"] is False
    assert client.get("/").status_code == 302 and not SignedSession.objects.filter(user_id=user.pk).exists()
    assert not user.api_tokens.exists()
    assert ENTRIES.filter(page="scim").last().details["what"] == "account closed"
    assert directory.ask("DELETE", f"Users/{account}").status_code == 204
    assert directory.patch(f"Users/{account}", {"op": "replace", "value": {"active": True}}).json()["active"] is True


@pytest.mark.parametrize("whose", ["other", "lead", "demo", "recovery", "beyond"])
def test_accounts_that_are_not_its_own_are_not_there(directory, user_of, whose):
    user = user_of({"lead": "ig_lead", "beyond": "coordinator"}.get(whose, "analyst"))
    values = {"organisation": OTHER if whose == "other" else HOST, "is_demo": whose == "demo"}
    User.objects.filter(pk=user.pk).update(**values, is_recovery=whose == "recovery")
    assert directory.ask("GET", f"Users/{user.pk}").status_code == 404
    assert directory.patch(f"Users/{user.pk}", {"op": "replace", "path": "active", "value": False}).status_code == 404
    assert directory.ask("DELETE", f"Users/{user.pk}").json() == directory.ask("DELETE", "Users/999999").json()
    assert directory.ask("GET", f'Users?filter=userName eq "{user.username}"').json()["totalResults"] == 0
    assert user.username not in directory.ask("GET", "Users").content.decode()
    assert directory.give("analyst", str(user.pk)).status_code == 404
    user.refresh_from_db()
    assert user.is_active
    with as_pages(), connection.cursor() as cursor:
        values = [directory.token, user.pk, "taken", "B", "", "", "", False]
        cursor.execute("select braid_keep_account(%s, %s, %s, %s, %s, %s, %s, %s)", values)
        assert cursor.fetchone() == (-3,)


@pytest.mark.parametrize("token", ["", "wrong", "x" * 300])
def test_without_a_token_in_force_nothing_is_answered(directory, token):
    for method, path in (("GET", "Users"), ("POST", "Users"), ("GET", "Groups"), ("GET", "ServiceProviderConfig")):
        assert Directory(token).ask(method, path, {}).status_code == 401
    ProvisioningToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert directory.ask("GET", "Users").status_code == 401
    with as_pages(), connection.cursor() as cursor:
        values = [directory.token, None, "b-two", "B", "", "", "", True]
        cursor.execute("select braid_keep_account(%s, %s, %s, %s, %s, %s, %s, %s)", values)
        assert cursor.fetchone() == (-1,)


def test_a_new_token_ends_the_older_one_and_no_session_opens_it(directory, client_of):
    make_token(FIRST, HOST, [])
    assert directory.ask("GET", "Users").status_code == 401
    assert client_of("ig_lead").get("/scim/v2/Users").status_code == 401


def test_the_list_is_filtered_paged_and_its_own(directory):
    for name in ("b-one", "b-two", 'b-"three"'):
        assert directory.add(name).status_code == 201
    one = directory.ask("GET", 'Users?filter=userName eq "B-ONE"').json()
    assert [each["userName"] for each in one["Resources"]] == ["b-one"]
    quoted = directory.ask("GET", 'Users?filter=username EQ "b-\\"three\\""').json()
    assert quoted["totalResults"] == 1
    page = directory.ask("GET", "Users?startIndex=2&count=1").json()
    assert page["itemsPerPage"] == 1 and page["startIndex"] == 2 and page["totalResults"] >= 3
    assert directory.ask("GET", "Users?count=0").json()["Resources"] == []
    for wrong in (
        'userName eq "\\u0000"',
        'userName eq "\\ud800"',
        'userName sw "b"',
        "userName eq b-one",
        'userName eq "a" or userName eq "b"',
        "",
    ):
        answer = directory.ask("GET", f"Users?filter={wrong}")
        assert answer.status_code == 400 and answer.json()["scimType"] == "invalidFilter"
    assert directory.add("b-one").status_code == 409
    assert directory.add("B-One").status_code == 409, "who types a name does not tell it from another by its capitals"


BAD = [
    "no json",
    [],
    {"schemas": [USER]},
    {"userName": "x"},
    {"schemas": [USER], "userName": 7},
    {"schemas": [USER], "userName": "x", "active": "perhaps"},
    {"schemas": [USER], "userName": "x" * 151},
    {"schemas": [USER], "userName": "x\x00"},
    {"schemas": [USER], "userName": "x", "emails": [{"value": "no address"}]},
    {"schemas": 5, "userName": "x"},
    {"schemas": [USER], "userName": "x", "displayName": "a\x00b"},
    {"schemas": [USER], "userName": "x", "displayName": {"a": 1}},
    {"schemas": [USER], "userName": "x", "name": {"familyName": "b\x00"}},
    {"schemas": [USER], "userName": "x", "emails": [{"value": "b@place.example\x00"}]},
    {"schemas": [USER], "userName": "x\ud800y"},
    {"schemas": [USER], "userName": "x", "externalId": "\udfff"},
    {"schemas": [USER], "userName": "x\ny"},
    {"schemas": [USER], "userName": "system-evil"},
    {"schemas": [USER], "userName": "link 7"},
    {"schemas": [USER], "userName": "Demo-lead"},
]


@pytest.mark.parametrize("body", BAD)
def test_what_is_no_account_is_refused_with_its_rule(directory, body):
    before = User.objects.count()
    answer = directory.ask("POST", "Users", body)
    assert answer.status_code == 400 and answer.json()["detail"] and User.objects.count() == before


def test_an_account_is_replaced_whole_and_keeps_its_role(directory):
    account = directory.add(externalId="sub-1").json()["id"]
    directory.give("analyst", account)
    body = {"schemas": [USER], "userName": "b-one", "name": {"givenName": "B", "familyName": "New"}}
    answer = directory.ask("PUT", f"Users/{account}", body)
    user = User.objects.get(pk=account)
    assert answer.status_code == 200
    assert (user.username, user.display_name, user.role, user.provider_subject) == ("b-one", "B New", "analyst", "")


@pytest.mark.parametrize("way", ["PUT", "PATCH"])
def test_whom_an_exclusion_names_is_not_called_otherwise(directory, way):
    """Exclusions, restrictions and the record know a human by their user name."""
    account = directory.add("b-barred").json()["id"]
    renamed = {"schemas": [USER], "userName": "b-married"}
    operation = {"op": "replace", "path": "userName", "value": "b-married"}
    answer = (
        directory.ask("PUT", f"Users/{account}", renamed)
        if way == "PUT"
        else directory.patch(f"Users/{account}", operation)
    )
    assert (answer.status_code, answer.json()["scimType"]) == (400, "mutability")
    assert User.objects.get(pk=account).username == "b-barred"
    operation = {"op": "replace", "path": "displayName", "value": "B. Married"}
    assert directory.patch(f"Users/{account}", operation).status_code == 200, "what is shown of them may change"


def test_a_patch_that_breaks_half_way_changes_nothing(directory):
    first, second = directory.add().json()["id"], directory.add("b-two").json()["id"]
    assert directory.give("analyst", first, "999999").status_code == 404
    operations = [
        {"op": "add", "path": "members", "value": [{"value": second}]},
        {"op": "add", "path": "members", "value": [{"value": "999999"}]},
    ]
    assert directory.patch("Groups/analyst", *operations).status_code == 404
    assert set(User.objects.filter(pk__in=[first, second]).values_list("role", flat=True)) == {""}
    for path in ("role", "is_staff", "password", "organisation", "groups"):
        answer = directory.patch(f"Users/{first}", {"op": "replace", "path": path, "value": "ig_lead"})
        assert answer.status_code == 400


def test_replacing_members_takes_the_role_from_the_others(directory):
    first, second = directory.add().json()["id"], directory.add("b-two").json()["id"]
    directory.give("practitioner", first)
    directory.patch("Groups/practitioner", {"op": "replace", "path": "members", "value": [{"value": second}]})
    roles = dict(User.objects.filter(pk__in=[first, second]).values_list("pk", "role"))
    assert roles == {int(first): "", int(second): "practitioner"}


def test_pages_may_write_no_account_by_themselves(published):
    for statement in (
        "update braid_user set is_active = true",
        "update braid_user set role = 'ig_lead'",
        "insert into braid_provisioningtoken (organisation, roles, digest, expires_at) values ('x', '[]', 'x', now())",
    ):
        with pytest.raises(Exception, match="permission denied"), as_pages(), connection.cursor() as cursor:
            cursor.execute("savepoint tried")
            try:
                cursor.execute(statement)
            finally:
                cursor.execute("rollback to savepoint tried")


def test_a_role_that_reads_the_vault_is_told_to_the_leads(published):
    directory = Directory(make_token(FIRST, HOST, ["advocate"]))
    account = directory.add().json()["id"]
    assert not SafetyTask.objects.filter(kind="account_widened", subject_id=account).exists()
    directory.give("advocate", account)
    assert SafetyTask.objects.filter(kind="account_widened", subject_id=account).exists()
