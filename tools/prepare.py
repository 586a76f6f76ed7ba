"""Prepare `.venv` from a locked requirements file; called by `./braid`, standard library only.

The stamp that says what is installed is written last, so an interrupted installation is done again, and a lock on the
folder lets only one of several starts install.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
VENV = HOME / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
STAMP = VENV / "braid-installed.json"
COVERS = {"core": ("core",), "dev": ("core", "dev")}
"""What an installation of each requirements file is good for; dev is locked on top of core."""


class CannotPrepareError(Exception):
    """The environment cannot be made; the message says what to do."""


def say(message: str) -> None:
    """Tell the user on standard error, so that standard output stays the verb's own."""
    print(f"braid: {message}", file=sys.stderr, flush=True)


def requirements(name: str) -> Path:
    """Return the locked requirements file of `core` or `dev`."""
    return HOME / "requirements" / f"{name}.txt"


def lock_hash(name: str) -> str:
    """Return the SHA-256 of a requirements file."""
    return hashlib.sha256(requirements(name).read_bytes()).hexdigest()


def installed() -> dict[str, str]:
    """Return the stamp: Python's version and the hash of each set that is completely installed; empty when none is."""
    try:
        stamp = json.loads(STAMP.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def is_ready(name: str, python_version: str) -> bool:
    """Return whether `.venv` holds exactly the locked set `name` for `python_version`."""
    stamp = installed()
    return stamp.get("python") == python_version and stamp.get(name) == lock_hash(name)


def venv_version() -> str | None:
    """Return the version (such as 3.11) of the Python in `.venv`, or None where it does not run."""
    if not VENV_PYTHON.exists():
        return None
    command = [str(VENV_PYTHON), "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    return finished.stdout.strip() if finished.returncode == 0 else None


def has_pip() -> bool:
    """Return whether pip can be used inside `.venv`."""
    command = [str(VENV_PYTHON), "-I", "-c", "import pip"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def make_venv(uv: str | None) -> None:
    """Make `.venv` afresh. Raises `CannotPrepareError` naming the package to install when Python cannot."""
    if VENV.exists():
        shutil.rmtree(VENV)
    if uv:
        command = [uv, "venv", "--quiet", "--python", sys.executable, str(VENV)]
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0:
            return
        shutil.rmtree(VENV, ignore_errors=True)
    finished = subprocess.run(
        [sys.executable, "-I", "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if finished.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotPrepareError(
            f"{VENV} could not be made with {sys.executable}. Next step: sudo apt install python3-venv"
        )


def install(name: str, uv: str | None) -> None:
    """Install the locked set `name`, every file checked by its hash. Raises `CannotPrepareError` when that fails."""
    wanted = str(requirements(name))
    if uv:
        command = [uv, "pip", "install", "--quiet", "--python", str(VENV_PYTHON), "--require-hashes", "-r", wanted]
        if subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0:
            return
        say("uv did not finish; trying pip")
        if not has_pip():
            make_venv(None)
    pip = [str(VENV_PYTHON), "-I", "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
    command = [*pip, "--only-binary", ":all:", "--require-hashes", "-r", wanted]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
        raise CannotPrepareError(
            "the packages were not installed (see above). Next step: check the network or pip's index, then start again"
        )


def build_engine() -> None:
    """Build the fast engine of simulations, where a C compiler is there; without one the plain engine is used."""
    command = [str(VENV_PYTHON), "-P", "-c", "from braid.simulation.engines import compiled; compiled.load()"]
    finished = subprocess.run(
        command, check=False, capture_output=True, env=os.environ | {"PYTHONPATH": str(HOME / "src")}
    )
    if finished.returncode != 0:
        say("no C compiler: simulations run on the plain engine, slower (sudo apt install gcc libc6-dev)")


def write_stamp(name: str) -> None:
    """Record, as the very last act, what is completely installed."""
    stamp = {"python": venv_version(), **{covered: lock_hash(covered) for covered in COVERS[name]}}
    unfinished = STAMP.with_suffix(".part")
    unfinished.write_text(json.dumps(stamp) + "\n", encoding="utf-8")
    unfinished.replace(STAMP)


def can_add(uv: str | None) -> bool:
    """Return whether packages may be added to `.venv` as it is: complete, of today's core lock, with an installer."""
    version = venv_version()
    return version is not None and is_ready("core", version) and (uv is not None or has_pip())


def prepare(name: str) -> None:
    """Bring `.venv` to the locked set `name` unless another start has just done so."""
    with (HOME / ".venv.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(name, venv_version() or ""):
            return
        uv = shutil.which("uv")
        say(f"preparing {VENV} from {requirements(name).name} with {'uv' if uv else 'pip'}; once, a minute or two")
        if not can_add(uv):
            STAMP.unlink(missing_ok=True)
            make_venv(uv)
        STAMP.unlink(missing_ok=True)
        install(name, uv)
        build_engine()
        write_stamp(name)


def main(arguments: list[str]) -> int:
    """`--check NAME` only answers by exit code; `NAME` prepares. Returns 4, the code for what is not available."""
    *options, name = arguments
    if "--check" in options:
        return 0 if is_ready(name, f"{sys.version_info[0]}.{sys.version_info[1]}") else 1
    try:
        prepare(name)
    except (CannotPrepareError, OSError) as problem:
        say(str(problem))
        return 4
    return 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(sys.argv[1:]))
