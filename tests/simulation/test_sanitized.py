"""The fast engine under the compiler's own checks of memory and arithmetic: no access outside, no undefined result."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from braid.simulation.engines.compiled import SOURCE

SCRIPT = """
import ctypes, sys
from braid.simulation.engines import compiled
from braid.simulation.program import Counting, compile_network
from braid.simulation.randomness import seed_of
from simulation.drawn_networks import drawn_network

library = ctypes.CDLL(sys.argv[1])
library.braid_run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int64]
compiled.load = lambda: library
for seed in range(int(sys.argv[2]), int(sys.argv[3])):
    program = compile_network(drawn_network(seed), Counting(window_weeks=13, bins=20, check_weeks=5))
    compiled.run(program, seed_of(seed, 0), is_antithetic=bool(seed % 2))
print("clean")
"""


def _libraries() -> list[str] | None:
    """Return the sanitizers' libraries, which must be loaded before Python's; None where they are not there."""
    if shutil.which("gcc") is None:
        return None
    names = ("libasan.so", "libubsan.so")
    found = [
        subprocess.run(["gcc", f"-print-file-name={name}"], capture_output=True, text=True, check=False).stdout.strip()
        for name in names
    ]
    return found if all(Path(each).is_absolute() for each in found) else None


@pytest.mark.slow
@pytest.mark.parametrize("hundred", range(3))
def test_no_network_makes_the_engine_leave_its_memory(tmp_path: Path, hundred: int) -> None:
    libraries = _libraries()
    if libraries is None:
        pytest.skip("gcc with its sanitizers is not on this machine")
    library = tmp_path / "engine.so"
    flags = ["-std=c99", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", str(library), str(SOURCE)], check=True, capture_output=True)
    ends = [str(hundred * 100), str(hundred * 100 + 100)]
    checked = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(library), *ends],
        env=os.environ | {"LD_PRELOAD": ":".join(libraries), "ASAN_OPTIONS": "detect_leaks=0"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (checked.returncode, checked.stdout) == (0, "clean\n"), checked.stderr[-2000:]
