"""A program: serve a place with its demo users. Arguments: folder, port, file for the users' passwords."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from braid.store.place_folder import Place
from braid.web.serve import renew_demo_users, serve

if __name__ == "__main__":
    folder, port, users = Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])

    def make_users(place: Place) -> None:
        """Write who may sign in."""
        users.write_text(json.dumps(renew_demo_users(place)), encoding="utf-8")

    serve(folder, port=port, when_ready=make_users)
