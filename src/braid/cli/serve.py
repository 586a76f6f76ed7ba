"""`braid serve`, `braid work` and `braid check`: the web app, what is done beside it, and whether a start is safe."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import AsJson, PlaceFolder
from braid.cli.output import errors, print_json, print_table
from braid.store.place_folder import load_place
from braid.web import serve as server
from braid.web.operating.start_check import check_start
from braid.web.operating.start_facts import gather_facts
from braid.web.operating.start_model import REFUSE

Host = Annotated[str, typer.Option("--host", help="Address to listen on.")]


def serve(
    folder: PlaceFolder = Path(),
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 8000,
    pages_only: Annotated[
        bool, typer.Option("--pages-only", help="Answer requests alone; braid work runs elsewhere.")
    ] = False,
) -> int:
    """Serve the web app and the API for a place that was run. Ctrl-C stops it, and its database.

    A start that would not be safe is refused, with what to do: see braid check.

    Example: braid serve place --port 8000
    """
    start = server.serve_pages if pages_only else server.serve
    start(load_place(folder).folder, host=host, port=port)
    return 0


def work(folder: PlaceFolder = Path()) -> int:
    """Do what is done beside the pages: seal the log, deliver messages, make what people asked for. Ctrl-C stops it.

    For servers where braid serve --pages-only answers requests in processes of their own.

    Example: braid work place
    """
    server.work(load_place(folder).folder)
    return 0


def check(
    folder: PlaceFolder = Path(),
    host: Host = "127.0.0.1",
    reached_at: Annotated[
        str, typer.Option("--reached-at", help="Name by which people reach it: its certificate is looked at.")
    ] = "",
    as_json: AsJson = False,
) -> int:
    """Say whether the place may be served as its settings stand, and what to do; exit code 1 where it is refused.

    Looks at the environment, the files that hold secrets, the database and its accounts. It changes nothing but what
    a start changes: the tables are brought up to date.

    With --reached-at it opens a connection to that name, as a browser does, and says whether its certificate is one
    that everybody trusts.

    Example: braid check place --host 0.0.0.0 --reached-at braid.example
    """
    with server.place_database(folder) as (place, owner_url):
        findings = check_start(gather_facts(place, host, owner_url, reached_at=reached_at))
    refused = any(finding.severity == REFUSE for finding in findings)
    if as_json:
        print_json({"safe": not refused, "findings": [asdict(finding) for finding in findings]})
    elif findings:
        rows = [[each.severity, each.code, each.what, each.next_step] for each in findings]
        print_table("Before a start", ["", "rule", "what is so", "next step"], rows)
    else:
        errors.print("Nothing stands against a start.")
    return 1 if refused else 0
