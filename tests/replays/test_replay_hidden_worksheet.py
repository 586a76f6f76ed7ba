"""Replay: a workbook for a freedom of information request held the raw rows on a hidden sheet (PSNI, 9,483 staff).

What must happen here: a workbook with anything hidden does not leave, whoever made it; and a file of the place's own
figures is opened again and thrown away where it holds more than it was to hold.
"""

import io

import openpyxl
import pytest
from outbound_world import CHILD, NEW_HOME, OUTSIDER
from post_office import holds

from braid.language.schema import Sensitivity
from braid.outbound import File, Text
from braid.store import exports
from braid.store.exports import Form

pytestmark = pytest.mark.django_db
NORMAL = frozenset({Sensitivity.NORMAL})
STATES = ("visible", "hidden", "veryHidden")


def workbook(state: str, words: str) -> bytes:
    """A workbook with figures to show, and raw rows on a sheet of its own."""
    book = openpyxl.Workbook()
    book.active.append(["Kind of wait", "People"])
    sheet = book.create_sheet("Raw")
    sheet.append(["Address", words])
    sheet.sheet_state = state
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


@pytest.mark.parametrize("state", STATES)
def test_replay_a_sheet_with_raw_rows_does_not_leave(state, post_office):
    post_office.make_safe(OUTSIDER, ["olu@mail.example"])
    content = workbook(state, f"{NEW_HOME[0]}, {NEW_HOME[1]}")
    assert holds([content], (NEW_HOME[1],)) == [NEW_HOME[1]], "the row is there for whoever looks"
    pieces = (Text("", "The figures are attached.", NORMAL), File("figures.xlsx", content, NORMAL))
    message_id = post_office.queue("practitioner", [CHILD, OUTSIDER], [OUTSIDER], "email", *pieces)
    assert post_office.send() == {"refused": 1}
    post_office.assert_refused(message_id, "location")


def test_replay_the_places_own_figures_with_a_hidden_sheet_are_thrown_away(published, client_of, monkeypatch):
    """Through the page that downloads them: a writer that keeps the raw rows gives nobody a file."""
    write = exports.exporter.WRITERS[Form.XLSX]

    def careless(sheet) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(write(sheet)))
        raw = book.create_sheet("Raw")
        raw.append(["Officer", "9483"])
        raw.sheet_state = "hidden"
        kept = io.BytesIO()
        book.save(kept)
        return kept.getvalue()

    client = client_of("board_member")
    assert client.get("/place/figures.xlsx").status_code == 200
    monkeypatch.setitem(exports.exporter.WRITERS, Form.XLSX, careless)
    answer = client.get("/place/figures.xlsx")
    assert answer.status_code == 409
    assert b"PK" not in answer.content
