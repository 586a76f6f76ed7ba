"""`braid serve [DIR]`: the web app and API on the visible run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from braid.cli.arguments import PlaceFolder
from braid.store.place_folder import load_place
from braid.web.serve import serve as serve_place


def serve(
    folder: PlaceFolder = Path(),
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port to listen on.")] = 8000,
) -> int:
    """Serve the web app and the API for a place that was run. Ctrl-C stops it, and its database.

    Example: braid serve place --port 8000
    """
    serve_place(load_place(folder).folder, host=host, port=port)
    return 0
