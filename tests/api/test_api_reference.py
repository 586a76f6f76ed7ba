"""Every example of the API's reference is run, and every code, address and rate that it names is there."""

import json
import re
from pathlib import Path

import pytest
from joint_sample import put_joint
from machines import make_machine
from sample_run import CHILD

from braid.api.edge import LARGEST_BODY, LONGEST_ADDRESS
from braid.api.openapi import openapi_document
from braid.api.problems import KINDS
from braid.outbound.events import FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS
from braid.web.models.accounts import PER_MINUTE

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"(GET|POST|PATCH) (\S+)\n((?:[A-Z][\w-]+: .*\n)*)(\{.*\}\n)?-> (\d+)(?: (\w+))?")


def examples() -> list[tuple[str, ...]]:
    """Return method, address, headers, body, status and code of each example, in their order."""
    return [found for block in re.findall(r"```api\n(.*?)```", PAGE, re.DOTALL) for found in EXAMPLE.findall(block)]


@pytest.mark.django_db
def test_the_examples_answer_as_the_page_says(published, user_of):
    machine = make_machine()
    known = {"referral": put_joint(CHILD, machine.username).referral, "next": "", "etag": ""}
    assert len(examples()) >= 12
    for method, address, headers, body, status, code in examples():
        path = re.sub(r"\{(\w+)\}", lambda found: known[found[1]], address)
        sent = dict(line.replace("{etag}", known["etag"]).split(": ", 1) for line in headers.splitlines())
        usual = {name.replace("-", "_"): value for name, value in sent.items()}
        if method == "GET":
            answer = machine.get(path, **usual)
            known["etag"] = answer.get("ETag", known["etag"])
        else:
            answer = machine.send(path, json.loads(body), method=method.lower(), **{"Idempotency_Key": "", **usual})
        assert answer.status_code == int(status), (method, path, answer.content)
        if code:
            assert answer.json()["type"] == f"urn:braid:problem:{code}"
        if method == "GET" and answer.status_code == 200:
            known["next"] = answer.json().get("next") or known["next"]


def test_every_code_of_a_problem_is_on_the_page_and_no_other():
    table = PAGE[PAGE.index("| status | codes |") : PAGE.index("A token sends")]
    assert set(re.findall(r"`([a-z_]+)`", table)) == set(KINDS)


def test_every_address_on_the_page_is_one_and_every_write_is_on_it():
    paths = json.loads(openapi_document())["paths"]
    known = {re.sub(r"\{\w+\}", "{id}", path.removeprefix("/api/v1")) for path in paths}
    named = {found.removeprefix("/api/v1") for found in re.findall(r"`(?:POST |PATCH )?(/[a-z/{}]+)`", PAGE)}
    named -= {"/meetings", "/decisions", "/actions", "/risks", "/priorities", "/oruk/v3/", "", "/api/v2"}
    assert named <= known, named - known
    writes = {
        re.sub(r"\{\w+\}", "{id}", path.removeprefix("/api/v1")) for path, one in paths.items() if set(one) - {"get"}
    }
    assert writes == {found[1] for found in re.findall(r"`(POST|PATCH) (/\S+)`", PAGE)}


def test_the_numbers_on_the_page_are_those_of_the_code():
    assert f"{LARGEST_BODY // 1024} KiB" in PAGE
    assert f"{LONGEST_ADDRESS:,} characters" in PAGE
    assert f"{PER_MINUTE} requests a minute" in PAGE
    assert (FIRST_WAIT.seconds, LONGEST_WAIT.seconds, MOST_ATTEMPTS) == (30, 6 * 3600, 9)
