"""What stands in the documents as a block to be typed is typed, in its order, over a place that was just written."""

from __future__ import annotations

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from braid.language.documents import write
from planning.agendas.test_agendas import random_problem
from planning.appointments.made import PROBLEM as APPOINTMENTS
from planning.portfolio.drawn_problems import drawn_problem
from shared import REPOSITORY

pytestmark = pytest.mark.slow
BLOCK = re.compile(r"^```(?:sh|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ELSEWHERE = ("README.md", "CONTRIBUTING.md", "docs/reference/faults.md")
"""Their blocks set up, serve, test and lock: the check of every change runs these."""
NOT_TYPED = {
    "./braid reference load": "publishers' files: tests/extracts/reference",
    "./braid example place --geography": "publishers' files: tests/chain/test_fictional_on_real_ground.py",
    "./braid plan journeys": "a map and a timetable of a place: tests/planning/placements/test_journeys.py",
    "./braid serve": "goes on until it is ended: the check of every change starts it",
    "./braid restore /srv": "the folders of a server: the block before it restores the same way",
}
"""What is not typed here, why, and what runs it."""
DONE = (0, 1)
"""Done, or done with something reported: refused rows of a partner, a start that is not safe."""


def blocks(page: Path) -> list[str]:
    """The commands of a page's blocks, without what is said behind them."""
    whole = [re.sub(r"\\\n\s*", "", block) for block in BLOCK.findall(page.read_text(encoding="utf-8"))]
    lines = [line.split("  #")[0].split(" # ")[0].strip() for block in whole for line in block.splitlines()]
    typed = [one.strip() for line in lines if re.match(r"(\./)?braid ", line) for one in line.split("&&")]
    commands = [f"./{command.removeprefix('./')}" for command in typed]
    return [command for command in commands if not command.startswith(tuple(NOT_TYPED))]


PAGES = {
    name: commands
    for page in [*REPOSITORY.glob("*.md"), *sorted(REPOSITORY.glob("docs/**/*.md"))]
    if (commands := blocks(page))
    and (name := str(page.relative_to(REPOSITORY))) not in ELSEWHERE
    and "decisions" not in page.parts
}

MAPPING = (
    "[columns]",
    'forename = "first_name"',
    'surname = "last_name"',
    "[birth]",
    'column = "date_of_birth"',
    'formats = ["yyyy-mm-dd"]',
)


def braid(home: Path, command: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-P", "-m", "braid", *shlex.split(command.removeprefix("./braid "))]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
    return subprocess.run(words, cwd=home, env=environment, capture_output=True, text=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two example places, run, with their users; one once opened, so that its tables are there."""
    made = tmp_path_factory.mktemp("made")
    for folder in ("demo", "place"):
        done = braid(made, f"./braid demo --dir {folder} --people 1500 --no-serve")
        assert done.returncode == 0, done.stderr
    opened = braid(made, "./braid link proposals place --by demo-analyst --reference MTG-2026-041")
    assert opened.returncode == 0, opened.stderr
    return made


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A folder with the example place as `demo` and `place`, and every file that a page names."""
    home = tmp_path / "typed"
    home.mkdir(mode=0o755)
    for folder in ("demo", "place"):
        (home / folder).symlink_to(made / folder)
    shutil.copytree(REPOSITORY / "docs" / "simulation", home / "docs" / "simulation")
    _put_people(home)
    _put_questions(home)
    extracts = home / "place" / "extracts"
    shutil.copyfile(next(extracts.glob("hallowmere-cin/*/cin_census.xml")), home / "census.xml")
    for module in extracts.glob("hallowmere-ssda903/*/*.csv"):
        shutil.copyfile(module, home / f"2026-{module.name}")
    rules = REPOSITORY / "src/braid/problems/priority/rules/school_from_ta.toml"
    (home / "place" / "priority").mkdir(exist_ok=True)
    for path in (home / "place" / "priority" / rules.name, home / "proposed.toml"):
        shutil.copyfile(rules, path)
    (home / "staff.csv").write_text(
        "user_name,name,role,organisation\nasmith,A. Smith,practitioner,hallowmere-council\n", encoding="utf-8"
    )
    return home


def _put_people(home: Path) -> None:
    """Tables of people to link, and what their columns are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [
        ("1", "Ada", "Byron", "1990-01-02", "p1"),
        ("2", "Ada", "Byron", "1990-01-02", "p1"),
        ("3", "Bo", "Lee", "", "p2"),
    ]
    columns = ["row_id", "first_name", "last_name", "date_of_birth", "person"]
    with (home / "people.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    for name in ("people", "both"):
        (home / f"{name}.toml").write_text("\n".join(MAPPING), encoding="utf-8")
    named = ["id", *columns[1:]]
    table = pa.table(dict(zip(named, map(list, zip(*rows, strict=True)), strict=True)))
    for name in ("a", "b"):
        pq.write_table(table, home / f"{name}.parquet")


def _put_questions(home: Path) -> None:
    """The files of the simulation's pages, by the names that they have there."""
    folder = home / "docs" / "simulation"
    for name, source in {
        "network": "town",
        "more-court-days": "half-a-letting-more",
        "target": "twenty-waiting",
        "uncertain": "what-matters",
    }.items():
        shutil.copyfile(folder / f"{source}.json", home / f"{name}.json")
    asked = braid(home, "./braid simulate network.json --question-out question.json --out answer.json")
    assert asked.returncode == 0, asked.stderr


def problem_of(page: str) -> str:
    """A problem of planning of the kind that a page is about."""
    kinds = {"agendas": random_problem, "appointments": lambda _: APPOINTMENTS, "README": drawn_problem}
    return write(kinds[Path(page).stem](3))


def put_tutorial(home: Path) -> None:
    """Write down the statement of problem that the tutorial writes down."""
    text = (REPOSITORY / "docs" / "tutorial-problem.md").read_text(encoding="utf-8")
    target = home / "place" / "problems" / "bnb_past_six_weeks.toml"
    target.parent.mkdir(exist_ok=True)
    target.write_text(re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0], encoding="utf-8")


def in_this_place(home: Path, command: str) -> str:
    """Put what is here for the words that stand for something."""
    if "RECORD" in command or "4f0c2d9b" in command:
        found = braid(home, "./braid waits place --json")
        record = re.search(r'"person_id": "([0-9a-f]{32})"', found.stdout)
        assert record, found.stdout[:300] + found.stderr
        command = re.sub("RECORD|4f0c2d9[0-9a-f]+", record[1], command)
    if "RR-7K2M-4QXD" in command:
        listed = braid(home, "./braid rights list place --by demo-ig-lead --reference IG-2026-17")
        command = command.replace("RR-7K2M-4QXD", re.findall(r"RR-[0-9A-Z-]+", listed.stdout)[0])
    words = {"NAME": "demo-analyst", "REF": "MTG-2026-041", "FEED": "hallowmere-cin"}
    command = re.sub("|".join(words), lambda found: words[found[0]], command)
    if "2026-*.csv" in command:
        command = command.replace("2026-*.csv", " ".join(path.name for path in sorted(home.glob("2026-*.csv"))))
    return command


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_block_of_a_page_can_be_typed_as_it_stands(page: str, home: Path) -> None:
    if any("problem.json" in command for command in PAGES[page]):
        (home / "problem.json").write_text(problem_of(page), encoding="utf-8")
    if "./braid example place" in PAGES[page][0]:
        (home / "place").unlink()
    failed = []
    for command in PAGES[page]:
        if "bnb_past_six_weeks" in command:
            put_tutorial(home)
        done = braid(home, in_this_place(home, command))
        if done.returncode not in DONE or done.stderr.startswith("braid: "):
            failed.append((command, done.returncode, done.stdout[-300:], done.stderr[-600:]))
    assert not failed


def test_what_is_not_typed_is_what_some_page_says() -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in REPOSITORY.glob("docs/**/*.md"))
    assert [one for one in NOT_TYPED if one.removeprefix("./") not in text] == []
