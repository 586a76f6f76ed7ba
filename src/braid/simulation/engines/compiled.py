"""The fast engine, `engine.c`, through ctypes: loaded from a library that is built once, where a compiler is there.

ctypes gives up Python's lock while C runs, so that replications run in threads beside each other.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from braid.simulation.program import Program
from braid.simulation.record import Record, empty_record

SOURCE = Path(__file__).with_name("engine.c")
COMPILERS = ("cc", "gcc", "clang")
FLAGS = ("-std=c99", "-O3", "-shared", "-fPIC")
BUILD_SECONDS = 120
SCALARS = ("weeks", "table_weeks", "row_weeks", "window_weeks", "bins", "check_weeks", "bucket_shift")
SIZES = ("services", "queues", "pathways", "steps", "sources", "groups", "rows", "windows", "checks")
ARRAYS = (
    "gives", "ageing", "capacity", "queue_start", "queue_services", "queue_order", "first_step", "clock_start",
    "clock_stop", "is_traced", "is_chain", "first_band", "band_share", "band_priority", "pathway_priority",
    "step_queue", "step_after", "step_share", "step_coin", "step_hold", "step_duration", "step_patience",
    "step_on_leave", "step_keep", "step_repeat", "step_most", "step_priority", "first_lead", "lead_pathway",
    "lead_share", "source_pathway", "source_stream", "source_rate", "source_keep", "tables", "table_fixed", "present",
)  # fmt: skip
"""Of a program, in the order of the C structure."""
OUTPUTS = (
    "rows", "waits", "wait_sums", "clocks", "clock_sums", "traces", "trace_sums", "ages", "clock_ages", "counts",
)  # fmt: skip


class _CProgram(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int64) for name in SCALARS + SIZES] + [(name, ctypes.c_void_p) for name in ARRAYS]


class _CRecord(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in OUTPUTS]


class NoCompiler(Exception):
    """The fast engine cannot be built here; the plain one gives the same figures, some forty times slower."""


class OutOfMemory(MemoryError):
    """The people of a network do not fit into the memory of this machine. Exit code 4."""


def run(program: Program, seed: int, *, is_antithetic: bool = False) -> Record:
    """Return the record of one replication. Raises `NoCompiler`, `OutOfMemory`."""
    library = load()
    record = empty_record(program)
    arrays = {name: np.ascontiguousarray(getattr(program, name)) for name in ARRAYS}
    sizes = {name: getattr(program, name) for name in SCALARS + SIZES if name not in ("queues", "groups")}
    asked = _CProgram(
        **sizes,
        queues=len(program.queue_order),
        groups=len(program.present),
        **{name: array.ctypes.data for name, array in arrays.items()},
    )
    answer = _CRecord(**{name: getattr(record, name).ctypes.data for name in OUTPUTS})
    if library.braid_run(ctypes.byref(asked), ctypes.byref(answer), seed, int(is_antithetic)):
        raise OutOfMemory("memory: there are more people in the network than fit; simulate a smaller area")
    return record


@cache
def load() -> ctypes.CDLL:
    """Return the library, built first where it is not there yet. Raises `NoCompiler`."""
    path = library_path()
    if not path.exists():
        build(path)
    library = ctypes.CDLL(str(path))
    library.braid_run.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_uint64, ctypes.c_int64]
    library.braid_run.restype = ctypes.c_int
    return library


def is_available() -> bool:
    """Say whether the fast engine runs here."""
    try:
        load()
    except NoCompiler:
        return False
    return True


def library_path() -> Path:
    """Return where the library of this very source rests: beside the environment that runs, by the source's hash."""
    digest = hashlib.sha256(SOURCE.read_bytes() + " ".join(FLAGS).encode()).hexdigest()[:16]
    return Path(sys.prefix) / "lib" / "braid" / f"engine-{digest}-{sys.platform}.so"


def build(path: Path) -> None:
    """Compile the engine into a library, moved into place whole. Raises `NoCompiler`."""
    compiler = next(filter(None, map(shutil.which, COMPILERS)), None)
    if compiler is None:
        raise NoCompiler("no C compiler was found (cc, gcc or clang)")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            made = Path(folder) / path.name
            command = [compiler, *FLAGS, "-o", str(made), str(SOURCE)]
            subprocess.run(command, check=True, capture_output=True, timeout=BUILD_SECONDS)  # noqa: S603
            os.replace(made, path)  # noqa: PTH105
    except (OSError, subprocess.SubprocessError) as error:
        raise NoCompiler("the C compiler could not build the engine") from error
