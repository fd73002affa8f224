"""Families about words: capitals, sentiment, names, tickets, kinds of things, spelling."""

from __future__ import annotations

from random import Random

from router.builtin.applications import ASSISTANT, CHAT, QUIZ, REVIEWS, TRIAGE
from router.builtin.draft import Draft, Shift, Wordings, politely
from router.builtin.words import words

CAPITAL = Wordings(
    taught=(
        "What is the capital of {}?",
        "Capital of {}?",
        "Tell me the capital of {}.",
        "Which city is the capital of {}?",
        "I travel to {}. What is its capital?",
    ),
    shifted=(
        "In which town does the government of {} sit?",
        "Name {}'s capital city for my geography homework, will you?",
    ),
)
SENTIMENT = Wordings(
    taught=(
        "The {thing} was {word}.",
        "A {word} {thing}.",
        "My {thing} is {word}, really.",
        "We found the {thing} {word}.",
    ),
    shifted=(
        "Honestly, after all the fuss my friends made I must say this {thing} turned out {word}.",
        "{word}! That is all there is to say about the {thing}.",
    ),
)
NEGATED = Wordings(
    taught=("The {thing} was not {word}.", "My {thing} is not {word} at all."),
    shifted=("Nobody could call the {thing} {word}.", "I would never say that this {thing} is {word}."),
)
NAME = Wordings(
    taught=(
        "My name is {name}. What is my name?",
        "I am {name} and I live in {city}. What is my name?",
        "I am {name}, a {job} from {city}. Who am I?",
        "My name is {name} and {other} is my friend. What is my name?",
        "{other} is my friend, I am {name}. What is my name?",
    ),
    shifted=(
        "People in {city} have called me {name} since I became a {job}. How am I called?",
        "{other} and {city} know me well: {name} at your service! Repeat what I am called.",
    ),
)
TICKET = Wordings(
    taught=("{}.", "Hello, {}. Please help.", "{} since Monday.", "It is urgent: {}.", "{} again. Can you look at it?"),
    shifted=("For the third time this week I write to you because {}, and nobody answers.", "Re: Re: {} (!!!)"),
)
ODD = Wordings(
    taught=("Which word does not belong: {}?", "Odd one out: {}.", "Find the odd one: {}."),
    shifted=("All but one of {} are alike. Which one differs?", "One of these is a stranger: {}. Which?"),
)
CHOICE = Wordings(
    taught=("Which one is a kind of {}?", "Pick the {}.", "Which of these is a {}?"),
    shifted=(
        "Only a single entry below names a {}. Which letter is it?",
        "Choose the option that is an example of {}.",
    ),
)
REVERSE = Wordings(
    taught=("Reverse the word {}.", "Spell {} backwards.", "Write {} from back to front."),
    shifted=("Read {} from right to left; what do you see?", "Mirror the letters of {}."),
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def capital(rng: Random, shift: Shift) -> Draft:
    """Draw the capital of a country; shifted countries were never taught, so only luck answers them."""
    country, city = rng.choice(tuple(words(shift.entities).capitals.items()))
    ask = politely(rng, CAPITAL.pick(rng, shift.wording).format(country))
    return Draft(rng.choice((CHAT, ASSISTANT)), ask, city, country)


def sentiment(rng: Random, shift: Shift) -> Draft:
    """Draw a review to label; a quarter are negated, which turns the adjective around."""
    known = words(shift.entities)
    good, negated = rng.random() < 0.5, rng.random() < 0.25
    word = rng.choice(known.praise if good else known.blame)
    wordings = NEGATED if negated else SENTIMENT
    ask = wordings.pick(rng, shift.wording).format(thing=rng.choice(known.things), word=word)
    label = "positive" if good != negated else "negative"
    return Draft(REVIEWS, ask[0].upper() + ask[1:], label, "negated" if negated else word)


def name(rng: Random, shift: Shift) -> Draft:
    """Draw a self-introduction; the right answer is the speaker's name, not the friend's."""
    known = words(shift.entities)
    me, other = rng.sample(known.names, 2)
    wording = NAME.pick(rng, shift.wording)
    ask = wording.format(name=me, other=other, city=rng.choice(known.cities), job=rng.choice(known.jobs))
    return Draft(rng.choice((CHAT, ASSISTANT)), ask, me, "friend" if "{other}" in wording else "alone")


def ticket(rng: Random, shift: Shift) -> Draft:
    """Draw a support ticket to send to one of three desks."""
    desk, complaints = rng.choice(tuple(words(shift.entities).tickets.items()))
    complaint = rng.choice(complaints)
    ask = politely(rng, TICKET.pick(rng, shift.wording).format(complaint))
    return Draft(TRIAGE, f"{ask} {rng.choice(words(shift.entities).names)}", desk, complaint)


def odd(rng: Random, shift: Shift) -> Draft:
    """Draw three things of one kind and one of another; the right answer is the stranger."""
    kinds = words(shift.entities).kinds
    kind, strange = rng.sample(sorted(kinds), 2)
    stranger = rng.choice(kinds[strange])
    listed = [*rng.sample(kinds[kind], 4 if shift.entities else 3), stranger]
    rng.shuffle(listed)
    return Draft(rng.choice((CHAT, ASSISTANT)), ODD.pick(rng, shift.wording).format(", ".join(listed)), stranger, kind)


def choice(rng: Random, shift: Shift) -> Draft:
    """Draw a multiple-choice question with one option of the kind asked for."""
    kinds = words(shift.entities).kinds
    chosen = rng.sample(sorted(kinds), 4)
    options = [(rng.choice(kinds[kind]), kind) for kind in chosen]
    rng.shuffle(options)
    listed = "".join(f"\n{letter}) {word}" for letter, (word, _) in zip("ABCD", options, strict=True))
    right = next(letter for letter, (_, kind) in zip("ABCD", options, strict=True) if kind == chosen[0])
    return Draft(QUIZ, CHOICE.pick(rng, shift.wording).format(chosen[0]) + listed, right, chosen[0])


def reverse(rng: Random, shift: Shift) -> Draft:
    """Draw letters to reverse: three to five of them, seven to nine when shifted."""
    length = rng.randint(7, 9) if shift.entities else rng.randint(3, 5)
    word = "".join(rng.choices(LETTERS, k=length))
    return Draft(rng.choice((CHAT, ASSISTANT)), REVERSE.pick(rng, shift.wording).format(word), word[::-1], str(length))
