"""Families whose answer has a structure: JSON extraction and tool calls."""

from __future__ import annotations

import json
from random import Random

from router.builtin.applications import HOME, INTAKE, ORDERS, SHOP
from router.builtin.draft import Draft, Shift, ToolCall, Wordings
from router.builtin.words import words

PERSON = Wordings(
    taught=(
        "{name} is a {job} in {city}.",
        "{name} lives in {city} and works as a {job}.",
        "The {job} {name} moved to {city}.",
        "In {city} we met {name}, a {job}.",
    ),
    shifted=(
        "If you ever need a {job}, call {name}; the office is in {city}.",
        "Born far away, {name} has by now spent ten years as a {job} near {city}.",
    ),
)
ORDER = Wordings(
    taught=(
        "I would like {count} of the {item}.",
        "Order: {count} x {item}",
        "Please send {count} {item} pieces.",
        "{item}, {count} times.",
    ),
    shifted=(
        "We have run out of {item} again, so put {count} on the next van.",
        "A {item} for each of my {count} nieces.",
    ),
)
WEATHER = Wordings(
    taught=("What is the weather in {}?", "Weather in {} now", "Is it raining in {}?"),
    shifted=("Do I need an umbrella in {} this afternoon?", "How does the sky over {} look?"),
)
TIMER = Wordings(
    taught=("Set a timer for {} minutes.", "Timer {} minutes", "Wake me in {} minutes."),
    shifted=("The eggs want {} minutes, tell me when they are done.", "Ring a bell once {} minutes have gone by."),
)
MUSIC = Wordings(
    taught=("Play some {} music.", "I want to hear the {}.", "Put on a {} song."),
    shifted=("Fill the house with the sound of a {}.", "Nothing calms me like a {}; go ahead."),
)
LOOKUP = Wordings(
    taught=("Do you have a {}?", "Find the {}.", "Look up {}."),
    shifted=("I cannot see any {} on your pages, does it exist?", "Where might the {} be hiding?"),
)
CART = Wordings(
    taught=("Put {count} {item} into the cart.", "Add {count} of {item} to my cart.", "I take {count} {item}."),
    shifted=("My basket still lacks {item}, make it {count}.", "Reserve a {item} for me, times {count}."),
)


def extract(rng: Random, shift: Shift) -> Draft:
    """Draw a sentence about a person or an order; the right answer is its facts as a JSON object."""
    return rng.choice((_person, _order))(rng, shift)


def tools(rng: Random, shift: Shift) -> Draft:
    """Draw a wish that one call of one tool fulfils."""
    draw = rng.choice((_weather, _timer, _music, _lookup, _cart))
    return draw(rng, shift)


def _person(rng: Random, shift: Shift) -> Draft:
    known = words(shift.entities)
    facts = {"name": rng.choice(known.names), "job": rng.choice(known.jobs), "city": rng.choice(known.cities)}
    return Draft(INTAKE, PERSON.pick(rng, shift.wording).format(**facts), json.dumps(facts), "person")


def _order(rng: Random, shift: Shift) -> Draft:
    facts = {"item": _item(rng, shift), "count": rng.randint(2, 40)}
    return Draft(ORDERS, ORDER.pick(rng, shift.wording).format(**facts), json.dumps(facts), "order")


def _weather(rng: Random, shift: Shift) -> Draft:
    city = rng.choice(words(shift.entities).cities)
    return Draft(
        HOME, WEATHER.pick(rng, shift.wording).format(city), ToolCall("get_weather", {"city": city}), "get_weather"
    )


def _timer(rng: Random, shift: Shift) -> Draft:
    minutes = rng.randint(91, 240) if shift.entities else rng.randint(2, 90)
    return Draft(
        HOME, TIMER.pick(rng, shift.wording).format(minutes), ToolCall("set_timer", {"minutes": minutes}), "set_timer"
    )


def _music(rng: Random, shift: Shift) -> Draft:
    instrument = (
        rng.choice(words(False).kinds["instrument"])
        if not shift.entities
        else rng.choice(("oboe", "zither", "tuba", "lute"))
    )
    call = ToolCall("play_music", {"instrument": instrument})
    return Draft(HOME, MUSIC.pick(rng, shift.wording).format(instrument), call, "play_music")


def _lookup(rng: Random, shift: Shift) -> Draft:
    item = _item(rng, shift)
    return Draft(SHOP, LOOKUP.pick(rng, shift.wording).format(item), ToolCall("find_item", {"item": item}), "find_item")


def _cart(rng: Random, shift: Shift) -> Draft:
    facts: dict[str, str | int] = {"item": _item(rng, shift), "count": rng.randint(2, 40)}
    return Draft(SHOP, CART.pick(rng, shift.wording).format(**facts), ToolCall("add_to_cart", facts), "add_to_cart")


def _item(rng: Random, shift: Shift) -> str:
    kinds = words(shift.entities).kinds
    kind = rng.choice(("furniture", "flower", "metal") if shift.entities else ("fruit", "tool", "garment", "drink"))
    return rng.choice(kinds[kind])
