"""`braid rights` as a user types it: asked, listed, exported, and whom and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

SOMEBODY = "4f0c2d9be17a4c53a8e6d1f0927b35c8"


def test_a_request_is_kept_listed_and_exported_by_a_lead_alone(served, place: Path, tmp_path: Path) -> None:
    lead = ("--by", "demo-ig-lead", "--reference", "IG-2026-17")
    opened = served.braid("rights", "open", "access", SOMEBODY, str(place), "--received", "2026-11-02", *lead)
    assert opened.returncode == 0, opened.stderr
    reference = json.loads(opened.stdout)["request"]
    listed = served.braid("rights", "list", str(place), "--json", *lead)
    assert [one["request"] for one in json.loads(listed.stdout)] == [reference]
    shown = served.braid("rights", "step", reference, "identity", str(place), "--day", "2026-11-03", *lead)
    assert shown.returncode == 0, shown.stderr
    letter = tmp_path / "letter.txt"
    letter.write_text("We got your letter, and answer within a month.", encoding="utf-8")
    told = served.braid(
        "rights", "step", reference, "tell", str(place), "--code", "received", "--words-file", str(letter), *lead
    )
    assert told.returncode == 0, told.stderr
    exported = served.braid("rights", "export", reference, str(place), *lead)
    document = json.loads(exported.stdout)
    assert document["shown_on"] == "2026-11-03" and "We got your letter" not in exported.stdout
    assert [step["what"] for step in document["steps"]] == ["Opened", "Shown who asks", "Told in a letter"]
    refused = served.braid("rights", "list", str(place), "--by", "demo-analyst", "--reference", "IG-2026-17")
    assert refused.returncode == 5
    wrong = served.braid("rights", "step", reference, "fly", str(place), *lead)
    assert wrong.returncode == 5 and "Traceback" not in wrong.stderr
