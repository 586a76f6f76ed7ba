"""Print our row of the table of figures that we compare ourselves by; it informs and never fails.

    ./braid test --figures

Python under src/braid without migrations, empty `__init__` files and data. Lengths are lines with docstrings. Branches
are counted the way of McCabe. "Value" is the share of raised messages that name a place or a value.
"""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parents[1]
SOURCE = HOME / "src" / "braid"
Function = ast.FunctionDef | ast.AsyncFunctionDef
NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.ExceptHandler, ast.IfExp, ast.match_case, ast.comprehension)


def python_files(folder: Path) -> dict[Path, str]:
    """Return the text of each Python file that counts."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    return {
        path: text
        for path, text in texts.items()
        if "migrations" not in path.parts and not (path.name == "__init__.py" and text.count("\n") < 5)
    }


def functions(tree: ast.AST) -> list[Function]:
    """Return the functions and methods of a module."""
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def length(function: Function) -> int:
    """Return the lines of a function, docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def parameters(function: Function) -> list[ast.arg]:
    """Return the parameters, without `self` and `cls`."""
    given = function.args
    return [one for one in (*given.posonlyargs, *given.args, *given.kwonlyargs) if one.arg not in ("self", "cls")]


def branches(function: Function) -> int:
    """Return one more than the number of decisions."""
    nodes = list(ast.walk(function))
    joins = sum(len(node.values) - 1 for node in nodes if isinstance(node, ast.BoolOp))
    return 1 + joins + sum(isinstance(node, BRANCHES) for node in nodes)


def nesting(node: ast.AST, depth: int = 0) -> int:
    """Return how deep blocks stand in blocks; `elif` is not deeper than its `if`."""
    deepest = depth
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                is_elif = isinstance(node, ast.If) and name == "orelse" and isinstance(child, ast.If)
                step = 0 if is_elif else int(isinstance(child, NESTING))
                deepest = max(deepest, nesting(child, depth + step))
    return deepest


def is_typed(function: Function) -> bool:
    """Return whether the result and every parameter have a type."""
    return function.returns is not None and all(parameter.annotation for parameter in parameters(function))


def messages(tree: ast.AST) -> Iterator[bool]:
    """Yield for each raised message whether it names something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            said = [part for argument in node.exc.args for part in ast.walk(argument)]
            yield any(isinstance(part, ast.FormattedValue | ast.Name | ast.Attribute) for part in said)


def hidden_imports(tree: ast.AST) -> int:
    """Return the number of imports inside functions."""
    return sum(
        isinstance(node, ast.Import | ast.ImportFrom) for function in functions(tree) for node in ast.walk(function)
    )


def two_way_imports(trees: dict[Path, ast.Module]) -> int:
    """Return the number of pairs of rooms that import each other."""
    seen = set()
    for path, tree in trees.items():
        room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("braid."):
                seen.add((room, str(node.module).split(".")[1]))
    return sum((other, room) in seen for room, other in seen if room < other)


def percentile(values: Sequence[int], percent: int) -> int:
    """Return the nearest-rank percentile; 0 for no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(percent / 100 * len(ordered)))] if ordered else 0


def spread(values: Sequence[int]) -> str:
    """Return median, 95th percentile and largest value."""
    middle = round(statistics.median(values)) if values else 0
    return f"{middle}/{percentile(values, 95)}/{max(values, default=0)}"


def share(flags: Sequence[bool]) -> int:
    """Return the share of true flags in whole per cent; 0 for none."""
    return round(100 * sum(flags) / len(flags)) if flags else 0


def row() -> dict[str, str]:
    """Return our row, column by column."""
    texts = python_files(SOURCE)
    trees = {path: ast.parse(text) for path, text in texts.items()}
    lines = [text.count("\n") for text in texts.values()]
    found = [function for tree in trees.values() for function in functions(tree)]
    tests = sum(text.count("\n") for text in python_files(HOME / "tests").values())
    documented, typed = share([bool(ast.get_docstring(one)) for one in found]), share([is_typed(one) for one in found])
    return {
        "files": str(len(texts)),
        "kLOC": f"{sum(lines) / 1000:.1f}",
        "file lines med/p95/max": spread(lines),
        "function lines med/p95/max": spread([length(function) for function in found]),
        "params p95": str(percentile([len(parameters(function)) for function in found], 95)),
        "branches p95/max": spread([branches(function) for function in found]).partition("/")[2],
        "nesting p95": str(percentile([nesting(function) for function in found], 95)),
        "docstr / typed %": f"{documented} / {typed}",
        "value %": str(share([named for tree in trees.values() for named in messages(tree)])),
        "tests:code": f"{tests / max(1, sum(lines)):.1f}",
        "hidden imports": str(sum(hidden_imports(tree) for tree in trees.values())),
        "two-way imports": str(two_way_imports(trees)),
    }


def main() -> None:
    """Print the row as a table."""
    figures = row()
    print("|", " | ".join(figures), "|")
    print("|", " | ".join("---" for _ in figures), "|")
    print("|", " | ".join(figures.values()), "|")


if __name__ == "__main__":
    main()
