"""Write a town of the package pseudopeople (BSD-3) as one file, by a seed of its own.

    python benchmarks/linkage/pseudopeople_town.py FILE.parquet --seed 101 [--noise 4]

It is run in a virtual environment of its own, into which pseudopeople was installed: the package wants other versions
than this project does. Five sources of the year 2020 speak of the package's sample town: census, social security, tax
forms, a population survey, a food programme. `--noise` multiplies every share of rows and cells that are noised.
"""

from __future__ import annotations

import argparse
from typing import Any

import pandas as pd
import pseudopeople

YEAR = 2020
COLUMNS = (
    "first_name",
    "middle",
    "last_name",
    "date_of_birth",
    "sex",
    "ssn",
    "street_number",
    "street_name",
    "unit_number",
    "city",
    "state",
    "zipcode",
    "simulant_id",
)
MOST = 0.5
"""The largest share that multiplied noise may reach."""


def main() -> None:
    """Write the town."""
    arguments = _parse()
    settings = _with_noise(pseudopeople.get_config(), arguments.noise) if arguments.noise != 1 else None
    frames = [_columns(name, frame) for name, frame in _sources(arguments.seed, settings)]
    town = pd.concat(frames, ignore_index=True)
    town.insert(0, "record_id", range(len(town)))
    town.to_parquet(arguments.file, index=False)
    print(f"{len(town):,} rows of {town['simulant_id'].nunique():,} people")


def _sources(seed: int, settings: Any) -> list[tuple[str, pd.DataFrame]]:
    make = {
        "census": pseudopeople.generate_decennial_census,
        "ssa": pseudopeople.generate_social_security,
        "w2": pseudopeople.generate_taxes_w2_and_1099,
        "cps": pseudopeople.generate_current_population_survey,
        "wic": pseudopeople.generate_women_infants_and_children,
    }
    return [(name, one(seed=seed, year=YEAR, config=settings)) for name, one in make.items()]


def _columns(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Bring what a source calls by names of its own to one set of columns; of the register take births alone."""
    if "event_type" in frame:
        frame = frame[frame["event_type"].astype(str) == "creation"]
    frame = frame.rename(columns=lambda column: column.removeprefix("mailing_address_"))
    if "middle_name" in frame or "middle_initial" in frame:
        frame = frame.rename(columns={"middle_name": "middle", "middle_initial": "middle"})
    texts = {column: frame[column].astype("string") if column in frame else pd.NA for column in COLUMNS}
    found = pd.DataFrame(texts, index=frame.index).astype("string")
    found.insert(0, "source", name)
    return found


def _with_noise(settings: Any, times: float) -> Any:
    if isinstance(settings, dict):
        return {
            name: min(MOST, value * times) if _is_share(name, value) else _with_noise(value, times)
            for name, value in settings.items()
        }
    return settings


def _is_share(name: Any, value: Any) -> bool:
    return str(name) in ("cell_probability", "row_probability") and isinstance(value, int | float)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--noise", type=float, default=1.0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
