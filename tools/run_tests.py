"""Everything that must hold before a change goes in, in the order in which it fails fastest; run by `./braid test`.

    ./braid test               lint, format, types, direction of the house, then all tests but the slow ones
    ./braid test --full        the slow ones too, and generated cases by the thousand
    ./braid test --full --fuzz=1000000   as many damaged files as that, instead of some thousands
    ./braid test --figures     only print our row of the table of figures
    ./braid test -- -k waits   what follows `--` goes to pytest

With CI=true a missing browser is installed, and with --full Java and Spark; there a test of theirs that is skipped is a
failure, elsewhere it is skipped with its reason. Exit code 0 when everything holds, 1 otherwise.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sys.executable).parent
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
CHECKS = (
    ("mypy",),
    ("ruff", "check", "--no-cache", "."),
    ("ruff", "format", "--check", "."),
    ("lint-imports",),
)
"""The longest first: the others run beside it."""
SYSTEM_PACKAGES = {
    "browser": (("chromium",), ("chromium", "fonts-dejavu-core")),
    "java": (("java",), ("openjdk-17-jre-headless",)),
}
"""For tests marked so: the programs they need and the Debian packages that bring them."""
EXTRAS = {"java": ("pyspark", "spark")}
"""For tests marked so: the Python package they need and the locked requirements that bring it."""


FUZZ = "--fuzz="
SLOW = ("java",)
"""Markers of tests that `--full` alone runs: an engine over a cluster takes a minute to begin."""


def marked(marker: str, full: bool) -> bool:
    """Return whether any test file that will run uses `marker`."""
    if marker in SLOW and not full:
        return False
    return any(f"mark.{marker}" in path.read_text(encoding="utf-8") for path in (HOME / "tests").rglob("test_*.py"))


def install_system_packages(full: bool) -> None:
    """In CI, bring what marked tests need and the machine lacks, while the checks run; a failure shows in the tests."""
    missing = [
        package
        for marker, (programs, packages) in SYSTEM_PACKAGES.items()
        if marked(marker, full) and not all(shutil.which(program) for program in programs)
        for package in packages
    ]
    if not missing:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing)
    for command in (("apt-get", "update", "-qq"), install):
        print("==>", *command, flush=True)
        subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)


def install_extras(full: bool) -> None:
    """In CI, bring the Python packages of marked tests that `.venv` lacks; a failure shows in the tests."""
    for marker, (package, requirements) in EXTRAS.items():
        if not marked(marker, full) or importlib.util.find_spec(package) is not None:
            continue
        locked = str(HOME / "requirements" / f"{requirements}.txt")
        pip = [sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--no-input"]
        uv = shutil.which("uv")
        if importlib.util.find_spec("pip") is None and uv:
            pip = [uv, "pip", "install", "--quiet", "--python", sys.executable]
        print("==> install", requirements, flush=True)
        subprocess.run([*pip, "--require-hashes", "-r", locked], check=False, stdout=subprocess.DEVNULL)


def run_checks() -> list[str]:
    """Run the fast checks side by side, all of them even if one fails; return the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(2) as beside:
        for (name, *arguments), done in zip(CHECKS, beside.map(_run_check, CHECKS), strict=True):
            print("==>", name, *arguments)
            print(done.stdout, end="", flush=True)
            if done.returncode != 0:
                failed.append(" ".join((name, *arguments)))
    return failed


def _run_check(check: Sequence[str]) -> subprocess.CompletedProcess[str]:
    name, *arguments = check
    command = [str(SCRIPTS / name), *arguments]
    return subprocess.run(command, cwd=HOME, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def run_pytest(full: bool, extra: list[str], fuzz: str = "") -> int:
    """Run all tests in one pytest, browser tests last, a file at a time on a worker; its summary ends our output."""
    command = [sys.executable, "-m", "pytest", "-p", "browser_last"]
    command += ["-n", "2", "--dist", "loadscope", "--no-loadscope-reorder"]
    command += [] if full else ["-m", "not slow"]
    paths = [str(HOME / "tools"), str(HOME / "src"), os.environ.get("PYTHONPATH", "")]
    effort = {"HYPOTHESIS_PROFILE": "full"} if full else {}
    effort |= {"BRAID_FUZZ_INPUTS": fuzz} if fuzz else {}
    environment = {**os.environ, **effort, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    # Tests start hundreds of processes, and none compiles again what another has compiled.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    print("==>", *command[1:], *extra, flush=True)
    return subprocess.run([*command, *extra], cwd=HOME, check=False, env=environment).returncode


def main(arguments: list[str]) -> int:
    """Run what the arguments ask for and return the exit code."""
    split = arguments.index("--") if "--" in arguments else len(arguments)
    options, extra = arguments[:split], arguments[split + 1 :]
    fuzz = next((one.partition("=")[2] for one in options if one.startswith(FUZZ)), "")
    unknown = {one for one in options if not one.startswith(FUZZ)} - {"--full", "--figures"}
    if unknown or (fuzz and not fuzz.isdecimal()):
        print(__doc__, file=sys.stderr)
        return 2
    figures = [sys.executable, str(HOME / "tools" / "figures.py")]
    if "--figures" in options:
        return subprocess.run(figures, cwd=HOME, check=False).returncode
    with ThreadPoolExecutor() as beside:
        installed = beside.submit(install_system_packages, "--full" in options) if IN_CI else None
        failed = run_checks()
    if installed is not None:
        installed.result()
        install_extras("--full" in options)
        subprocess.run(figures, cwd=HOME, check=False)
    if failed:
        print("==> failed, whatever the tests say:", "; ".join(failed), flush=True)
    pytest_code = run_pytest("--full" in options, extra, fuzz)
    return 1 if failed or pytest_code else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
