"""Controls switched off one at a time: each must turn a test red, or the test guards nothing. The list is printed."""

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from controls import GROUPS, SABOTEURS
from staleness import find_staleness

REPOSITORY = Path(__file__).resolve().parents[2]
BROKEN = re.compile(r"^E +.*SabotageMissed|TypeError: (?:\S+\.)?<lambda>\(\)|^<string>:\d+: \w+", re.MULTILINE)
"""A saboteur that fails itself catches nothing: what it takes away is not there, or it is called otherwise."""


def make_environment() -> dict[str, str]:
    """Return the environment of a process of its own, which knows nothing of this test run and of its database."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    for ours in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        environment.pop(ours, None)
    paths = [str(REPOSITORY / "src"), str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "saboteurs")]
    return environment | {"PYTHONPATH": os.pathsep.join(paths)}


def run(*nodes: str, sabotage: str = "") -> str:
    """Run tests with a control switched off; return green, red, or no answer: a set-up that breaks catches nothing."""
    environment = make_environment() | {"BRAID_SABOTAGE": sabotage}
    command = [sys.executable, "-m", "pytest", "-p", "sabotage", "-p", "no:cacheprovider", "-q", "-x", *nodes]
    command += ["-m", "not slow and not browser"]
    done = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, check=False, text=True)
    closing = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""
    if broken := BROKEN.search(done.stdout + done.stderr):
        return f"no answer: {broken[0]}"
    if done.returncode == 1 and re.search(r"\b[0-9]+ failed", closing):
        return "red"
    return "green" if done.returncode == 0 else f"no answer: {closing}"


@pytest.mark.slow
@pytest.mark.parametrize("name", SABOTEURS)
def test_a_control_that_is_switched_off_turns_its_test_red(name: str) -> None:
    control = SABOTEURS[name]
    answer = run(control.test, sabotage=f"{control.where}={control.replacement}")
    print(f"{'caught' if answer == 'red' else 'NOT CAUGHT'}: {name} ({control.test.split('::')[-1]})")
    assert answer == "red"


@pytest.mark.slow
def test_without_a_saboteur_the_tests_are_green() -> None:
    """All of them, in as few processes as their folders allow: each folder sets up what it needs once."""
    folders: dict[str, set[str]] = {}
    for control in SABOTEURS.values():
        folders.setdefault(control.test.split("/")[1], set()).add(control.test)
    for folder, nodes in sorted(folders.items()):
        assert run(*sorted(nodes)) == "green", folder


def test_what_every_saboteur_switches_off_is_there() -> None:
    """So that a name that changes is seen at every change, and not when the slow tests run next."""
    command = [sys.executable, str(Path(__file__).parent / "staleness.py")]
    done = subprocess.run(command, cwd=REPOSITORY, env=make_environment(), capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_saboteur_whose_control_is_gone_is_stale() -> None:
    file = "sql:web/record.sql"
    assert "AttributeError" in find_staleness("braid.trust.decide:no_such_control", "nothing")
    assert "SabotageMissed" in find_staleness(file, "swap(was, 'no such policy')")
    assert "SabotageMissed" in find_staleness(file, "was")
    assert "NameError" in find_staleness("braid.trust.decide:find_relation", "no_such_helper")
    assert "arguments" in find_staleness("braid.trust.decide:find_relation", "lambda actor: None")
    assert "arguments" in find_staleness("braid.trust.decide:find_relation", "lambda *a: None")
    assert find_staleness("braid.trust.decide:find_relation", "lambda *a, **k: None") is None


def test_there_are_enough_saboteurs_and_their_tests_exist() -> None:
    names = Counter(name for group in GROUPS.values() for name in group)
    assert [name for name, times in names.items() if times > 1] == [], "one name, one control"
    same = Counter((control.where, control.replacement, control.test) for control in SABOTEURS.values())
    assert [what for what, times in same.items() if times > 1] == [], "one control twice"
    assert len(SABOTEURS) >= 100
    for control in SABOTEURS.values():
        path, _, name = control.test.partition("::")
        assert f"def {name.split('[')[0]}" in (REPOSITORY / path).read_text(encoding="utf-8"), control.test
    print("\n".join(f"{kind}: {len(group)}" for kind, group in GROUPS.items()), f"\n{len(SABOTEURS)} in all")


def test_the_page_on_trust_says_how_many_there_are() -> None:
    page = (REPOSITORY / "docs" / "trust.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith("| controls switched off one at a time")]
    assert re.findall(r"all (\d+)", row) == [str(len(SABOTEURS))], "docs/trust.md: say how many, and run them first"
