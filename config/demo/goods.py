"""Invents the goods of the demo shop: the same seed always makes the same shop."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from random import Random

import msgspec
from django.utils.text import slugify

from config.demo import german
from config.demo.kitchen import KITCHEN
from config.demo.lines import Line
from config.demo.outside import OUTSIDE
from config.demo.rooms import ROOMS
from config.demo.words import CLOSINGS, MAKERS, MATERIALS, PALETTES, SERIES
from config.demo.workplace import WORKPLACE
from contexts.catalog.drafts import ProductDraft, VariantDraft
from contexts.kernel.money import eur

#: Articles in a shop of scale 1.
ARTICLES = 200
#: One article of each of these stands on the front table.
FRONT_TABLE = ("kettle", "lamp", "backpack", "chair", "radio", "casserole", "tent", "mug")
#: And the shop opened with these as its newest.
NEWEST = ("headphones", "vase", "wateringcan", "tasklamp", "teapot", "umbrella", "stool", "clock")
LINES = (*KITCHEN, *ROOMS, *WORKPLACE, *OUTSIDE)


def invent(*, scale: int, seed: int) -> list[ProductDraft]:
    """Return `scale` times 200 articles, oldest first."""
    random = Random(seed)  # noqa: S311 - taste, not secrets
    kinds = [LINES[number % len(LINES)] for number in range(ARTICLES * scale)]
    names = Counter[str]()
    drafts = [_article(line, number, random, names) for number, line in enumerate(kinds, start=1)]
    random.shuffle(drafts)
    return sorted(_with_front_table(drafts), key=_newest_last)


def _article(line: Line, number: int, random: Random, names: Counter[str]) -> ProductDraft:
    series, noun, name = _unused_name(line, random, names)
    material, finish = random.choice(line.materials), random.choice(line.finishes)
    words = {"material": material, "finish": finish}
    low, high = line.price
    price = round(low + (high - low) * random.random() ** 1.4) * 100 - random.choice((0, 10, 50, 5))
    sentences = (random.choice(line.details), MATERIALS[material], random.choice(CLOSINGS))
    summary = line.summaries[(number // len(LINES)) % len(line.summaries)]
    facts = {fact: random.choice(choices) for fact, choices in line.facts.items()}
    return ProductDraft(
        slug=slugify(name),
        name=name,
        summary=_sentence(summary.format(**words)),
        description=" ".join(sentences),
        texts={
            "de:name": german.name(series, noun) + name.removeprefix(f"{series} {noun}").replace("No.", "Nr."),
            "de:summary": german.text(summary, **words),
            "de:description": " ".join(german.text(sentence) for sentence in sentences),
        },
        category=line.category,
        material=material,
        attributes=facts | {"Made in": random.choice(MAKERS)},
        drawn_as=line.kind,
        drawing_seed=number,
        drawing_finish=finish,
        variants=list(_variants(line, number, price, random)),
    )


def _variants(line: Line, number: int, price_cents: int, random: Random) -> Iterator[VariantDraft]:
    palette = PALETTES[line.palette]
    most = 3 if line.sizes else min(5, len(palette))
    # Neighbours in a palette differ in hue, and the order stays as a shop would show it.
    colours = sorted(random.sample(range(len(palette)), random.randint(2, most)))
    random.shuffle(colours)
    grams = random.randint(*line.grams)
    for place in colours:
        colour, shade = palette[place]
        for letter, (size, factor) in zip("SL", line.sizes or (("", 1.0),), strict=False):
            yield VariantDraft(
                sku="-".join(
                    part
                    for part in (
                        line.kind.upper(),
                        f"{number:03}",
                        slugify(colour).replace("-", "").upper(),
                        letter if size else "",
                    )
                    if part
                ),
                label=f"{colour} / {size}" if size else colour,
                colour=shade,
                price=eur(round(price_cents * factor / 10) * 10 if size else price_cents),
                weight_grams=round(grams * factor / 10) * 10,
            )


def _unused_name(line: Line, random: Random, names: Counter[str]) -> tuple[str, str, str]:
    for attempt in count():
        series, noun = random.choice(SERIES), random.choice(line.nouns)
        name = f"{series} {noun}"
        if attempt > 60:
            name = f"{name} No. {names.total()}"
        if not names[name]:
            names[name] += 1
            return series, noun, name
    raise AssertionError("count() never ends")


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]


def _with_front_table(drafts: list[ProductDraft]) -> Iterator[ProductDraft]:
    waiting = set(FRONT_TABLE)
    for draft in drafts:
        chosen = draft.drawn_as in waiting
        waiting.discard(draft.drawn_as)
        yield msgspec.structs.replace(draft, featured=chosen)


def _newest_last(draft: ProductDraft) -> int:
    return NEWEST.index(draft.drawn_as) if draft.drawn_as in NEWEST and draft.drawing_seed <= len(LINES) else -1
