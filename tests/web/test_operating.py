"""What machines that watch the server are told, and what it writes down: how it is, never about whom."""

import datetime as dt
import json
import logging
import re
from pathlib import Path

import pytest
import yaml
from django.db import DatabaseError
from django.test import Client, RequestFactory
from django.utils import timezone
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from published_sample import ENTRIES, REFERENCE
from sample_run import CHILD

from braid.web.logs import JsonLines
from braid.web.models import KeptMoment
from braid.web.operating import health, request_log
from braid.web.operating.health import Health, ask_health, find_unready, find_warnings
from braid.web.operating.request_log import find_trace
from braid.web.request_facts import find_address

pytestmark = pytest.mark.django_db
HOME = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-forty-characters-drawn-by-chance"


@pytest.fixture
def token(settings, tmp_path):
    path = tmp_path / "metrics_token"
    path.write_text(TOKEN + "\n")
    settings.METRICS_TOKEN_FILE = str(path)
    return {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def lines(settings, monkeypatch):
    """The lines that requests leave in the log, as programs read them."""
    settings.LOG_REQUESTS = True
    written = []
    handler = logging.Handler()
    handler.emit = lambda record: written.append(json.loads(JsonLines().format(record)))
    logger = logging.getLogger("braid.requests")
    logger.addHandler(handler)
    yield written
    logger.removeHandler(handler)


def test_a_server_with_a_run_is_live_and_ready(published):
    assert Client().get("/health/live/").json() == {"status": "live"}
    ready = Client().get("/health/ready/")
    assert (ready.status_code, ready.json()["status"], ready.json()["missing"]) == (200, "ready", [])


def test_a_server_without_its_database_lives_and_is_not_ready(published, monkeypatch):
    class Gone:
        @property
        def objects(self):
            raise DatabaseError("canary of a row")

    monkeypatch.setattr(health, "PublishedRun", Gone())
    assert ask_health() == Health()
    assert Client().get("/health/live/").status_code == 200
    ready = Client().get("/health/ready/")
    assert (ready.status_code, ready.json()["missing"]) == (503, ["database_does_not_answer"])
    assert b"canary" not in ready.content


def test_what_is_missing_and_what_is_late():
    assert find_unready(Health(True)) == ["no_run_published"]
    assert find_unready(Health(True, published_at=1.0)) == []
    assert find_warnings(Health(True, 1.0, signed_at=700.0, now=1000.0)) == []
    assert find_warnings(Health(True, 1.0, signed_at=699.9, now=1000.0)) == ["audit_log_not_signed"]
    assert find_warnings(Health()) == []
    kept = {"journal": 700.0, "backup": 1000.0 - 36 * 3600, "drill": 1.0}
    assert find_warnings(Health(True, 1.0, 990.0, 1000.0, kept)) == []
    kept = {"journal": 699.0, "backup": 999.0 - 36 * 3600}
    assert find_warnings(Health(True, 1.0, 990.0, 1000.0, kept)) == ["journal_behind", "backup_is_old"]


def test_metrics_are_there_for_who_holds_the_token_alone(published, token, settings):
    assert Client().get("/metrics", headers=token).status_code == 200
    for wrong in ({}, {"Authorization": "Bearer "}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": TOKEN}):
        assert Client().get("/metrics", headers=wrong).status_code == 404
    settings.METRICS_TOKEN_FILE = ""
    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_token_too_short_opens_nothing(published, settings, tmp_path):
    for text in ("", "short"):
        (tmp_path / "token").write_text(text)
        settings.METRICS_TOKEN_FILE = str(tmp_path / "token")
        assert Client().get("/metrics", headers={"Authorization": f"Bearer {text}"}).status_code == 404
    settings.METRICS_TOKEN_FILE = str(tmp_path / "is not there")
    assert Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 404


def families(client, token):
    return {
        each.name: each
        for each in text_string_to_metric_families(client.get("/metrics", headers=token).content.decode())
    }


def test_requests_are_counted_by_route_and_ages_are_told(published, token, client_of):
    client = client_of("practitioner", "school_from_ta")
    labels = {"route": "people/<str:person_id>/", "method": "GET", "status": "2xx"}

    def counted():
        samples = families(client, token)["braid_requests"].samples
        return sum(each.value for each in samples if each.labels == labels and each.name.endswith("_total"))

    before = counted()
    assert client.get(f"/people/{CHILD}/").status_code == 200
    assert counted() == before + 1
    found = families(client, token)
    assert found["braid_database_up"].samples[0].value == 1
    assert 0 <= found["braid_run_age_seconds"].samples[0].value < 3600
    assert any(each.name.endswith("_bucket") for each in found["braid_request_seconds"].samples)


def test_how_old_what_is_kept_is_and_how_much_is_not_is_told(published, token):
    client = Client()
    ages = ("braid_backup_age_seconds", "braid_drill_age_seconds", "braid_journal_lag_seconds")
    assert [families(client, token)[name].samples for name in (*ages, "braid_journal_behind_bytes")] == [[]] * 4
    now = timezone.now()
    for minutes, kind in enumerate(("backup", "drill", "journal"), 1):
        KeptMoment.objects.create(kind=kind, at=now - dt.timedelta(minutes=minutes))
    told = families(client, token)
    for minutes, name in enumerate(ages, 1):
        assert minutes * 60 <= told[name].samples[0].value < minutes * 60 + 60
    assert client.get("/health/ready/").json()["warnings"] == []
    KeptMoment.objects.filter(kind="journal").update(at=now - dt.timedelta(minutes=6))
    assert client.get("/health/ready/").json()["warnings"] == ["journal_behind"]


def test_alert_rules_ask_for_what_is_counted_and_for_nothing_else(published, token):
    rules = yaml.safe_load((HOME / "deploy" / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
    told = families(Client(), token)
    known = {f"{name}{end}" for name in told for end in ("", "_total", "_bucket")}
    asked = [set(re.findall(r"braid_[a-z_]+", rule["expr"])) for group in rules["groups"] for rule in group["rules"]]
    assert all(names and names <= known for names in asked)
    ours = {name for name, each in told.items() if each.type == "gauge" and name.startswith("braid_")}
    assert ours <= set().union(*asked), "each age that must not grow old has a rule"


def test_neither_metrics_nor_log_name_anybody(published, token, client_of, lines):
    client = client_of("practitioner", "school_from_ta")
    client.get(f"/people/{CHILD}/?q=canary", headers={"X-Reference": REFERENCE})
    client.get("/people/canary-typed-in/")
    client.get("/nowhere/canary/")
    client.generic("CANARY", "/people/")
    text = client.get("/metrics", headers=token).content.decode() + json.dumps(lines)
    for canary in (CHILD, "canary", "CANARY", "test-practitioner", REFERENCE, TOKEN):
        assert canary not in text, canary
    assert [each["route"] for each in lines[-5:]] == [
        "people/<str:person_id>/",
        "people/<str:person_id>/",
        "none",
        "people/",
        "metrics",
    ]


def test_a_line_of_a_request_leads_to_its_entry_in_the_audit_log(published, client_of, lines):
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client_of("practitioner", "school_from_ta").get(f"/people/{CHILD}/", headers={"traceparent": trace})
    line = lines[-1]
    assert ENTRIES.filter(request_id=line["request_id"], kind="look").count() >= 1
    assert line["trace_id"] == "0af7651916cd43dd8448eb211c80319c"
    assert (line["status"], line["method"], line["level"]) == (200, "GET", "info")
    assert line["milliseconds"] > 0


@pytest.mark.parametrize(
    "header",
    [
        "",
        "00-" + "0" * 32 + "-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01",
        "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\nforged",
    ],
)
def test_what_is_no_trace_is_not_kept(header):
    assert find_trace(header) == ""


def test_a_line_cannot_be_forged_by_what_stands_in_it():
    record = logging.LogRecord("braid", logging.ERROR, "x", 1, 'first\n{"level": "info"}', (), None)
    line = JsonLines().format(record)
    assert "\n" not in line and json.loads(line)["message"].startswith("first\n")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", json.loads(line)["time"])


def test_an_address_of_a_proxy_counts_only_where_there_is_one(settings):
    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.9", HTTP_X_FORWARDED_FOR="1.1.1.1, 192.0.2.7")
    settings.PROXY = False
    assert find_address(request) == "10.0.0.9"
    settings.PROXY = True
    assert find_address(request) == "192.0.2.7", "what the proxy wrote, not what the client sent"
    assert find_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.9")) == "10.0.0.9"


def test_one_who_guesses_behind_a_proxy_does_not_lock_out_the_others(settings, user_of):
    settings.PROXY = True
    user = user_of("practitioner")
    user.set_password("the right words of hers")
    user.save()
    for _ in range(6):
        Client().post(
            "/sign-in/", {"username": user.username, "password": "guess"}, headers={"X-Forwarded-For": "192.0.2.66"}
        )
    signs_in = {"username": user.username, "password": "the right words of hers"}
    assert Client().post("/sign-in/", signs_in, headers={"X-Forwarded-For": "192.0.2.66"}).status_code != 302
    assert Client().post("/sign-in/", signs_in, headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 302


def test_the_route_of_an_address_is_never_the_address():
    request = RequestFactory().get("/people/x/")
    request.resolver_match = None
    assert request_log.find_route(request) == "none"
