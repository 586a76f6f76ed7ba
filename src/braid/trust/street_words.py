"""The words of British addresses: kinds of street and building with their short forms, numbers in words, fillers.

Everything is in the folded form of `braid.trust.locations`: lower case, no accents, no apostrophes.
"""

from __future__ import annotations

_TYPES = """
alley aly|approach app appr|apartments apts|arcade arc|avenue ave av aven|bank bk|barn|boulevard blvd bvd|bridge br bri
|broadway bdwy bwy|buildings building bldgs bldg blds|bungalow bglw|causeway cswy|chambers chmbrs|chase ch|circus circ
|close cl clo cls|common cmn com|copse cps|corner cnr crnr|cottage cottages cott cotts cot|court courts ct crt cts
|crescent cres cr crs cresc|croft crft|dale|dell|dene|drive dr drv|drove|embankment emb|end|esplanade esp|estate est
|farm fm|field fields fld flds|flats flts|fold|garden gardens gdn gdns gdens gard|garth|gate gt|glade gld|glen
|green grn gn|grove gr gro grv|hall|heath hth|heights hts hgts|hey|highway hwy|hill hl|holt|house houses hse hses ho
|lane ln la|lea|leys|link|lodge ldg lge|loop|manor mnr|mansions mans mansion|meadow meadows mdw mdws mead|mews mws mew
|mill|mount mt|nook|orchard orch|oval|parade pde par|park pk|passage psge pass|path pth|place pl plc|point pt|precinct
|promenade prom|quay qy|ride|ridge rdg|rise rse ri|road rd roads rds|row|side|spinney|square sq sqr|street st str strt
|terrace terr ter tce trce|tower towers twr twrs|vale vl|view vw vws|villa villas vlls vls|walk wlk wk|way wy|wharf whf
|wood woods wd wds|yard yd"""
_GROUPS = [frozenset(group.split()) for group in _TYPES.split("|")]
TYPES: dict[str, frozenset[str]] = {}
"""Each way to write a kind of street or building, and all ways to write what it may stand for."""
for _group in _GROUPS:
    for _word in _group:
        TYPES[_word] = TYPES.get(_word, frozenset()) | _group
_LONG = "saint st|mount mt|north n|south s|east e|west w|upper upr|lower lwr|great gt|little lt|doctor dr|and n"
VARIANTS: dict[str, frozenset[str]] = {
    word: frozenset(group.split()) for group in _LONG.split("|") for word in group.split()
}
"""Words of a name that people shorten."""
WEAK = frozenset(
    "bank bridge common dale dene down end field fields gate glen green heath hill holt lea mill mount park point side"
    " vale view wood woods".split()
)
"""Kinds of street that are the end of many a town's name too: after a street they are a place."""
UNITS = frozenset(
    "flat flats apartment apt unit room rm floor block maisonette studio plot caravan pitch bedsit no nr num number"
    " basement ground annexe".split()
)
FILLERS = frozenset("at of on in the a no nr num number house flat apartment apt unit room and is".split())
"""Words that stand between a house number and its street, and say nothing."""
ORDINARY = frozenset(
    "the a of and in st saint high main station church park mill school new old north south east west n s"
    " e w upper lower king kings queen queens victoria albert george london green manor grove hill bridge"
    " market castle chapel court hospital college york windsor richmond crown family county youth combined"
    " back front cross river lake wood farm hall garden gardens town village care home childrens first"
    " second third long broad common public local council main middle great little central city university"
    " library police fire health medical business industrial retail car bus train railway airport country"
    " summer winter spring open safe community day night work working good next right left other same any"
    " every this that your our their one two parent parents sports".split()
)
"""Words that make a name nobody takes for an address, with a kind of street behind them or not."""
COMMON = frozenset(
    (
        "mill lane|springfield road|highfield road|grange road|stanley road|chester road|manchester road|"
        "alexandra road|alexander road|highfield avenue|woodlands road|beech road|oak avenue|york street|"
        "wood street|cambridge road|rose cottage|ivy cottage|holly cottage|oak cottage|orchard house|"
        "orchard cottage|yew tree cottage|rose gardens|meadow view|park view|hill view|sunny bank|wood lane|"
        "moor lane|back lane|cross street|bridge street|water lane"
    ).split("|")
)
"""Names that stand in most towns, beside those made of `ORDINARY` words: alone they name no place."""
COUNTRIES = frozenset({"uk", "united kingdom", "england", "wales", "scotland", "northern ireland", "great britain"})
SCHOOL_WORDS = frozenset(
    "school sch schools primary prim secondary sec academy acad college coll junior jnr infant infants"
    " high upper lower middle first nursery preschool sixth form grammar comprehensive community catholic"
    " rc ce cofe church england c e of voluntary aided controlled free studio special the and roman".split()
)
SCHOOL_SIGNS = frozenset(
    "school schools primary secondary academy college junior infant infants nursery grammar pupil pupils class classes"
    " teacher headteacher reception year enrolled attends attend attending goes go starts started sch".split()
)
GP_WORDS = frozenset(
    "surgery surgeries medical centre center practice health clinic doctors doctor gp the and group family partnership"
    " of".split()
)
GP_SIGNS = frozenset("surgery medical practice clinic gp doctor doctors patient registered".split()) | {"health"}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "_ _ twenty thirty forty fifty sixty seventy eighty ninety".split()


def number_words(number: int) -> str:
    """Return a pattern of a number up to 199 in words, spaces left to taste; empty for a larger one."""
    if number < 20:
        return _ONES[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f" ?{_ONES[ones]}" if ones else "")
    if number < 200:
        rest = f" ?(?:and ?)?{number_words(number - 100)}" if number > 100 else ""
        return f"(?:a|one) ?hundred{rest}"
    return ""
