"""`braid vault` and the second factors of `braid user`: what they print, once, and whom they refuse."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from cli.forked import braid
from cli.one_process import python

PLACE = """
[place]
id = "empty-vale"
name = "Empty Vale"

[[district]]
code = "E08990001"
id = "northmere"
name = "Northmere"
council = "northmere-council"

[[organisation]]
id = "northmere-council"
name = "Northmere Council"
kind = "council"
"""
ADD_DEMO = """
import sys
from pathlib import Path
from braid.web.serve import place_database, renew_demo_users
with place_database(Path(sys.argv[1])) as (place, _):
    renew_demo_users(place)
"""
LIST_ENTRIES = """
import json, sys
from pathlib import Path
from braid.web.serve import place_database
with place_database(Path(sys.argv[1])):
    from braid.web.models import AuditEntry
    from braid.web.watch import known_asker
    with known_asker():
        rows = list(AuditEntry.objects.filter(page="vault rotate").order_by("pk"))
    print(json.dumps([[row.kind, row.username, row.details["what"], row.reference] for row in rows]))
"""

LEAD = ("--by", "lead-1", "--reference", "HR-7")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place without a run: the accounts and the keys need none."""
    folder = tmp_path_factory.mktemp("vault") / "place"
    folder.mkdir()
    (folder / "place.toml").write_text(PLACE, encoding="utf-8")
    return folder


@pytest.mark.parametrize("verb", ["vault rotate", "user factor", "user code"])
def test_every_verb_has_a_help_text_with_an_example(verb: str) -> None:
    result = braid(*verb.split(), "--help")
    assert result.returncode == 0
    assert f"Example: braid {verb}" in result.stdout


@pytest.mark.slow
def test_factors_are_given_renewed_and_kept_through_rotation_and_loss(place: Path) -> None:
    """One story, because each command starts the database anew."""
    where = ("--organisation", "northmere-council", "--name", "A. Human")
    assert braid("user", "add", "lead-1", "--role", "ig_lead", *where, str(place)).returncode == 0
    who = ("--role", "advocate", *where)
    added = json.loads(braid("user", "add", "ahuman", *who, str(place), *LEAD).stdout)
    assert len(base64.b32decode(added["factor_secret"])) == 20
    assert added["factor_uri"].startswith("otpauth://totp/Braid:ahuman?secret=")
    renewed = json.loads(braid("user", "factor", "ahuman", str(place), *LEAD).stdout)
    assert renewed["factor_secret"] != added["factor_secret"]
    refused = braid("user", "code", "ahuman", str(place))
    assert refused.returncode == 2 and refused.stdout == ""
    assert "authenticator" in refused.stderr
    assert braid("user", "factor", "nobody", str(place), *LEAD).returncode == 2

    key = (place / "state" / "vault_key").read_text().split()
    lead = ("--role", "ig_lead", "--organisation", "northmere-council", "--name", "A. Lead")
    assert braid("user", "add", "alead", *lead, str(place), *LEAD).returncode == 0
    why = ("--reference", "INC-2026-014")
    assert braid("vault", "rotate", str(place)).returncode == 2, "nobody is named"
    not_a_lead = braid("vault", "rotate", str(place), "--by", "ahuman", *why)
    assert not_a_lead.returncode != 0 and "ig_lead" in not_a_lead.stderr
    assert braid("vault", "rotate", str(place), "--by", "nobody", *why).returncode != 0
    assert (place / "state" / "vault_key").read_text().split() == key, "and nothing was changed"
    rotated = json.loads(braid("vault", "rotate", str(place), "--by", "alead", *why).stdout)
    assert (place / "state" / "vault_key").read_text().split()[0] == rotated["key_id"] != key[0]

    made = python("-c", ADD_DEMO, str(place))
    assert made.returncode == 0, made.stderr
    printed = json.loads(braid("user", "code", "demo-advocate", str(place)).stdout)
    assert len(printed["code"]) == 6 and printed["code"].isdigit()

    (place / "state" / "vault_key").unlink()
    lost = braid("user", "factor", "ahuman", str(place), *LEAD)
    assert lost.returncode == 4
    assert "--key-lost" in lost.stderr and not (place / "state" / "vault_key").exists()
    assert json.loads(braid("vault", "rotate", "--key-lost", str(place), "--by", "alead", *why).stdout)["key_lost"]
    assert json.loads(braid("user", "factor", "ahuman", str(place), *LEAD).stdout)["factor_secret"]
    entries = json.loads(python("-c", LIST_ENTRIES, str(place)).stdout)
    assert [entry[:3] for entry in entries] == [
        ["refused", "ahuman", "refused"],
        ["changed", "alead", "vault key rotated"],
        ["changed", "alead", "vault key lost"],
    ]
    assert {entry[3] for entry in entries} == {"INC-2026-014"}
    said = "".join((lost.stderr, refused.stderr))
    assert key[1] not in said and added["factor_secret"] not in said
