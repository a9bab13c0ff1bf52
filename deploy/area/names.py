"""Invented people: names that belong to nobody, and identifiers in the forms that systems use."""

from dataclasses import dataclass
from random import Random
from typing import Final

FAMILIES: Final = (
    "Amberwell",
    "Applegarth",
    "Ashcombe",
    "Bellweather",
    "Birchmere",
    "Blackmarsh",
    "Bramblewick",
    "Brightwater",
    "Brindlecott",
    "Cardwell-Moss",
    "Castlegate",
    "Chalkridge",
    "Cloverdene",
    "Copperfold",
    "Crowhurstley",
    "Dapplemere",
    "Dewbury",
    "Drybrook",
    "Eastmarch",
    "Elderfleet",
    "Fallowmere",
    "Farthingay",
    "Fennimore",
    "Fernhollow",
    "Foxglade",
    "Frostwick",
    "Gallowglen",
    "Garthside",
    "Gillyflower",
    "Goosegreen",
    "Greyling",
    "Hallowbrook",
    "Harebell",
    "Harrowgate",
    "Hawkswell",
    "Hazelgrove",
    "Heatherley",
    "Hollinshade",
    "Honeybourne",
    "Inglefield",
    "Ivybridge",
    "Jessamy",
    "Juniperfield",
    "Kestrelman",
    "Kingsmere",
    "Kittiwake",
    "Larkhill",
    "Lavenderson",
    "Lindenwold",
    "Lockmere",
    "Longstaithe",
    "Lowmoor",
    "Mallowfield",
    "Mapledene",
    "Marchbanks",
    "Meadowcroft",
    "Merrivale",
    "Millrace",
    "Mossfield",
    "Netherby",
    "Nightingale",
    "Oakapple",
    "Oldfallow",
    "Osierbed",
    "Otterbourne",
    "Padstowe",
    "Partridgeley",
    "Pebblewick",
    "Pennyfeather",
    "Pinemarten",
    "Plumtree",
    "Quarrington",
    "Quillon",
    "Rainsford",
    "Ravenscar",
    "Redwater",
    "Riversmead",
    "Rookwood",
    "Rushbrook",
    "Saltmarsh",
    "Sandmere",
    "Sedgeley",
    "Silverbirch",
    "Skylark",
    "Snowberry",
    "Sorrelby",
    "Starling",
    "Stonecrop",
    "Summerhay",
    "Swallowfield",
    "Tamarisk",
    "Tansyfield",
    "Thistlewood",
    "Thornbury-Lees",
    "Tidewater",
    "Underhill",
    "Valerian",
    "Waterhen",
    "Wharfedale",
    "Willowherb",
    "Winterbourne",
    "Wrenthorpe",
    "Yarrowdale",
    "Yewdale",
)
GIVENS: Final = (
    "Abel",
    "Ada",
    "Agnes",
    "Alban",
    "Alma",
    "Amos",
    "Anselm",
    "Ansel",
    "Asa",
    "Aubrey",
    "Barnaby",
    "Beatrix",
    "Bede",
    "Bertha",
    "Bram",
    "Cecily",
    "Clement",
    "Clover",
    "Conrad",
    "Cora",
    "Cyril",
    "Daphne",
    "Dorcas",
    "Edgar",
    "Edith",
    "Edmund",
    "Effie",
    "Elias",
    "Elspeth",
    "Enid",
    "Ephraim",
    "Esme",
    "Ezra",
    "Fabian",
    "Felix",
    "Fern",
    "Flora",
    "Gideon",
    "Gilbert",
    "Greta",
    "Gwen",
    "Hector",
    "Hester",
    "Hilda",
    "Horace",
    "Hugh",
    "Ida",
    "Ines",
    "Isaac",
    "Ivo",
    "Jasper",
    "Jethro",
    "Jonas",
    "Juno",
    "Kit",
    "Lettice",
    "Linus",
    "Lorna",
    "Lucian",
    "Mabel",
    "Magnus",
    "Maud",
    "Merle",
    "Miles",
    "Minna",
    "Moses",
    "Myra",
    "Ned",
    "Nell",
    "Nora",
    "Odette",
    "Olive",
    "Orla",
    "Oscar",
    "Oswin",
    "Otto",
    "Percy",
    "Petra",
    "Phoebe",
    "Primrose",
    "Quentin",
    "Ralph",
    "Reuben",
    "Rhoda",
    "Rosamund",
    "Rowan",
    "Rufus",
    "Saul",
    "Selwyn",
    "Sibyl",
    "Silas",
    "Tabitha",
    "Thea",
    "Tobias",
    "Ursula",
    "Verity",
    "Viola",
    "Walter",
    "Wilfred",
    "Winifred",
    "Wystan",
    "Zillah",
)
OFFENDER: Final = "OFFENDER"
ADULT: Final = "ADULT"

_CHECK: Final = "ZABCDEFGHJKLMNPQRTUVWXY"  # letter of a PNC id: remainder by 23
_BORN: Final = {OFFENDER: (1960, 2004), ADULT: (1935, 1985)}


@dataclass(frozen=True, slots=True)
class Invented:
    """Somebody who does not exist.

    Attributes:
        kind: OFFENDER or ADULT: whose case it is.
        birth: year, month, day.
        identifier: a PNC id for an offender, else a number of the kind that the NHS gives.
    """

    kind: str
    given: str
    family: str
    birth: tuple[int, int, int]
    identifier: str

    @property
    def name(self) -> str:
        """In full."""
        return f"{self.given} {self.family}"

    @property
    def system(self) -> str:
        """Name of common.v1.IdentifierSystem."""
        return "IDENTIFIER_SYSTEM_PNC_ID" if self.kind == OFFENDER else "IDENTIFIER_SYSTEM_NHS_NUMBER"


def invent(number: int, kind: str, random: Random) -> Invented:
    """Somebody; `number` makes the identifier different from everybody else's."""
    first, last = _BORN[kind]
    birth = (random.randint(first, last), random.randint(1, 12), random.randint(1, 28))
    name = random.choice(GIVENS), random.choice(FAMILIES)
    return Invented(kind, *name, birth, _pnc(number) if kind == OFFENDER else _nhs(number))


def twin_of(other: Invented, number: int) -> Invented:
    """Somebody of the same name and birth under another identifier: a candidate for being the same person."""
    identifier = _pnc(number) if other.kind == OFFENDER else _nhs(number)
    return Invented(other.kind, other.given, other.family, other.birth, identifier)


def _pnc(number: int) -> str:
    year, serial = 1990 + number % 30, 1 + number // 30
    return f"{year}/{serial:07}{_CHECK[int(f'{year % 100:02}{serial:07}') % len(_CHECK)]}"


def _nhs(number: int) -> str:
    """Ten digits from the range 999, which is not given to anybody, with the check digit."""
    for serial in range(number * 2, number * 2 + 2):
        digits = f"999{serial:06}"
        check = 11 - sum(int(each) * (10 - place) for place, each in enumerate(digits)) % 11
        if check != 10:  # noqa: PLR2004  # there is no such digit: that number is never given
            return f"{digits}{check % 11}"
    return f"999{number * 2:06}0"
