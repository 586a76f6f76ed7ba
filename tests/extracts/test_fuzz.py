"""Damaged files of every form: each is read or refused, within bounds, and nothing that it held is repeated."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest

from braid.extracts.model import UnreadableFile
from extracts.fuzz import harness
from extracts.fuzz.harness import Tally, hold, hold_in_bounds, make_input, run_numbers
from extracts.fuzz.mutations import CANARY
from extracts.fuzz.seeds import Seed, load_seeds

CORPUS = Path(__file__).parent / "fuzz" / "corpus"
FEW = 600
MANY = int(os.environ.get("BRAID_FUZZ_INPUTS", "4000"))


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> list[Seed]:
    return load_seeds(tmp_path_factory.mktemp("seeds"), with_place=False)


def test_every_sound_file_is_read(seeds: list[Seed], tmp_path: Path) -> None:
    assert {seed.parser for seed in seeds} == {"connector", "mapping", "definition", "rule", "reference"}
    refused = {}
    for seed in seeds:
        answer = hold(seed, seed.data, tmp_path)
        if answer != "read":
            refused[seed.name] = answer
    assert refused == {}


def test_damaged_files_are_read_or_refused(seeds: list[Seed]) -> None:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        tally = pool.apply(run_numbers, (seeds, 1, range(FEW)))
    assert tally.findings == []
    assert tally.read + sum(tally.refused.values()) == FEW
    assert tally.read > FEW / 10 and len(tally.refused) >= 12, (
        "the damage reaches beyond the first check, and many rules"
    )


@pytest.mark.slow
def test_many_damaged_files_are_read_or_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As many as `./braid test --full --fuzz=1000000` asks for; what breaks a parser is named with its number."""
    code = harness.main(["--inputs", str(MANY), "--seed", "5", "--folder", str(tmp_path)])
    assert (tmp_path / "findings.txt").read_text(encoding="utf-8") == ""
    assert code == 0 and capsys.readouterr().out.startswith(f"{MANY} inputs: ")


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*")), ids=lambda path: path.name)
def test_what_once_broke_a_parser_is_read_or_refused(path: Path, tmp_path: Path) -> None:
    """A file of the corpus is named after its parser, standard, year and what it once broke, and its mapping if any."""
    parser, standard, year, what, *mapping = path.stem.split("--")
    name = f"{mapping[0]}.toml" if mapping else ""
    seed = Seed(parser, path.suffix[1:], f"{what}{path.suffix}", path.read_bytes(), standard, int(year), name)
    hold(seed, seed.data, tmp_path)


def test_the_same_number_makes_the_same_input(seeds: list[Seed]) -> None:
    assert make_input(seeds, 7, 42) == make_input(seeds, 7, 42)
    assert len({make_input(seeds, 7, number)[1] for number in range(50)}) > 40


def test_a_value_in_a_message_a_lost_row_and_a_hang_are_found(
    seeds: list[Seed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found() -> list[str]:
        tally = Tally()
        hold_in_bounds(seeds[0], seeds[0].data, tmp_path, tally, "0")
        return [line.partition(": ")[2].partition(" at ")[0] for line in tally.findings]

    def tells(*_: object) -> None:
        raise UnreadableFile("rule", f"the value {CANARY} is wrong")

    def spins(*_: object) -> None:
        while True:
            pass

    real = harness.read_file

    def loses(*arguments: object) -> object:
        reading = real(*arguments)  # type: ignore[arg-type]
        next(iter(reading.parts.values())).rows_read -= 1
        return reading

    harness.guard()
    assert found() == []
    monkeypatch.setattr(harness, "SECONDS", 0.2)
    for parser, words in (
        (tells, "BadAnswer a message repeats a value"),
        (loses, "BadAnswer part List 1: rows in are not rows read and rejected"),
        (spins, "Hang "),
    ):
        monkeypatch.setattr(harness, "read_file", parser)
        assert found() == [words]
