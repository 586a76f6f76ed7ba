"""Names of a whole place in SQL: what `braid.people.names` says of one name, for all that are written at once.

A place writes the same few names again and again, so each text is read once and joined to its records. Every function
used is on the list of portable SQL, and patterns are plain enough to mean the same on both engines.
"""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from braid.people import names
from braid.store.engine import Engine

TABLES = (
    "linkage_number",
    "linkage_group",
    "linkage_other",
    "linkage_text",
    "linkage_folded",
    "linkage_word",
    "linkage_form",
    "linkage_name",
    "linkage_name_of",
)
"""What is made on the way, in order; whoever standardises forgets them."""
_LAST_OF_BASIC_PLANE = 0x10000
_LATIN_BLOCKS = ((0x80, 0x0250), (0x1E00, 0x1F00), (0xFB00, 0xFB07))


def create_names(engine: Engine) -> None:
    """Create `linkage_name`, a row a text as written, and `linkage_name_of`, a row a record that has further names.

    Both hold `words` and `forms` by `kind` (`forename` or `surname`); a text without a name has no row. Reads
    `person_record`. Of a text no more than 32 words count.
    """
    _load_lists(engine)
    for name, query in (
        ("linkage_other", _OTHER),
        ("linkage_text", _TEXT),
        ("linkage_folded", _folded()),
        ("linkage_word", _WORD),
        ("linkage_form", _FORM),
        ("linkage_name", _gather("written", "linkage_word", "linkage_form")),
        ("linkage_name_of", _gather("record_id", _of_record("word"), _of_record("form"))),
    ):
        engine.create(name, query)


@cache
def letters() -> tuple[dict[str, str], dict[str, str], str]:
    """Return what folding makes of single characters: one letter, several letters, nothing.

    Taken from `fold` itself, character by character, over the Basic Multilingual Plane; several letters over the Latin
    blocks alone. What is in none of the three is a space.
    """
    ones: dict[str, str] = {}
    several: dict[str, str] = {}
    nothing = names.APOSTROPHES
    for code in range(0x80, _LAST_OF_BASIC_PLANE):
        char = chr(code)
        if char in nothing or names.is_no_letter(char):
            continue
        made = names.fold(f"a{char}a")[1:-1]
        if made == "":
            nothing += char
        elif len(made) == 1 and made != " ":
            ones[char] = made
        elif made != " " and any(first <= code < last for first, last in _LATIN_BLOCKS):
            several[char] = made
    return ones, several, nothing


def _load_lists(engine: Engine) -> None:
    numbers = {"number": pa.array(range(1, 33), pa.int32())}
    engine.load_arrow("linkage_number", pa.table(numbers))
    rows = [
        (kind, form, group)
        for kind in ("forename", "surname")
        for form, groups in names.read_groups(f"{kind}s").items()
        for group in groups
    ]
    columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
    engine.load_arrow("linkage_group", pa.table(columns, names=["kind", "form", "name"]))


_SPACED = "trim(regexp_replace(split_part(other_names, ';', number), '[ \t\r\n]+', ' ', 'g'))"
_OTHER = f"""
  select other_names, place, regexp_replace(part, ' [^ ]+$', '') as forename,
    regexp_replace(part, '^([^ ]+ )+', '') as surname
  from (select distinct other_names, number as place, {_SPACED} as part from person_record
    join linkage_number on number <= length(other_names) - length(replace(other_names, ';', '')) + 1) as spaced
  where part <> ''
"""
_TEXT = """
  select 'forename' as kind, given_name as written from person_record where given_name is not null
  union select 'surname', family_name from person_record where family_name is not null
  union select 'forename', forename from linkage_other
  union select 'surname', surname from linkage_other
"""


_PARTICLES = ", ".join(f"'{part}'" for part in sorted(names.PARTICLES))
_WORD = f"""
  select kind, written, number as place, split_part(text, ' ', number) as word
  from linkage_folded join linkage_number on number <= length(text) - length(replace(text, ' ', '')) + 1
  where kind = 'forename' and text <> ''
  union all
  select kind, written, segment * 1000, replace(text, ' ', '')
  from ({{segments}}) as closed_up where text <> ''
  union all
  select kind, written, segment * 1000 + number, split_part(text, ' ', number)
  from ({{segments}}) as parts join linkage_number on number <= length(text) - length(replace(text, ' ', '')) + 1
  where length(split_part(text, ' ', number)) > 2 and split_part(text, ' ', number) not in ({_PARTICLES})
""".format(
    segments="""
    select kind, written, number as segment, trim(split_part(text, '|', number)) as text
    from linkage_folded join linkage_number on number <= length(text) - length(replace(text, '|', '')) + 1
    where kind = 'surname'
    """
)
_FORM = """
  select w.kind, w.written, w.place, coalesce(g.name, w.form) as form
  from (
    select kind, written, place,
      case when kind = 'surname' and starts_with(word, 'mac') and length(word) > 5 then concat('mc', substring(word, 4))
        else word end as form
    from linkage_word
  ) as w left join linkage_group g on g.kind = w.kind and g.form = w.form
"""


def _gather(key: str, words: str, forms: str) -> str:
    """A row a key and kind: its words in order, each once, and the groups they belong to."""
    return f"""
      select w.kind, w.{key}, w.words, f.forms
      from (select kind, {key}, br_list(word, place) as words
        from (select kind, {key}, word, min(place) as place
          from {words} as every group by kind, {key}, word) as each_once
        group by kind, {key}) as w
      join (select kind, {key}, br_list(form, place) as forms
        from (select kind, {key}, form, min(right('00000000' || cast(place as varchar), 9) || form) as place
          from {forms} as every group by kind, {key}, form) as each_once
        group by kind, {key}) as f on f.kind = w.kind and f.{key} = w.{key}
    """


def _of_record(what: str) -> str:
    """Words or forms of records with further names: of the name itself, then of the further ones in order."""
    return f"""(
      select t.record_id, t.kind, t.name_place * 100000 + e.place as place, e.{what}
      from (
        select record_id, 'forename' as kind, given_name as written, 0 as name_place
        from person_record where other_names is not null
        union all select record_id, 'surname', family_name, 0 from person_record where other_names is not null
        union all select p.record_id, 'forename', o.forename, o.place
        from person_record p join linkage_other o on o.other_names = p.other_names
        union all select p.record_id, 'surname', o.surname, o.place
        from person_record p join linkage_other o on o.other_names = p.other_names
      ) as t join linkage_{what} e on e.kind = t.kind and e.written = t.written
    )"""


def _folded() -> str:
    """Every text as words one space apart, without what is no name; a bar stands between surnames of one person."""
    patterns = {
        "parted": _every("text", f"[{names.SEPARATORS}]", "|"),
        "words": _every("text", "[^a-z|]+", " "),
        "forename": _apart("replace(text, '|', ' ')"),
        "surname": _apart("replace(text, '|', ' | ')"),
    }
    forename = _every("forename", names.FORENAME_PHRASE_PATTERN, " ")
    forename = _without(_every(forename, names.NEWBORN_PATTERN, " "), names.NO_FORENAMES)
    surname = _every(_every("surname", names.PHRASE_PATTERN, " "), names.FORMERLY_PATTERN, "|")
    surname = _without(surname, names.NO_SURNAMES)
    is_other = f"trim(forename) = '' and br_matches(written, '[{names.OTHER_SCRIPTS}]')"
    begun = _every("replace(written, '|', ' ')", names.BABY_OF_PATTERN, " baby of ")
    return f"""
      select kind, written, trim(case when {is_other} then {_other_words()}
        when kind = 'forename' then {forename} else {surname} end) as text
      from (select kind, written, {patterns["forename"]} as forename, {patterns["surname"]} as surname
      from (select kind, written, {patterns["words"]} as text
      from (select kind, written, {patterns["parted"]} as text
      from (select kind, written, {_small_letters("text")} as text
      from (select kind, written, {begun} as text from linkage_text) as begun) as small) as parted) as words) as apart
    """


def _small_letters(text: str) -> str:
    """Fold letters and drop apostrophes. Most names are plain, and the long lists are asked for the others alone."""
    ones, several, nothing = letters()
    rare = text
    for char, made in several.items():
        rare = f"replace({rare}, '{char}', '{made}')"
    rare = f"translate({rare}, '{''.join(ones)}{_quoted(nothing)}', '{''.join(ones.values())}')"
    plain = f"translate({text}, '{_quoted(names.APOSTROPHES)}', '')"
    return f"lower(case when br_matches({text}, '[^ -~]') then {rare} else {plain} end)"


def _other_words() -> str:
    """What `braid.people.names.other_words` says of `written`, one space between any two words."""
    made = names.other_letters()
    ones = {char: one for char, one in made.items() if one}
    nothing = names.APOSTROPHES + "".join(char for char, one in made.items() if not one)
    plain = f"translate(written, '{''.join(ones)}{_quoted(nothing)}', '{''.join(ones.values())}')"
    return _every(plain, f"[^{names.OTHER_SCRIPTS}]+", " ")


def _apart(text: str) -> str:
    return f"' ' || {_every(f'trim({text})', ' +', '  ')} || ' '"


def _without(text: str, words: frozenset[str]) -> str:
    """Drop whole words, then leave one space between any two."""
    return _every(_every(text, f" ({'|'.join(sorted(words))}) ", ""), " +", " ")


def _every(text: str, pattern: str, instead: str) -> str:
    return f"regexp_replace({text}, '{pattern}', '{instead}', 'g')"


def _quoted(text: str) -> str:
    return text.replace("'", "''")
