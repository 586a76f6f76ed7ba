"""`braid demo`: the example place, the whole chain, and the web app with one sign-in per role."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.output import errors, plain, print_table, shares, steps
from braid.cli.plan import list_and_show, plan_and_show
from braid.cli.run import show_report
from braid.cli.waits import current_run
from braid.example.write import write_example
from braid.pipeline import STAGES, run_chain
from braid.planning.contract import Limits
from braid.problems.plans.run import Planner, plan_kinds
from braid.store.place_folder import Place, load_place
from braid.web.serve import renew_demo_users, serve

PLAN_LIMITS = Limits(seconds=5.0)


def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where the place is, or will be written.")] = Path("demo"),
    people: Annotated[int, typer.Option("--people", min=500, max=1_000_000, help="How many people.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed writes the same place.")] = 1,
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port on 127.0.0.1.")] = 8000,
    serving: Annotated[bool, typer.Option("--serve/--no-serve", help="Start the web app at the end.")] = True,
) -> int:
    """Write the fictional place, run the chain, start the web app, and print one sign-in per role.

    A place that is already there is used as it is. Ctrl-C stops the app and its database.

    Example: braid demo --people 5000 --port 8080
    """
    if not (folder / "place.toml").is_file():
        if folder.exists() and any(folder.iterdir()):
            words = "the folder is not empty and holds no place; remove it or name another"
            raise typer.BadParameter(words, param_hint="--dir")
        errors.print(f"Writing a fictional place of {people:,} people into {folder} …")
        with shares() as progress:
            write_example(folder, people=people, seed=seed, progress=progress)
    else:
        errors.print(f"Using the place that is already in {folder}; remove the folder for a new one.")
    place = load_place(folder)
    with steps(STAGES) as tell:
        report = run_chain(place, tell=tell)
    show_report(place, report)
    if serving:
        serve(place.folder, port=port, when_ready=lambda place: _say_where(place, port))
    return 0


def _say_where(place: Place, port: int) -> None:
    """Plan placements and hearings, make one user a role with a new password, and print who may sign in and where."""
    run = current_run(place)
    planners: dict[str, Planner] = {
        "placements": lambda: plan_and_show(place, run, PLAN_LIMITS),
        "listing": lambda: list_and_show(place, run, PLAN_LIMITS),
    }
    for name, why in plan_kinds(planners)[1].items():
        errors.print(plain(f"{name} not planned: {why}"), markup=False)
    users = renew_demo_users(place)
    errors.print("Studying what the bodies may buy jointly …")
    import_module("braid.web.portfolio.demo").enter_history(place)
    import_module("braid.web.packs.demo").enter_packs(place)
    errors.print("Reviewing pairs of records drawn by chance …")
    import_module("braid.web.link_reviews.demo").enter_answers(place)
    print_table("Sign in as", ["role", "user name", "password"], [list(user) for user in users])
    errors.print("\nWhere a protected person can be found asks for a code. To get one:")
    errors.print(f"  braid user code demo-advocate {place.folder}")
    errors.print(f"\nOpen http://127.0.0.1:{port}/   (Ctrl-C stops)")
