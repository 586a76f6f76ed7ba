"""The command line gets people through `braid.web.access`; what it reads of a run itself is named here, with why."""

import ast
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2] / "src" / "braid"
READS_A_RUN = {
    "cli/analysis.py": "datasets under an agreement: pseudonyms, no name, no location",
    "cli/backlog.py": "figures by kind and provider, of tables that hold no person",
    "cli/directory.py": "services of partners' directories, of tables that hold no person",
    "cli/issues.py": "rejected and doubtful rows by their row number, of one table that holds no person",
    "cli/link.py": "counts, ids of proposals, who a record was, for whoever decides on links and on record, and scores"
    " against the truth of a fictional place",
    "cli/link_quality.py": "shares by group from a reviewed sample, as they may be published; how many links share a"
    " key; and counts against the truth of a fictional place",
    "cli/link_release.py": "weights of levels and how many links change; in a file of the place, names that ten hold",
    "cli/outcomes.py": "counts by outcome, period and district, of one table that holds no person",
    "cli/priority.py": "how many rules would move or never reach, by group, as they may be published",
    "cli/plan.py": "sums over all households; the plan itself rests beside the run, for its own user alone",
    "cli/problem.py": "how many a statement concerns and a rule finds, as they may be published",
    "cli/read.py": "no run: a large file of a partner goes through an engine of its own; counts and issues are shown",
    "cli/reject_report.py": "refused and doubtful rows by their row number; which keys of protected people no row of an"
    " export may hold, on record",
    "cli/retract.py": "ids of the records that a row of a file became, to take them back; nothing is shown of them",
    "cli/trace.py": "lineage of records, on record, of nobody who is protected; the row itself is decided on by"
    " `braid.web.access.sources`",
    "cli/waits.py": "scores against the truth of a fictional place",
    "cli/what_if.py": "counts of a cohort's waits by kind and what they come to, of tables read and never shown",
}
OPENERS = frozenset({"open_run", "new_engine", "read_table"})
SHOWN_OF_A_RUN = {
    "cli/backlog.py": {"backlog_measure", "service_measure", "service_week", "service_overlap"},
    "cli/directory.py": {"organisation", "service", "location"},
    "cli/issues.py": {"issue"},
    "cli/link.py": {
        *("link_proposal", "person_record", "person_link", "person", "need", "link_error"),
        "household_member",  # scores against the truth of a fictional place
        "identifier",
        *("membership", "person_lineage", "sealed_person"),
    },
    "cli/outcomes.py": {"outcome_count"},
    "cli/priority.py": {
        *("priority_fairness", "cohort", "person", "person_link", "person_wait", "stay", "episode", "need", "wait"),
        *("event", "priority_rule", "link_error"),
    },
    "cli/reject_report.py": {
        *("issue", "reject", "person_record", "person_link", "person", "sealed_person"),
        *("stay", "wait", "event"),  # which kinds of rows a feed has
    },
    "cli/what_if.py": {"person_wait", "blocker", "cohort", "person"},
    "cli/problem.py": {"person", "person_link", "person_wait", "stay", "episode", "need", "wait", "event"},
}


def _calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in OPENERS
    ]


def test_only_the_named_verbs_open_a_run():
    opening = {
        str(path.relative_to(SOURCE))
        for room in ("cli", "api")
        for path in sorted((SOURCE / room).rglob("*.py"))
        if _calls(path)
    }
    assert opening == set(READS_A_RUN), "a new verb gets people from braid.web.access, or says here why it need not"


def test_a_named_verb_reads_the_tables_it_is_named_for():
    for name, tables in SHOWN_OF_A_RUN.items():
        named = {
            text.value
            for call in _calls(SOURCE / name)
            for keyword in call.keywords
            for text in ast.walk(keyword.value)
            if isinstance(text, ast.Constant)
        }
        assert named == tables


def test_scores_alone_are_made_of_a_run_in_waits():
    tree = ast.parse((SOURCE / "cli/waits.py").read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    opening = {
        function.name
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and node.id in OPENERS
    }
    assert opening == {"_compare"}
