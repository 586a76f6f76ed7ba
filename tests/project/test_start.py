"""`./braid` on a small copy of the project whose lock is empty: real environments, no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MAIN = "import json, sys; from pathlib import Path; print(json.dumps([str(Path.cwd()), sys.argv[1:]]))\n"


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a space in its path that holds only what the start needs."""
    home = tmp_path_factory.mktemp("a clone") / "braid"
    package = home / "src" / "braid"
    for folder in (package, home / "tools", home / "requirements"):
        folder.mkdir(parents=True)
    shutil.copy(REPOSITORY / "braid", home)
    shutil.copy(REPOSITORY / "tools" / "prepare.py", home / "tools")
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(MAIN)
    for name in ("core", "dev"):
        (home / "requirements" / f"{name}.txt").write_text("# nothing to install\n")
    return home


def start(
    home: Path, *arguments: str, cwd: Path | None = None, script: Path | None = None, **more: str
) -> subprocess.Popen[str]:
    base_python = getattr(sys, "_base_executable", sys.executable)
    environment = {"PATH": "/usr/bin:/bin", "BRAID_PYTHON": base_python, "HOME": str(home), **more}
    command = [str(script or home / "braid"), *arguments]
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out, err


def run(home: Path, *arguments: str, cwd: Path | None = None, script: Path | None = None) -> tuple[str, str]:
    return finish(start(home, *arguments, cwd=cwd, script=script))


def test_the_first_start_prepares_and_the_second_just_runs(clone: Path) -> None:
    shutil.rmtree(clone / ".venv", ignore_errors=True)
    out, err = run(clone, "run", "a place", cwd=clone.parent)
    assert out == f'["{clone.parent}", ["run", "a place"]]\n'
    assert err.count("braid: preparing") == 1
    assert run(clone, "run", "a place", cwd=clone.parent) == (out, "")


@pytest.mark.slow
def test_two_first_starts_at_once_prepare_once(clone: Path) -> None:
    shutil.rmtree(clone / ".venv", ignore_errors=True)
    ended = [finish(process) for process in [start(clone), start(clone)]]
    assert sorted(err.count("braid: preparing") for _, err in ended) == [0, 1]
    assert run(clone)[1] == ""


@pytest.mark.slow
def test_a_changed_lock_is_installed(clone: Path) -> None:
    run(clone)
    lock = clone / "requirements" / "core.txt"
    lock.write_text(f"{lock.read_text()}# changed\n")
    assert "preparing" in run(clone)[1]
    assert run(clone)[1] == ""


def test_an_interrupted_installation_is_not_believed(clone: Path) -> None:
    run(clone)
    (clone / ".venv" / "braid-installed.json").unlink()
    assert "preparing" in run(clone)[1]


def test_a_start_killed_while_it_prepares_is_done_again(clone: Path) -> None:
    shutil.rmtree(clone / ".venv", ignore_errors=True)
    process = start(clone)
    while not (clone / ".venv").exists() and process.poll() is None:
        pass
    process.kill()
    process.communicate()
    out, _ = run(clone, "--help")
    assert '["--help"]' in out


def test_a_file_in_the_place_folder_is_never_taken_for_a_module(clone: Path, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('the place folder was imported')\n")
    assert str(tmp_path) in run(clone, cwd=tmp_path)[0]


def test_a_link_to_the_script_finds_its_project(clone: Path, tmp_path: Path) -> None:
    link = tmp_path / "braid"
    link.symlink_to(os.path.relpath(clone / "braid", tmp_path))
    assert '["waits"]' in run(clone, "waits", script=link)[0]


def test_an_exit_code_is_handed_on(clone: Path) -> None:
    run(clone)
    main = clone / "src" / "braid" / "__main__.py"
    main.write_text("raise SystemExit(5)\n")
    process = start(clone)
    process.communicate(timeout=300)
    main.write_text(MAIN)
    assert process.returncode == 5


def test_no_python_is_said_with_the_next_step(clone: Path, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "readlink", "sh"):
        (tools / name).symlink_to(str(shutil.which(name)))
    shutil.rmtree(clone / ".venv", ignore_errors=True)
    process = start(clone, PATH=str(tools), BRAID_PYTHON="no-such-python")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (4, "")
    assert "Next step: sudo apt install python3 python3-venv" in err
