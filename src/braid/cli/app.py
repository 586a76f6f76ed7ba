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
from braid.cli.output import plain
from braid.cli.verbs import Verbs

EXIT_CODES: tuple[tuple[str, int], ...] = (
    ("braid.extracts.model.UnreadableFile", 3),
    ("braid.store.place_folder.PlaceInvalid", 2),
    ("braid.language.documents.DocumentInvalid", 3),
    ("braid.language.rule_files.RulesUnreadable", 3),
    ("braid.language.rule_files.RulesInvalid", 2),
    ("braid.analysis.model.DatasetInvalid", 2),
    ("braid.extracts.catalogue.UnknownStandard", 2),
    ("braid.web.refusals.NoSuchUser", 2),
    ("braid.web.refusals.OverlayListInvalid", 3),
    ("braid.people.opt_outs.OptOutsInvalid", 3),
    ("braid.people.files.mapping.MappingInvalid", 2),
    ("braid.web.refusals.NoDemoUser", 2),
    ("braid.people.model.LinkageFailed", 2),
    ("braid.people.review.NotDecidable", 5),
    ("braid.web.refusals.NotPublishable", 4),
    ("braid.store.exports.tables.ExportUnsafe", 4),
    ("braid.store.lake.LakeBusy", 4),
    ("braid.store.engine.EngineNotAvailable", 4),
    ("braid.store.engine.PartFailed", 4),
    ("braid.trust.checkpoint.NoteInvalid", 3),
    ("braid.store.vault_keys.VaultKeyNotAvailable", 4),
    ("braid.store.vault_keys.VaultSealBroken", 4),
    ("braid.web.operating.start_check.StartRefused", 5),
    ("braid.web.sign_in.provider_settings.ProviderSettingsInvalid", 2),
    ("braid.cli.refusals.RefusedByTrust", 5),
    ("braid.analysis.model.DatasetRefused", 5),
    ("braid.trust.checkpoint.LogRefused", 5),
    ("braid.web.audit_log.LogBroken", 5),
    ("braid.place.money.journal_file.JournalInvalid", 3),
    ("braid.language.steps.NotPossible", 5),
    ("braid.planning.contract.NoPlan", 1),
    ("braid.simulation.engines.compiled.NoCompiler", 4),
    ("braid.simulation.engines.compiled.OutOfMemory", 4),
    ("braid.simulation.run.RecordWrong", 4),
)
"""For each error that has a code of its own: its module and name, so that only what raises it need be loaded."""
OWN_FAULT = 70
NOT_WRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})

app = typer.Typer(
    name="braid",
    cls=Verbs,
    help="Finds the people who wait in several public services at once, and shows what each wait is waiting for.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    code = find_exit_code(type(error))
    if code is not None:
        return _say(str(error), code)
    closed = find_closed_folder(error)
    if closed is not None:
        return _say(
            f"a folder cannot be used: {os.strerror(closed).lower()}. Nothing was published. Next step: make room,"
            " or let this user read and write the place folder, then run again; what was finished is kept",
            4,
        )
    if os.environ.get("BRAID_DEBUG"):
        traceback.print_exc()
    return _say(f"{_where(error)} Nothing was published. Run again with BRAID_DEBUG=1 for developers.", OWN_FAULT)


def find_closed_folder(error: BaseException | None) -> int | None:
    """Return the system's number for why nothing can be written, where an error or what led to it says so; else None.

    The system itself says it by number, engines in its words, and a database server by a state (53100, disk full).
    """
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        if isinstance(error, OSError) and error.errno in NOT_WRITABLE:
            return error.errno
        if getattr(error, "sqlstate", None) == "53100":
            return errno.ENOSPC
        said = str(error) if type(error).__module__.endswith("duckdb") else ""
        for number in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            if os.strerror(number) in said:
                return number
        seen.append(error)
        error = error.__cause__ or error.__context__
    return None


def find_exit_code(kind: type[Exception]) -> int | None:
    """Return the code of the first of `EXIT_CODES` that errors of this kind are, or None."""
    names = {f"{each.__module__}.{each.__qualname__}" for each in kind.__mro__}
    return next((code for name, code in EXIT_CODES if name in names), None)


def _where(error: Exception) -> str:
    """Name the fault by its type and place; its text may hold a person's value, so it is not shown."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"a fault of Braid's own: {type(error).__name__} in {os.path.basename(frame.filename)}:{frame.lineno}."  # noqa: PTH119


def _say(message: str, code: int) -> int:
    print(f"braid: {plain(message)}", file=sys.stderr)  # noqa: T201
    return code
