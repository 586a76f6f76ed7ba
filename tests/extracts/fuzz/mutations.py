"""Ways to damage a file: bytes, lines, cells, nodes, encodings, and the bombs that are known of each format.

A canary stands for a person's value. It goes where values stand, never into a heading or a key, since columns and keys
that nobody knows are named to people on purpose.
"""

from __future__ import annotations

import copy
import io
import json
import re
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CANARY = "Zz canary 7#"
Mutation = Callable[[Random, bytes], bytes]
JUNK = (
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b'"', b"'", b",", b";", b"\t", b"\r", b"\n", b"\r\n", b"\\", b"<",
    b">",    b"&", b"{", b"}", b"[", b"]", b":", b"=", b"\xc2\xa0", b"\xe2\x80\x93", b"\x1a", b"\x85", b"\xe2\x80\xa8",
    b"-", b"0",
)  # fmt: skip
CELLS = (
    CANARY, "", " ", "0", "-1", "1e999", "NaN", "9" * 400, "31/02/2026", "2026-02-30", "0001-01-01", "9999-12-31",
    "10000-01-01", "2026-01-01T25:00", "2026-03-29T01:30:00", "2026-01-01T00:00:00+99:99", "1/1/26", "01-Jan-2026",
    "45000", "true", "Y", "N/A", "#N/A", "=1+1", "\u0661\u0662", "\u00a0", "\u202e", "a\u0300", "\U0001f600",
    "999 999 9999", "A1", "SW1A 1AA", "'; drop table x; --", "../../x", "x" * 5000, "\u2028", "İ", "ß",
)  # fmt: skip
NODES: tuple[Any, ...] = (
    None, True, False, 0, -1, 10**30, 1e308, -0.0, [], {}, [[]], [None], [{}], {"value": {}}, {"id": CANARY}, [CANARY],
    *CELLS,
)  # fmt: skip


def flip_bytes(chance: Random, data: bytes) -> bytes:
    """Change some bytes to others."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def insert_junk(chance: Random, data: bytes) -> bytes:
    """Put a mark that means something in some format where nobody expects it."""
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(JUNK) * chance.choice((1, 1, 2, 50)) + data[at:]


def cut(chance: Random, data: bytes) -> bytes:
    """Leave the end out, or a stretch in the middle."""
    start, end = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
    return data[:start] if chance.random() < 0.5 else data[:start] + data[end:]


def repeat(chance: Random, data: bytes) -> bytes:
    """Write a stretch several times."""
    start = chance.randint(0, len(data))
    stretch = data[start : start + chance.choice((1, 10, 100, 1000))]
    return data[:start] + stretch * chance.choice((2, 3, 20)) + data[start:]


def move_lines(chance: Random, data: bytes) -> bytes:
    """Swap, double or drop lines; end them another way."""
    lines = data.splitlines(keepends=True)
    if len(lines) < 2:
        return insert_junk(chance, data)
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    way = chance.randrange(4)
    if way == 0:
        lines[first], lines[second] = lines[second], lines[first]
    elif way == 1:
        lines.insert(first, lines[second])
    elif way == 2:
        del lines[first]
    else:
        return chance.choice((b"\r\n", b"\r", b"\n\n")).join(line.rstrip(b"\r\n") for line in lines)
    return b"".join(lines)


def encode_otherwise(chance: Random, data: bytes) -> bytes:
    """Write the text in another encoding, or say so and do not."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return b"\xff\xfe" + data
    way = chance.randrange(5)
    if way == 0:
        return text.encode("utf-16")
    if way == 1:
        return text.replace("e", "é").encode("cp1252", "replace")
    if way == 2:
        return b"\xef\xbb\xbf" + data
    if way == 3:
        return text.replace("e", "\x81").encode("latin-1", "replace")
    name = chance.choice(("utf-7", "utf-16", "ebcdic-cp-us", "nothing", "ISO-8859-1", "UTF-32"))
    return f'<?xml version="1.0" encoding="{name}"?>'.encode() + data


def change_cell(chance: Random, data: bytes) -> bytes:
    """Put another value into a cell below the heading, or make rows longer or shorter."""
    lines = data.split(b"\n")
    if len(lines) < 2:
        return insert_junk(chance, data)
    delimiter = max((b",", b";", b"\t"), key=lines[0].count)
    for _ in range(chance.randint(1, 4)):
        row = chance.randrange(1, len(lines))
        cells = lines[row].split(delimiter)
        at = chance.randrange(len(cells))
        way = chance.random()
        if way < 0.8:
            cells[at] = chance.choice(CELLS).encode()
        elif way < 0.9:
            cells.insert(at, CANARY.encode())
        else:
            del cells[at]
        lines[row] = delimiter.join(cells)
    return b"\n".join(lines)


def change_json(chance: Random, data: bytes) -> bytes:
    """Replace, nest, double or drop nodes of a JSON document."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return insert_junk(chance, data)
    for _ in range(chance.randint(1, 4)):
        holders = list(_holders(value))
        if not holders:
            break
        holder = chance.choice(holders)
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        way = chance.randrange(6)
        if way < 3:
            holder[key] = copy.deepcopy(chance.choice(NODES))
        elif way == 3:
            holder[key] = [holder[key]]
        elif way == 4:
            holder[key] = {"value": holder[key]}
        else:
            del holder[key]
    text = json.dumps(value, ensure_ascii=chance.random() < 0.5, indent=chance.choice((None, 1)))
    return text.encode("utf-8", "replace")


def _holders(value: Any) -> Any:
    if isinstance(value, dict | list) and value:
        yield value
        for below in value.values() if isinstance(value, dict) else value:
            yield from _holders(below)


def break_json(chance: Random, data: bytes) -> bytes:
    """Write what the grammar of JSON allows and nobody expects: depth, doubled keys, huge numbers, half characters."""
    text = data.decode(errors="replace")
    bomb = chance.choice((
        "[" * 2000 + "]" * 2000, '{"a":' * 2000 + "1" + "}" * 2000, "1" * 5000, "1e" + "9" * 20, "-0", "0.1e-400",
        '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000"', "NaN", "-Infinity", '{"a": 1, "a": 2}',
        '"' + "\\u0061" * 3000 + '"',
        "[" + "[]," * 3000 + "[]]", f'"{CANARY}"',
    ))  # fmt: skip
    places = [found.start() for found in re.finditer(r'(?<=: )(?:"[^"]*"|[\d.]+|true|false|null|\{|\[)', text)]
    if not places:
        return bomb.encode()
    at = chance.choice(places)
    end = re.compile(r'"[^"]*"|[\d.]+|true|false|null').match(text, at)
    return (text[:at] + bomb + (text[end.end() :] if end else f", {text[at:]}")).encode("utf-8", "replace")


def break_xml(chance: Random, data: bytes) -> bytes:
    """Change elements, put entities, bombs, instructions and namespaces in."""
    text = data.decode(errors="replace")
    way = chance.randrange(8)
    if way == 0:
        entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else CANARY}">' for n in range(9))
        return f"<!DOCTYPE x [{entities}]>{text.replace('</', '&a8;</', 1)}".encode()
    if way == 1:
        return f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>{text.replace("</", "&a;</", 1)}'.encode()
    tags = list(re.finditer(r"<(/?)([A-Za-z][\w.-]*)([^<>]*)>", text))
    if not tags:
        return insert_junk(chance, data)
    tag = chance.choice(tags)
    new = {
        2: "<" * chance.choice((1, 300)),
        3: f"<{tag[2]}>" * 400,
        4: f"<!-- {CANARY} --><?x {CANARY}?>{tag[0]}",
        5: f"<![CDATA[{CANARY}]]>{tag[0]}",
        6: tag[0].replace(">", f' xmlns="urn:{chance.randint(0, 3)}">', 1),
        7: f"{tag[0]}{chance.choice(CELLS)}",
    }[way]
    return (text[: tag.start()] + new + text[tag.end() :]).encode("utf-8", "replace")


def change_xml_value(chance: Random, data: bytes) -> bytes:
    """Put other values where texts and attributes of elements stand."""
    text = data.decode(errors="replace")
    places = list(re.finditer(r'(?<=>)[^<>\n]+(?=<)|(?<=value=")[^"]*(?=")', text))
    for found in sorted(chance.sample(places, min(len(places), chance.randint(1, 4))), key=lambda one: -one.start()):
        new = chance.choice(CELLS).replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        text = text[: found.start()] + new + text[found.end() :]
    return text.encode("utf-8", "replace")


def change_zip(chance: Random, data: bytes) -> bytes:
    """Change a member of a workbook, leave one out, or blow one up."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError, RuntimeError, ValueError, zlib.error):
        return flip_bytes(chance, data)
    if not members:
        return flip_bytes(chance, data)
    name = chance.choice(sorted(members))
    way = chance.randrange(6)
    if way == 0:
        del members[name]
    elif way == 1:
        members[name] = b"\x00" * 3_000_000
    elif way == 2:
        members["../" + name] = members[name]
    else:
        members[name] = chance.choice((flip_bytes, cut, insert_junk, break_xml, change_xml_value))(
            chance, members[name]
        )
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return held.getvalue()


def change_parquet(chance: Random, data: bytes) -> bytes:
    """Write a column of Parquet anew: other values, another type, nested, under another name, twice, or not at all."""
    try:
        table = pq.read_table(io.BytesIO(data))
    except (pa.ArrowException, OSError, ValueError):
        return flip_bytes(chance, data)
    if not table.num_columns:
        return flip_bytes(chance, data)
    at = chance.randrange(table.num_columns)
    name, rows = table.column_names[at], table.num_rows
    way = chance.randrange(8)
    cells = [chance.choice(CELLS).encode("utf-8", "replace") for _ in range(rows)]
    if way == 0:
        table = table.remove_column(at)
    elif way == 1:
        table = table.append_column(name, table.column(at))
    elif way == 2:
        table = table.rename_columns(
            ["x" * 300 if place == at else one for place, one in enumerate(table.column_names)]
        )
    else:
        made = (
            pa.array([cell.decode() for cell in cells]),
            pa.array(cells, pa.binary()),
            pa.array([chance.choice((None, 0, -(2**63), 2**63 - 1)) for _ in range(rows)], pa.int64()),
            pa.array([[cell.decode()] for cell in cells]),
            pa.array([chance.choice((None, 0, 10**14)) for _ in range(rows)], pa.timestamp("ms")),
        )[way - 3]
        table = table.set_column(at, name, made)
    held = io.BytesIO()
    pq.write_table(table, held, compression=chance.choice(("none", "snappy", "zstd")))
    return held.getvalue()


def change_line_of_toml(chance: Random, data: bytes) -> bytes:
    """Give a line of a TOML file another value, another key or another place."""
    lines = data.decode(errors="replace").split("\n")
    at = chance.randrange(len(lines))
    key, equals, _ = lines[at].partition("=")
    way = chance.randrange(4)
    if way == 0 and equals:
        values = (
            "1",
            "true",
            "[]",
            "{}",
            '""',
            f'"{CANARY}"',
            "1979-05-27",
            "[[1]]",
            '{a = "b"}',
            "nan",
            "'x'",
            "[1, 'a']",
        )
        lines[at] = f"{key}= {chance.choice(values)}"
    elif way == 1:
        lines[at] = f"new_key = {at}"
    elif way == 2:
        lines.insert(chance.randrange(len(lines)), lines[at])
    else:
        del lines[at]
    return "\n".join(lines).encode("utf-8", "replace")


ANY: tuple[Mutation, ...] = (flip_bytes, insert_junk, cut, repeat, move_lines, encode_otherwise)
BY_FORM: dict[str, tuple[Mutation, ...]] = {
    "csv": (*ANY, change_cell, change_cell, change_cell, change_cell),
    "json": (*ANY, change_json, change_json, change_json, break_json, break_json),
    "xml": (*ANY, break_xml, break_xml, change_xml_value, change_xml_value, change_xml_value),
    "xlsx": (flip_bytes, cut, change_zip, change_zip, change_zip),
    "parquet": (flip_bytes, cut, insert_junk, change_parquet, change_parquet, change_parquet, change_parquet),
    "toml": (*ANY, change_line_of_toml, change_line_of_toml, change_line_of_toml, change_line_of_toml),
}


def mutate(chance: Random, form: str, data: bytes) -> bytes:
    """Return data of a form damaged in one to three ways; now and then not at all."""
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
        data = chance.choice(BY_FORM[form])(chance, data)
        if len(data) > 4_000_000:
            break
    return data
