"""`braid agreement`: sound agreements exit with 0, a refused one with 5, and it decides nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from braid.cli.agreement import check, matrix
from braid.example.write_agreements import write_agreements

ORGANISATIONS = {
    **{f"{name}-council": "council" for name in ("hallowmere", "quillbeck", "tarnwick", "osmerby", "fenhallow")},
    "arden-vale-ca": "authority",
    "arden-vale-icb": "icb",
    "family-court": "court",
    "crown-court": "court",
    "arden-vale-police": "police",
    "lanternhouse": "voluntary",
    "arden-vale-probation": "probation",
    "arden-vale-cafcass": "cafcass",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_agreements(tmp_path / "agreements")
    rows = [f'[[organisation]]\nid = "{k}"\nname = "{k}"\nkind = "{v}"\n' for k, v in ORGANISATIONS.items()]
    (tmp_path / "place.toml").write_text('[place]\nid = "p"\nname = "P"\n' + "".join(rows), encoding="utf-8")
    return tmp_path


def test_check_says_each_agreement_in_words(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(place) == 0
    shown = capsys.readouterr().out
    assert "Supporting people harmed by domestic abuse" in shown
    assert "NOT SIGNED" in shown
    assert "has expired" in shown


def test_a_refused_agreement_exits_with_5_and_permits_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place / "agreements" / "victim-response.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('article_6 = "public_task"', 'article_6 = "consent"', 1), encoding="utf-8")
    assert check(place, as_json=True) == 5
    document = json.loads(capsys.readouterr().out)
    assert list(document["refused"]) == ["agreements/victim-response.toml"]
    assert len(document["agreements"]) == 4
    assert matrix(place, as_json=True) == 5
    flows = json.loads(capsys.readouterr().out)
    assert flows
    assert "victim_response" not in {flow["purpose"] for flow in flows}


def test_the_matrix_gives_the_vault_to_the_charity(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert matrix(place, as_json=True) == 0
    flows = json.loads(capsys.readouterr().out)
    assert {flow["receiver"] for flow in flows if "vault.address" in flow["items"]} == {"lanternhouse"}
