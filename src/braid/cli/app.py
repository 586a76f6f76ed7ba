"""The verbs, and the one place where an error becomes a sentence and an exit code.

Exit codes: 0 done; 1 done, with rejected input, a broken rule or no plan reported; 2 wrong usage; 3 input unreadable;
4 engine or database not available; 5 refused by trust; 70 a fault of Braid's own.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback

import typer
from typer.exceptions import TyperException

from braid import __version__
from braid.analysis.model import DatasetInvalid, DatasetRefused
from braid.cli import (
    agreement,
    analysis,
    audit,
    backlog,
    clock,
    demo,
    example,
    issues,
    joint_work,
    link,
    outbox,
    overlay,
    plan,
    priority,
    problem,
    read,
    remind,
    run,
    serve,
    user,
    vault,
    waits,
    what_if,
)
from braid.cli.output import plain
from braid.cli.refusals import RefusedByTrust
from braid.extracts.catalogue import UnknownStandard
from braid.extracts.model import UnreadableFile
from braid.language.rule_files import RulesInvalid, RulesUnreadable
from braid.language.steps import NotPossible
from braid.people.opt_outs import OptOutsInvalid
from braid.people.review import NotDecidable
from braid.planning.contract import NoPlan
from braid.planning.documents import PlanFileInvalid
from braid.store.engine import EngineNotAvailable
from braid.store.exports import ExportUnsafe
from braid.store.lake import LakeBusy
from braid.store.place_folder import PlaceInvalid
from braid.store.vault_keys import VaultKeyNotAvailable, VaultSealBroken
from braid.trust.checkpoint import LogRefused, NoteInvalid
from braid.web.audit_log import LogBroken
from braid.web.refusals import NoDemoUser, NoSuchUser, NotPublishable, OverlayListInvalid

EXIT_CODES: tuple[tuple[type[Exception], int], ...] = (
    (UnreadableFile, 3),
    (PlaceInvalid, 2),
    (PlanFileInvalid, 3),
    (RulesUnreadable, 3),
    (RulesInvalid, 2),
    (DatasetInvalid, 2),
    (UnknownStandard, 2),
    (NoSuchUser, 2),
    (OverlayListInvalid, 3),
    (OptOutsInvalid, 3),
    (NoDemoUser, 2),
    (NotDecidable, 5),
    (NotPublishable, 4),
    (ExportUnsafe, 4),
    (LakeBusy, 4),
    (EngineNotAvailable, 4),
    (NoteInvalid, 3),
    (VaultKeyNotAvailable, 4),
    (VaultSealBroken, 4),
    (RefusedByTrust, 5),
    (DatasetRefused, 5),
    (LogRefused, 5),
    (LogBroken, 5),
    (NotPossible, 5),
    (NoPlan, 1),
)
OWN_FAULT = 70
NOT_WRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})

app = typer.Typer(
    name="braid",
    help="Finds the people who wait in several public services at once, and shows what each wait is waiting for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("demo")(demo.demo)
app.command("example")(example.example)
app.command("run")(run.run)
app.command("read")(read.read)
app.command("issues")(issues.issues)
app.add_typer(link.links, name="link")
app.command("waits")(waits.waits)
app.command("what-if")(what_if.what_if)
app.command("clock")(clock.clock)
app.command("backlog")(backlog.backlog)
app.command("serve")(serve.serve)
app.command("joint-work")(joint_work.joint_work)
app.command("remind")(remind.remind)
app.add_typer(user.users, name="user")
app.add_typer(agreement.agreements, name="agreement")
app.add_typer(problem.problems, name="problem")
app.add_typer(plan.plans, name="plan")
app.add_typer(priority.priorities, name="priority")
app.add_typer(analysis.analysis, name="analysis")
app.add_typer(audit.audits, name="audit")
app.add_typer(overlay.overlay, name="overlay")
app.add_typer(vault.vaults, name="vault")
app.add_typer(outbox.outbox, name="outbox")


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit()


def main() -> None:
    """Run a verb; turn every error into one sentence on standard error and an exit code."""
    sys.exit(_run())


def _run() -> int:
    try:
        result = app(prog_name="braid", standalone_mode=False)
    except typer.Exit as stop:
        return int(stop.exit_code)
    except TyperException as error:
        return _wrong_usage(error)
    except KeyboardInterrupt:
        return _say("stopped", 130)
    except Exception as error:
        return _explain(error)
    return int(result or 0)


def _wrong_usage(error: TyperException) -> int:
    show = getattr(error, "show", None)
    if show is None:
        return _say("stopped", 130)
    show()
    return 2


def _explain(error: Exception) -> int:
    for kind, code in EXIT_CODES:
        if isinstance(error, kind):
            return _say(str(error), code)
    if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
        return _say(
            f"a folder cannot be used: {os.strerror(error.errno).lower()}. Nothing was published. Next step: make room,"
            " or let this user read and write the place folder, then run again; what was finished is kept",
            4,
        )
    if os.environ.get("BRAID_DEBUG"):
        traceback.print_exc()
    return _say(f"{_where(error)} Nothing was published. Run again with BRAID_DEBUG=1 for developers.", OWN_FAULT)


def _where(error: Exception) -> str:
    """Name the fault by its type and place; its text may hold a person's value, so it is not shown."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"a fault of Braid's own: {type(error).__name__} in {os.path.basename(frame.filename)}:{frame.lineno}."  # noqa: PTH119


def _say(message: str, code: int) -> int:
    print(f"braid: {plain(message)}", file=sys.stderr)  # noqa: T201
    return code
