"""Verbs, each in a process of its own that is forked from one in which Braid is loaded: as a user types them, without
waiting each time for Python to load what they need.

What loads when, and how a server ends that is killed, is tested with processes that begin anew.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from cli.one_process import Ended, environment

LONGEST_SECONDS = 900
PROGRAM = f"""
__file__ = "a program"  # or DuckDB takes this for a human at a prompt, and draws its progress among the answers
import atexit, json, os, signal, sys, traceback
import braid.pipeline
from braid.cli.app import main
from braid.cli.verbs import LoadedVerbs

def run(words, folder, more, out, err):
    signal.alarm({LONGEST_SECONDS})
    os.chdir(folder)
    os.environ.update(more)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_TRUNC), number)
    sys.argv = ["braid", *words]
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:
        traceback.print_exc()
    return 1

list(LoadedVerbs().values())
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        code = run(*json.loads(line))
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def braid(*words: str | Path, cwd: Path | None = None, **more: str) -> Ended:
    """Run a verb in `cwd`, with `more` in its environment, which names no other place."""
    process = _loaded()
    assert process.stdin and process.stdout
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        asked = (list(map(str, words)), str(cwd or Path.cwd()), more, out.name, err.name)
        process.stdin.write(f"{json.dumps(asked)}\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        return Ended(code, out.read().decode(), err.read().decode())


@cache
def _loaded() -> subprocess.Popen[str]:
    """The process that is forked, which ends with this one."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment(), text=True, **pipes)
    atexit.register(process.communicate)
    return process
