"""The words that questions are made of: one list the tiny models have met, one they have not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One vocabulary: every entity a family may put into a question.

    Attributes:
        capitals: country → its capital.
        names: first names of people.
        cities: towns that people live in and weather is asked for.
        kinds: the name of a kind of thing → members of that kind; members are in one kind only.
        things: what a review is about.
        praise: adjectives that make a review positive.
        blame: adjectives that make a review negative.
        jobs: what people do.
        tickets: desk → complaints that belong there.
    """

    capitals: Mapping[str, str]
    names: tuple[str, ...]
    cities: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]
    things: tuple[str, ...]
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    jobs: tuple[str, ...]
    tickets: Mapping[str, tuple[str, ...]]


def _pairs(text: str) -> dict[str, str]:
    return dict(pair.strip().split(":") for pair in text.split(","))


def _kinds(**members: str) -> dict[str, tuple[str, ...]]:
    return {kind: tuple(text.split()) for kind, text in members.items()}


KNOWN = Words(
    capitals=_pairs(
        "France:Paris,Germany:Berlin,Italy:Rome,Spain:Madrid,Japan:Tokyo,China:Beijing,Egypt:Cairo,"
        "Greece:Athens,Poland:Warsaw,Norway:Oslo,Sweden:Stockholm,Cuba:Havana,Peru:Lima,Kenya:Nairobi,"
        "Austria:Vienna,Hungary:Budapest,Portugal:Lisbon,Ireland:Dublin,Finland:Helsinki,Denmark:Copenhagen,"
        "Belgium:Brussels,Canada:Ottawa,Chile:Santiago,Russia:Moscow,Turkey:Ankara,Iran:Tehran,Iraq:Baghdad,"
        "Thailand:Bangkok,Vietnam:Hanoi,Nepal:Kathmandu,Ghana:Accra,Senegal:Dakar,Uganda:Kampala,Libya:Tripoli,"
        "Jordan:Amman,Lebanon:Beirut,Syria:Damascus,Romania:Bucharest,Bulgaria:Sofia,Serbia:Belgrade,"
        "Croatia:Zagreb,Latvia:Riga,Estonia:Tallinn,Iceland:Reykjavik,Ukraine:Kyiv,Colombia:Bogota,"
        "Ecuador:Quito,Bolivia:Sucre"
    ),
    names=tuple(
        "Anna Ben Clara David Emma Frank Grace Henry Ida Jack Karen Leo Maria Noah Olga Peter Rosa Sam Tina Victor "
        "Walter Yara Adam Bella Carl Dora Eric Fiona Hugo Irene Jonas Kate Lucas Mona Nina Oscar Paula Ralph "
        "Sara Tom".split()
    ),
    cities=tuple(
        "Paris Berlin Rome Madrid Tokyo Cairo Athens Warsaw Oslo Lima Vienna Dublin Boston Leeds Lyon Milan Porto "
        "Turin Bergen Geneva Naples Malmo Dallas Denver Bristol Munich Sydney Toronto Osaka Delhi".split()
    ),
    kinds=_kinds(
        fruit="apple pear plum cherry grape lemon peach mango banana melon",
        animal="dog cat horse tiger lion sheep goat rabbit mouse bear",
        color="red blue green yellow black white purple grey pink brown",
        tool="hammer saw drill wrench axe shovel rake pliers chisel ladder",
        vehicle="car bus train truck bicycle boat scooter tram van ferry",
        drink="tea coffee milk water juice beer wine cider soda cocoa",
        garment="shirt coat hat sock glove scarf dress skirt boot belt",
        instrument="piano violin guitar flute drum harp trumpet cello organ banjo",
    ),
    things=tuple(
        "movie book meal hotel phone game service product room trip show song lamp chair bike "
        "pizza soup app store jacket".split()
    ),
    praise=tuple(
        "great lovely excellent wonderful amazing good superb brilliant charming perfect fine pleasant".split()
    ),
    blame=tuple("awful terrible horrible bad boring poor dreadful nasty ugly broken useless dull".split()),
    jobs=tuple("baker nurse teacher farmer pilot lawyer painter singer cook driver doctor writer".split()),
    tickets={
        "billing": (
            "I was charged twice",
            "my invoice is wrong",
            "I want a refund",
            "the price on my bill is too high",
            "my card was billed again",
            "I need a receipt",
        ),
        "technical": (
            "the app crashes",
            "the page does not load",
            "I get an error message",
            "the screen stays black",
            "the sync is stuck",
            "the video has no sound",
        ),
        "account": (
            "I forgot my password",
            "I cannot log in",
            "I want to change my email",
            "please delete my profile",
            "my user name is taken",
            "I need to close my account",
        ),
    },
)

UNSEEN = Words(
    capitals=_pairs(
        "Mongolia:Ulaanbaatar,Fiji:Suva,Malta:Valletta,Cyprus:Nicosia,Laos:Vientiane,Bhutan:Thimphu,Zambia:Lusaka,"
        "Angola:Luanda,Rwanda:Kigali,Uruguay:Montevideo,Paraguay:Asuncion,Jamaica:Kingston,Qatar:Doha,Oman:Muscat,"
        "Slovenia:Ljubljana,Lithuania:Vilnius,Albania:Tirana,Moldova:Chisinau"
    ),
    names=tuple(
        "Bartholomew Quentin Xenia Zoltan Ottilie Ignatius Wilhelmina Thaddeus Persephone "
        "Ludmila Casimir Eulalia".split()
    ),
    cities=tuple("Gdansk Utrecht Bilbao Zwolle Trieste Poznan Cork Aarhus Quebec Nagoya Lucknow Hobart".split()),
    kinds=_kinds(
        insect="beetle wasp moth cricket mosquito termite ladybug hornet",
        metal="copper iron zinc silver nickel cobalt tin chromium",
        furniture="sofa wardrobe shelf stool bench cupboard armchair desk",
        flower="tulip daisy orchid violet lily dahlia poppy begonia",
    ),
    things=tuple("concert kettle airline podcast blender museum keyboard mattress festival umbrella".split()),
    praise=tuple("delightful splendid marvellous outstanding flawless enjoyable fabulous".split()),
    blame=tuple("disappointing atrocious mediocre unbearable shoddy tedious appalling".split()),
    jobs=tuple("astronomer locksmith beekeeper surveyor translator blacksmith".split()),
    tickets={
        "billing": ("you took the money two times", "the amount due makes no sense", "give me my money back"),
        "technical": ("the program freezes at start", "nothing happens when I press play", "the upload never ends"),
        "account": ("my login is refused", "remove all my personal details", "I lost my second factor"),
    },
)


def words(shifted: bool) -> Words:
    """Return the vocabulary: the one the tiny models were taught with, or the one no model has met."""
    return UNSEEN if shifted else KNOWN
