"""Board packs: each figure is one that a page shows, the same inputs give the same pack, a public one has no secret."""

import datetime as dt
import html
import io
import json
import re

import pytest
from board_sample import CHAIR, COMMISSIONING, DAY, OWN, SOUTH, WORDS, now, rated, risked, seat
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from pack_sample import (
    SERVED,
    coming,
    kept,
    put_everything_of_packs,
    put_secrets,
    seat_usual,
    write_packs_place,
)
from page_forms import fill_form
from published_sample import as_pages
from pypdf import PdfReader

from braid.language.documents import fingerprint, parse
from braid.language.steps import NotPossible
from braid.place.packs import MadePack
from braid.store.exports import Form
from braid.trust.roles import ROLES
from braid.web.access.context import asking_as
from braid.web.access.projections import Viewer
from braid.web.acting import find_actor
from braid.web.models import AuditEntry, BoardPack
from braid.web.packs.commands import board_lines, make_file
from braid.web.packs.handing import export_made
from braid.web.packs.keeping import keep_pack
from braid.web.packs.making import MARKING, read_pack
from braid.web.pages_role import NEWEST_TABLE, PAGES_ROLE, has_pages_role
from braid.web.watch import known_asker
from trust.table_attacker import attack_sum, behind, nearest_five, plus

pytestmark = pytest.mark.django_db
GOVERNING = [code for code, role in ROLES.items() if role.governs]
OPEN_PAGES = ("/boards/", "/boards/justice/", "/backlogs/", "/problems/", "/outcomes/", "/funds/", "/commissions/")
NUMBER = re.compile(r"\d[\d,.]*\d|\d")
PARTS = ("What changed since the last pack", "Agenda", "Priorities", "Outcomes", "Waits", "Money: Ready for court",
         "Commission: Therapy after abuse", "What may be bought jointly", "Risks", "Actions", "Decisions")  # fmt: skip


@pytest.fixture(autouse=True)
def packs_place(tmp_path_factory, monkeypatch):
    folder = write_packs_place(tmp_path_factory.mktemp("packs"))
    monkeypatch.setenv("BRAID_PLACE", str(folder))
    return folder


@pytest.fixture
def filled(published):
    put_everything_of_packs()


def made_of(pack_id) -> MadePack:
    with known_asker():
        return read_pack(BoardPack.objects.get(pk=pack_id))


def text_of(client, address: str) -> str:
    """The words of a page, tags apart."""
    response = client.get(address)
    assert response.status_code == 200, address
    content = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content)).split())


def titles_of(made: MadePack) -> list[str]:
    return [section.title for section in made.pack.sections]


def words_of(made: MadePack) -> str:
    """Everything that stands in a pack, as text."""
    return json.dumps(json.loads(json.dumps(made, default=vars)), ensure_ascii=False)


def test_a_pack_has_all_its_parts_pictures_first(filled):
    made = made_of(kept(meeting=coming()))
    assert [title for title in titles_of(made) if not title.startswith("Paper")] == list(PARTS)
    assert titles_of(made)[-1] == "Paper 1: Heading of the paper"
    with_pictures = {section.title for section in made.pack.sections if section.pictures}
    assert with_pictures >= {"Waits", PARTS[5], PARTS[6], PARTS[7], "Risks", "Actions"}
    assert {figure.key.partition(":")[0] for figure in made.figures} == {
        *("outcome", "waiting", "statement", "fund", "commission", "portfolio", "risk", "work")
    }


def test_each_figure_of_a_pack_is_one_that_a_page_shows(filled, client_of):
    """Somebody who sits on no board asks: what a public pack says, they find on the page that it names."""
    client, made = client_of("analyst"), made_of(kept(meeting=coming()))
    pages = {source: text_of(client, source) for source in {figure.source for figure in made.figures}}
    missing = [figure for figure in made.figures if figure.words not in pages[figure.source]]
    assert missing == []
    assert len(made.figures) > 20
    assert any(figure.value is None for figure in made.figures), "something is too few to show"


def test_each_number_in_a_table_of_a_pack_is_one_that_a_page_shows(filled, client_of):
    client, made = client_of("analyst"), made_of(kept(meeting=coming()))
    with known_asker():
        meetings = [f"/boards/justice/meetings/{row}/" for row in BoardPack.objects.values_list("meeting", flat=True)]
    sources = {figure.source for figure in made.figures} | {*OPEN_PAGES, *meetings}
    sources |= {f"/boards/decisions/{row}/" for row in decision_ids()} | {"/boards/actions/"}
    known = {number for source in sources for number in NUMBER.findall(text_of(client, source))}
    tables = [(table.caption, row) for _, table in made.pack.tables() for row in table.rows]
    numbers = [(caption, number) for caption, row in tables for cell in row for number in NUMBER.findall(str(cell))]
    assert [one for one in numbers if one[1] not in known] == []
    assert len(numbers) > 100


def decision_ids() -> list[str]:
    from braid.web.models import BoardDecision

    with known_asker():
        return [str(pk) for pk in BoardDecision.objects.values_list("pk", flat=True)]


def test_the_same_inputs_give_the_same_pack_byte_for_byte_and_it_is_kept_once(filled):
    meeting, moment = coming(), now()
    first, again = kept(meeting=meeting, moment=moment), kept(meeting=meeting, moment=moment + dt.timedelta(seconds=1))
    assert first == again
    with known_asker():
        assert BoardPack.objects.count() == 1
    made, today = made_of(first), dt.date(2026, 11, 29)
    for form in (Form.PDF, Form.XLSX):
        contents = {export_made(made, "run", form, "somebody", today).content for _ in range(2)}
        assert len(contents) == 1


def test_what_is_otherwise_changes_the_digest_of_that_input_alone(filled):
    before = dict(made_of(kept()).pack.inputs)
    risked(rated((5, 5), (5, 4)))
    after = dict(made_of(kept()).pack.inputs)
    assert {name for name in after if before[name] != after[name]} == {"risks"}
    assert {"boards.toml", "funds.toml", "ledger of ready", "published waits"} <= set(after)
    assert any(name.startswith("run ") for name in after)


def test_a_public_pack_is_the_same_whatever_is_confidential(filled):
    """Not in words, not in counts, not by what a confidential decision superseded, and not in the digests."""
    before = made_of(kept())
    put_secrets()
    with known_asker():
        held_now = BoardPack.objects.count()
    assert made_of(kept()) == before
    with known_asker():
        assert BoardPack.objects.count() == held_now
    assert "Zebra" not in words_of(before)


def test_a_pack_for_members_holds_what_is_confidential_and_says_so(filled):
    put_secrets()
    made = made_of(kept(is_confidential=True, meeting=coming(WORDS)))
    assert made.pack.title.startswith("Confidential: ")
    for words in ("Zebra decision", "Zebra priority"):
        assert words in words_of(made)
    content = export_made(made, "run", Form.PDF, "somebody", dt.date(2026, 11, 29)).content
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]
    assert all(MARKING in page for page in pages)


def test_a_confidential_pack_is_there_for_members_alone(filled, client_of):
    public, secret = kept(), kept(is_confidential=True)
    for role in ROLES:
        client = client_of(role)
        sits = role in ("board_member", "commissioner")
        governs = ROLES[role].governs
        assert client.get(f"/packs/{public}/").status_code == (200 if governs else 403), role
        assert client.get(f"/packs/{secret}/").status_code == (200 if sits else 404 if governs else 403), role
        for form in ("pdf", "xlsx", "json"):
            expected = 200 if sits else 404 if governs else 403
            assert client.get(f"/packs/{secret}/pack.{form}").status_code == expected, (role, form)
        if governs:
            assert ("Members alone" in text_of(client, "/boards/justice/packs/")) == sits


def test_the_commissioner_of_the_board_alone_makes_a_pack(published, client_of):
    seat_usual()
    page = "/boards/justice/packs/"
    for role in ("analyst", "board_member", "finance_officer", "ig_lead"):
        client = client_of(role)
        assert "Make a pack" not in text_of(client, page)
        assert client.post(page, {"made_for": "public"}).status_code == 403
    with asking_as(CHAIR, ""), pytest.raises(NotPossible):
        keep_pack(Viewer(CHAIR, "board_member", "", "", "boards"), COMMISSIONING.board, None, False, now())
    with known_asker():
        assert not BoardPack.objects.exists()


def test_a_pack_is_made_read_and_handed_out_on_record(filled, client_of):
    meeting, client = coming(), client_of("commissioner")
    page = "/boards/justice/packs/"
    form = fill_form(
        client.get(page).content.decode(), {"made_for": ""}, {"meeting": str(meeting), "made_for": "members"}
    )
    answer = client.post(page, form)
    assert answer.status_code == 302
    shown = text_of(client, answer["Location"])
    for words in (*PARTS, "What this was made of", "Confidential: for members of the board alone"):
        assert words in shown
    for kind, begins in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{")):
        response = client.get(f"{answer['Location']}pack.{kind}")
        assert response.status_code == 200
        assert response.content.startswith(begins)
    document = client.get(f"{answer['Location']}pack.json").content
    assert parse(document, MadePack, "pack").kind == "board pack 1"
    with known_asker():
        entries = AuditEntry.objects.filter(kind="exported", username="test-commissioner")
        assert [entry.details["form"] for entry in entries.order_by("pk")] == ["pdf", "xlsx", "json", "json"]
        assert AuditEntry.objects.filter(kind="changed", details__what="board pack made").count() == 1
    assert client.get(f"{answer['Location']}pack.csv").status_code == 404


@pytest.mark.parametrize("given", [{"made_for": ""}, {"made_for": "everybody"}, {"made_for": "public", "meeting": "x"}])
def test_a_form_that_does_not_hold_makes_nothing(given, published, client_of):
    seat_usual()
    response = client_of("commissioner").post("/boards/justice/packs/", given)
    assert response.status_code == 400
    assert "There is a problem" in response.content.decode()
    with known_asker():
        assert not BoardPack.objects.exists()


def test_a_pack_is_compared_with_the_last_of_an_earlier_day(filled):
    then = kept(moment=now() - 20 * DAY)
    risked(rated((5, 5), (5, 5)))
    made = made_of(kept())
    changes = made.pack.sections[0]
    assert (f"last pack, of {made_day(then):%Y-%m-%d}", fingerprint(made_of(then))) in made.pack.inputs
    (table,) = changes.tables
    assert ("Risk: An event", "\N{EN DASH}", "Very high 25 (5 × 5)", "New in this pack") in table.rows  # noqa: RUF001
    assert "no pack" not in words_of(made)
    first = made_of(then).pack.sections[0]
    assert first.tables == () and "first pack" in first.lines[0]


def made_day(pack_id) -> dt.date:
    with known_asker():
        return BoardPack.objects.get(pk=pack_id).of_date


def test_a_public_pack_is_never_compared_with_one_for_members(filled):
    kept(is_confidential=True, moment=now() - 20 * DAY)
    assert "first pack" in made_of(kept()).pack.sections[0].lines[0]
    assert "Compared with" in made_of(kept(is_confidential=True)).pack.sections[0].lines[0]


def test_an_old_pack_is_opened_as_it_was(filled, client_of):
    client, pack_id = client_of("board_member"), kept()
    before = text_of(client, f"/packs/{pack_id}/")
    risked(rated((5, 5), (5, 5)))
    asked_now = client.get(f"/packs/{pack_id}/pack.json").content
    assert text_of(client, f"/packs/{pack_id}/") == before
    assert parse(asked_now, MadePack, "pack") == made_of(pack_id)


def test_a_pack_as_of_a_day_that_is_over_holds_nothing_that_came_later(filled):
    acts, moment = COMMISSIONING, now() - 30 * DAY
    with acts.asking():
        made = made_of(keep_pack(acts.asker, acts.board, None, False, moment, is_past=True))
    keys = {figure.key.partition(":")[0] for figure in made.figures}
    assert keys == {"outcome", "waiting", "fund", "work"}
    work = {figure.key: figure.value for figure in made.figures if figure.key.startswith("work")}
    assert set(work.values()) == {0.0}
    assert "Decisions" not in titles_of(made) and "Risks" not in titles_of(made)


@pytest.mark.parametrize(
    "change",
    ["update braid_boardpack set made_by = 'x'", "delete from braid_boardpack", "truncate braid_boardpack"],
)
def test_a_kept_pack_is_changed_by_nobody_not_even_the_owner(change, published):
    seat_usual()
    kept()
    with known_asker(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


INSERT = (
    "insert into braid_boardpack (id, board_id, meeting_id, is_confidential, of_date, document, fingerprint, made_by)"
    " values (gen_random_uuid(), %s, %s, %s, current_date, '{}', 'x', %s)"
)


def takes(username: str, *values) -> bool:
    """Whether the database takes a pack from somebody in the role of the pages."""
    try:
        with as_pages(), transaction.atomic(), asking_as(username, ""), connection.cursor() as cursor:
            cursor.execute(INSERT, values)
    except DatabaseError:
        return False
    return True


def test_the_database_takes_a_pack_from_the_commissioner_of_the_board_in_their_own_name_alone(published, user_of):
    seat_usual()
    seat("test-analyst", SOUTH)
    meeting = str(coming())
    for role in ("commissioner", "analyst", "board_member", "finance_officer", "ig_lead", "practitioner"):
        name = user_of(role).username
        assert takes(name, "justice", None, False, name) == (role == "commissioner"), role
        assert not takes(name, "safety", None, False, name), role
    own = "test-commissioner"
    assert takes(own, "justice", meeting, True, own)
    assert not takes(own, "justice", None, False, CHAIR)
    seat(own, OWN, board_id="safety")
    assert takes(own, "safety", None, False, own)
    assert not takes(own, "safety", meeting, False, own), "the meeting of another board"


def test_pages_of_packs_ask_as_often_whether_there_is_little_or_much(filled, client_of):
    client = client_of("commissioner")

    def count(address: str) -> int:
        text_of(client, address)
        with CaptureQueriesContext(connection) as captured:
            text_of(client, address)
        return len(captured)

    pack = kept()
    few = [count("/boards/justice/packs/"), count(f"/packs/{pack}/")]
    for days in range(1, 5):
        kept(moment=now() - days * DAY)
    assert [count("/boards/justice/packs/"), count(f"/packs/{kept()}/")] == few


def test_a_meeting_of_another_board_and_a_pack_that_is_not_there_are_not_found(published, client_of):
    seat_usual()
    seat("test-commissioner", OWN, board_id="safety")
    client, meeting = client_of("commissioner"), coming()
    answer = client.post("/boards/safety/packs/", {"made_for": "public", "meeting": str(meeting)})
    assert answer.status_code == 400
    assert client.get("/packs/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert client.get("/boards/nowhere/packs/").status_code == 404


def test_no_count_of_a_pack_is_bounded_to_one_value_by_who_knows_every_rule(filled):
    """The attacker on tables takes each count of people with every other of its table that adds up with it.

    A pack shows whole-place counts alone, no district and no sum of others, so that nothing adds up with anything: each
    count stays a range, but nought, which is published as nought.
    """
    made = made_of(kept(meeting=coming()))
    counts = [figure for figure in made.figures if figure.key.split(":")[0] in ("waiting", "statement", "commission")]
    people = [figure for figure in counts if not figure.key.endswith(":paid")]
    spans = {one.key: behind(None if one.value is None else int(one.value)) for one in people}
    exact = [key for key, (low, high) in spans.items() if low == high and high > 0]
    assert exact == []
    bands = [spans[key] for key in spans if key.startswith("commission")]
    attacked = attack_sum(bands, plus(bands), rest_is_nobody=True)
    assert attacked is not None
    assert [span for span in attacked if span[0] == span[1] and span[1] > 0] == []
    assert {one.value is None for one in people} == {True, False}


def test_the_served_are_in_the_pack_as_their_rule_rounds_them(filled):
    made = made_of(kept())
    table = next(table for _, table in made.pack.tables() if "people by how much they need" in table.caption)
    begun = next(row for row in table.rows if row[0] == "Service begun")
    expected = [nearest_five(SERVED[band]) for band in ("low", "medium", "high")]
    assert begun[1:4] == tuple("too few to show" if one is None else f"{one:,}" for one in expected)


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("xlsx", b"PK"), ("json", b"{")])
def test_the_command_makes_the_same_pack_for_the_next_meeting_held_to_the_policies(form, begins, filled, user_of):
    user_of("commissioner")
    meeting = coming()
    actor = find_actor("test-commissioner", "MTG-1", "boards")
    pack_id, content = make_file(actor, "justice", True, form)
    assert content.startswith(begins)
    with known_asker():
        row = BoardPack.objects.get(pk=pack_id)
        assert (row.meeting_id, row.is_confidential, row.made_by) == (meeting, True, "test-commissioner")
        assert AuditEntry.objects.filter(kind="exported", details__board="justice", details__form=form).count() == 1
    assert make_file(actor, "justice", True, form) == (pack_id, content)
    user_of("finance_officer")
    with pytest.raises(NotPossible):
        make_file(find_actor("test-finance_officer", "MTG-1", "boards"), "justice", False, form)


def test_the_command_lists_what_the_page_lists(filled, client_of):
    (line, other) = board_lines()
    shown = text_of(client_of("commissioner"), "/boards/")
    assert (line.board.id, other.board.id) == ("justice", "safety")
    assert line.open_actions == 2 and f"{line.decisions} 2" in shown


def test_where_an_older_braid_served_the_place_a_command_makes_the_policies_first(published):
    """Before pages may read the newest table there are no policies that a command could be held to."""
    with known_asker(), transaction.atomic(), connection.cursor() as cursor:
        assert has_pages_role()
        cursor.execute(f"revoke all on {NEWEST_TABLE} from {PAGES_ROLE}")
        assert not has_pages_role()
        transaction.set_rollback(True)
