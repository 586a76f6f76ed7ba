"""Replay: the redaction of a file for a subject access request was undone, and who had referred was exposed (Lambeth).

What must happen here: what is left out of a copy is in none of its bytes, layers or metadata; and a file that only
covers words does not leave.
"""

import json

import pypdf
import pytest
import typst
from outbound_world import FATHER, LOCATIONS, NEW_HOME, OLD_HOME
from post_office import holds, read_everything

from braid.language.schema import Sensitivity
from braid.outbound import File, Text

pytestmark = pytest.mark.django_db
REFERRER = "Referred by R. Neighbour"
COVERED = b"""
#set document(title: "Copy")
The record begins here.
#place(top + left, dy: 2cm, text(size: 10pt, json(bytes(sys.inputs.hidden))))
#place(top + left, dy: 1.9cm, rect(width: 15cm, height: 1cm, fill: black))
"""
NORMAL, PLACES = frozenset({Sensitivity.NORMAL}), frozenset({Sensitivity.LOCATION})


def covered(words: str) -> bytes:
    """A PDF in which a black box lies over the words: as it was done then."""
    return typst.compile(COVERED, format="pdf", sys_inputs={"hidden": json.dumps(words)})


def with_metadata(words: str, tmp_path) -> bytes:
    """A PDF whose pages are clean and whose metadata hold the words."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Keywords": words})
    writer.write(tmp_path / "copy.pdf")
    return (tmp_path / "copy.pdf").read_bytes()


def test_replay_a_box_over_words_does_not_leave(post_office, tmp_path):
    post_office.make_safe(FATHER, [", ".join(OLD_HOME[:2]), "frank@mail.example"])
    where = f"They moved to {NEW_HOME[0]}, {NEW_HOME[1]}"
    for content in (covered(where), with_metadata(where, tmp_path)):
        assert holds([content], LOCATIONS), "the words are there for whoever looks"
        pieces = (Text("", "Your copy is attached.", NORMAL), File("copy.pdf", content, NORMAL))
        message_id = post_office.queue("practitioner", [FATHER], [FATHER], "email", *pieces)
        assert post_office.send() == {"refused": 1}
        post_office.assert_refused(message_id, "location")


def test_what_is_left_out_of_a_copy_is_in_none_of_its_bytes(post_office):
    """The copy is made anew from the pieces that he may have: there is no layer beneath it."""
    post_office.make_safe(FATHER, [", ".join(OLD_HOME[:2])])
    pieces = (Text("Your record", "Seen on 2 March.", NORMAL), Text("Annex", f"{REFERRER}, {NEW_HOME[0]}.", PLACES))
    post_office.queue("practitioner", [FATHER], [FATHER], "bundle", *pieces)
    assert post_office.send() == {"sent": 1}
    (copy,) = post_office.left()
    assert "Seen on 2 March." in read_everything(copy)
    assert holds([copy], (*LOCATIONS, REFERRER, "R. Neighbour", "Annex")) == []
