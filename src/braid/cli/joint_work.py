"""`braid joint-work`: what was decided in the web app, written as an extract that the next run reads."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from braid.cli.arguments import PlaceFolder
from braid.cli.output import print_json
from braid.language.dates import london_date
from braid.store.lake import Lake
from braid.web.refusals import NotPublishable
from braid.web.serve import place_database


def joint_work(folder: PlaceFolder = Path()) -> int:
    """Write referrals, joint cases and decisions as today's extract of the place's own feed.

    The file names nobody: it points to records that partners sent. Run it before the nightly run, which reads it like
    any partner's. place.toml needs one feed with standard = "joint_work".

    Example: braid joint-work place && braid run place
    """
    with place_database(folder) as (place, _):
        from braid.web.care.extract import write_extract
        from braid.web.published import find_published_run

        published = find_published_run()
        if published is None:
            raise NotPublishable("nothing is published yet, so there is no joint work; run: braid serve")
        written = write_extract(
            place, Lake(place.lake_folder).run(published.run_id), london_date(dt.datetime.now(dt.UTC))
        )
        print_json(
            {"written": str(written.path.relative_to(place.folder)), "rows": written.rows, "left_out": written.left_out}
        )
    return 0
