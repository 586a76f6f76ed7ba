"""`braid remind`: tell people by e-mail of what is due, overdue or risen to them."""

from __future__ import annotations

from pathlib import Path

from braid.cli.arguments import PlaceFolder
from braid.cli.output import print_json
from braid.web.delivering import remind_once
from braid.web.serve import place_database, secure_new_database


def remind(folder: PlaceFolder = Path()) -> int:
    """Remind everybody who has an e-mail address of what is new for them, once; say how many mails ended how.

    A server does so by itself every ten minutes. A mail holds counts, kinds and references, and nothing about anybody;
    nobody is told the same thing twice. Needs the smtp part of outbound.toml, and addresses given by
    `braid user add --email`.

    Example: braid remind place
    """
    with place_database(folder) as (place, _):
        secure_new_database()  # what is shown to whom is asked of the policies
        print_json(remind_once(place))
    return 0
