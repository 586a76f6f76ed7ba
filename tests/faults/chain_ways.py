"""What a run does in the lake, as ways that can be ended: reading partners' files, linking a night, becoming visible.

The chain is the real one over a place of eleven people in two feeds; it is stopped after a stage from where it tells of
its progress, so that what is ended again and again is that stage alone.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections import defaultdict
from pathlib import Path

import pyarrow.parquet as pq

from braid.language.identifiers import nhs_check_digit
from braid.pipeline import run_chain
from braid.store.lake import Lake
from braid.store.place_folder import load_place
from faults.forked import in_fork
from faults.killing import State, Way

EARLIER, LATER = dt.date(2026, 11, 8), dt.date(2026, 11, 15)
PLACE = """
[place]
id = "little-vale"
name = "Little Vale"

[[district]]
code = "E08990001"
id = "northmere"
name = "Northmere"
council = "northmere-council"

[[organisation]]
id = "northmere-council"
name = "Northmere Council"
kind = "council"

[[organisation]]
id = "vale-hospital"
name = "Vale Hospital"
kind = "hospital"

[[organisation]]
id = "harbour"
name = "Harbour Support"
kind = "voluntary"

[[feed]]
id = "hospital-waiting-list"
organisation = "vale-hospital"
standard = "wlmds"
year = 2026
service = "Hospital"

[[feed]]
id = "victim-service"
organisation = "harbour"
standard = "victim_service"
year = 2026
service = "Harbour Support"
"""
HOSPITAL = (
    "WEEK_ENDING_DATE,NHS_NUMBER,NHS_NUMBER_STATUS,LOCAL_PATIENT_IDENTIFIER,PERSON_BIRTH_DATE,PERSON_STATED_GENDER_CODE,"
    "ETHNIC_CATEGORY,POSTCODE,PATIENT_PATHWAY_IDENTIFIER,ORGANISATION_CODE_OF_PROVIDER,REFERRAL_REQUEST_RECEIVED_DATE,"
    "REFERRAL_TO_TREATMENT_PERIOD_START_DATE,REFERRAL_TO_TREATMENT_PERIOD_END_DATE,REFERRAL_TO_TREATMENT_PERIOD_STATUS,"
    "PRIORITY_TYPE_CODE,ACTIVITY_TREATMENT_FUNCTION_CODE,WAITING_LIST_TYPE,TCI_DATE,OUTPATIENT_FUTURE_APPOINTMENT_DATE,"
    "LAST_DNA_DATE,CANCELLATION_DATE,LOCAL_VALIDATION_FLAG\n"
)
VICTIMS = (
    "ReferralID,ClientRef,FirstName,Surname,AKA,DOB,Sex,Ethnicity,NHSNumber,SafeAddress,AddressLine1,Postcode,Telephone,"
    "SafeContact,HarmType,DASHScore,ReferralSource,ReferralDate,Service,FirstContactDate,SupportStartDate,ClosedDate,"
    "ClosureReason,PoliceURN,RefugeRef\n"
)


class Enough(Exception):
    """The stage that is looked at is over."""


def write_place(folder: Path) -> None:
    """Write eleven people in two feeds, and a week later one more, and one who moved."""
    folder.mkdir(parents=True)
    (folder / "place.toml").write_text(PLACE, encoding="utf-8")
    for week, day in enumerate((EARLIER, LATER)):
        for feed, header, name, row in (
            ("hospital-waiting-list", HOSPITAL, "wlmds.csv", _patient),
            ("victim-service", VICTIMS, "referrals.csv", _client),
        ):
            extract = folder / "extracts" / feed / day.isoformat()
            extract.mkdir(parents=True)
            rows = "".join(row(number, week, day) for number in range(10 + week))
            (extract / name).write_text(header + rows + "no row of this kind\n", encoding="utf-8")


def _nhs(number: int) -> str:
    digits = f"99900{number:03d}7"
    return f"{digits}{nhs_check_digit(digits)}"


def _born(number: int) -> str:
    return f"{10 + number}/03/{1970 + number}"


def _patient(number: int, week: int, day: dt.date) -> str:
    postcode = f"QB{number + 1} {week if number == 3 else 0}AA"
    return (
        f"{day:%d/%m/%Y},{_nhs(number)},01,LPI{number},{_born(number)},1,A,{postcode},PP{number},RQB02,01/09/2026,"
        "01/09/2026,,10,1,130,ORTT,,,,,\n"
    )


def _client(number: int, _week: int, _day: dt.date) -> str:
    return (
        f"VR{number},V{number},Ada{number},Example{number},,{_born(number)},M,A,{_nhs(number)},N,"
        f"{number} Linden Street,QB{number + 1} 0AA,07700 900{number:03d},Y,Domestic abuse,9,Police,"
        "01/10/2026,IDVA,05/10/2026,,,,,\n"
    )


class ChainWay(Way):
    """A stage of a run over a copy of a place."""

    after: str = ""
    """The stage whose beginning ends the way; empty for the whole run."""

    def __init__(self, made: Path, folder: Path) -> None:
        """Work on copies of `made` in `folder`."""
        self.made, self.place_folder = made, folder / "place"
        self.folders = (self.place_folder,)

    def begin(self) -> None:
        """Copy the place as it was made."""
        shutil.rmtree(self.place_folder, ignore_errors=True)
        shutil.copytree(self.made, self.place_folder)

    def act(self) -> None:
        """Run, as far as the stage."""

        def tell(stage: str, detail: str) -> None:
            if stage == self.after and not detail:
                raise Enough

        try:
            run_chain(load_place(self.place_folder), LATER, tell=tell)
        except Enough:
            return

    def again(self) -> None:
        """Run again, in a process of its own."""
        in_fork(self.act)

    def check(self) -> None:
        """The visible run is whole: every table that its manifest counts has as many rows."""
        run = Lake(self.place_folder / "lake").current()
        if run is None:
            return
        for stage in run.manifest["stages"].values():
            for table, rows in stage.get("rows", {}).items():
                assert pq.ParquetFile(run.table(table)).metadata.num_rows == rows, f"{table} is not whole"

    def state(self) -> State:
        """Return the rows of every table that is made or visible, which stages are done, and who is whom."""
        lake = self.place_folder / "lake"
        found: State = {"files": []}
        made = [lake / "work", *([] if self.after else [lake / "runs"])]
        for path in sorted(path for folder in made for path in folder.glob("*/*")):
            found["files"].append({"name": path.name, "in": path.parent.parent.name})
            if path.suffix == ".parquet":
                found[path.name] = pq.read_table(path, use_threads=False).to_pylist()
            elif path.name.endswith(".done.json"):
                found[path.name] = [json.loads(path.read_text(encoding="utf-8"))]
        current = Lake(lake).current()
        found["visible"] = [{"run": current.id if current else "", "runs": len(Lake(lake).runs())}]
        persons = defaultdict(list)
        for row in found.get("person_link.parquet", []):
            persons[row["person_id"]].append(row["person_record_id"])
        found["clusters"] = [{"records": sorted(records)} for records in persons.values()]
        return found


class Ingest(ChainWay):
    """Partners' files are read."""

    name = "ingest"
    is_whole = False
    after = "link"


class LinkingNight(ChainWay):
    """The records of a night are linked to those of the run before."""

    name = "linking night"
    is_whole = False
    after = "waits"


class AllButVisible(ChainWay):
    """Everything is made, and nothing is visible: the place stage is the last before publication.

    It prepares what `Visible` begins with.
    """

    name = "all but visible"
    is_whole = False

    def act(self) -> None:
        """Run until the manifest would be written."""
        publish = Lake.publish

        def not_yet(*_: object) -> None:
            raise Enough

        Lake.publish = not_yet  # type: ignore[method-assign,assignment]
        try:
            super().act()
        finally:
            Lake.publish = publish  # type: ignore[method-assign]


class Visible(ChainWay):
    """A run that is made becomes the visible one."""

    name = "visible run"
    is_whole = False


def make_evening(folder: Path) -> Path:
    """Write the place and run it to the earlier day."""
    write_place(folder)
    in_fork(lambda: run_chain(load_place(folder), EARLIER).run.id)
    return folder


def make_until(way: type[ChainWay], evening: Path, folder: Path) -> Path:
    """Return a copy of the place as it stands when the stages before `after` of a way are done."""
    made = way(evening, folder)
    made.begin()
    made.again()
    return made.place_folder
