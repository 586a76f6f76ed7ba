"""`braid directory`: the services of the place as a directory that other programs read. About no person."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json
from braid.cli.waits import current_run
from braid.pipeline import open_run
from braid.place.directory import directory_page
from braid.store.place_folder import load_place

STANDARD = "oruk"
directories = typer.Typer(no_args_is_help=True, help="The directory of services, about no person.")


@directories.command("write")
def write(
    out: Annotated[Path, typer.Argument(help="The file to write: its name ends on .json.")],
    folder: PlaceFolder = Path(),
    as_json: AsJson = False,
) -> int:
    """Write the services of the place as one page of Open Referral UK 3: what partners' directories brought in.

    The same file read by `braid run` gives the same records. What the standard requires and nobody told stands there as
    "Not given".

    Example: braid directory write services.json place
    """
    if out.suffix != ".json":
        raise typer.BadParameter("name a file that ends on .json", param_hint="OUT")
    if out.exists():
        raise typer.BadParameter("the file is there already; name a new one", param_hint="OUT")
    run = current_run(load_place(folder))
    with closing(open_run(run, names=("organisation", "service", "location"))) as engine:
        organisations, services, locations = (
            engine.rows(f"select * from {table} where standard = '{STANDARD}' order by record_id")
            for table in ("organisation", "service", "location")
        )
    page = directory_page(organisations, services, locations)
    out.write_text(json.dumps(page, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print_json({"run": run.id, "services": page["total_items"], "file": out.name})
    else:
        errors.print(f"{page['total_items']} services: {out.name}")
        if not page["total_items"]:
            errors.print(f"No feed of {STANDARD} brought any. Next step: add a partner's directory as a feed.")
    return 0
