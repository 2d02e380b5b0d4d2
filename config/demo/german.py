"""The demo shop in German: what its goods, their texts and their words are called there."""

from __future__ import annotations

from config.demo.german_texts import TEXTS

#: Name and blurb of a category by its slug.
CATEGORIES: dict[str, tuple[str, str]] = {
    "kitchen": ("Küche", "Töpfe, Bretter und Tassen, die ihren Platz auf der Arbeitsfläche verdienen."),
    "cups": ("Tassen und Kannen", "Für den ersten Kaffee und den letzten Tee."),
    "cooking": ("Kochen", "Für den Herd und für den Ofen."),
    "table": ("Am Tisch", "Bretter, Schalen und Mühlen zum Weiterreichen."),
    "living": ("Wohnen", "Weiche, warme und leise Dinge für Zimmer."),
    "textiles": ("Textilien", "Wolle, Leinen und Baumwolle zum Hineinsinken."),
    "rooms": ("Für Zimmer", "Vasen, Spiegel und Körbe."),
    "light": ("Licht", "Lampen, die die Seite beleuchten und nicht die ganze Straße."),
    "furniture": ("Möbel", "Zum Sitzen und zum Abstellen, aus ehrlichem Holz und Stahl."),
    "desk": ("Schreibtisch", "Papier, Stifte und ein Ort, sie aufzuheben."),
    "bags": ("Taschen", "Für den Weg zur Arbeit und den langen Weg nach Hause."),
    "outdoors": ("Draußen", "Für Gärten, Balkone und Nächte unter freiem Himmel."),
    "camp": ("Zelten", "Leicht zu tragen, gut zu haben."),
    "garden": ("Garten", "Für alle, die gern Erde unter den Nägeln haben."),
    "sound": ("Klang und Zeit", "Um gut zu hören und zu wissen, wann Schluss ist."),
}

#: What an article is, as in "Becher Alder".
NOUNS: dict[str, str] = {
    "Mug": "Becher", "Morning Mug": "Morgenbecher", "Studio Mug": "Atelierbecher", "Teapot": "Teekanne",
    "Sunday Teapot": "Sonntagskanne", "Coffee Press": "Kaffeepresse", "French Press": "Stempelkanne",
    "Kettle": "Wasserkessel", "Stove Kettle": "Herdkessel", "Casserole": "Bräter", "Stew Pot": "Schmortopf",
    "Oven Pot": "Ofentopf", "Board": "Brett", "Bread Board": "Brotbrett", "Serving Board": "Servierbrett",
    "Bowl": "Schale", "Salad Bowl": "Salatschüssel", "Fruit Bowl": "Obstschale", "Pepper Mill": "Pfeffermühle",
    "Salt Mill": "Salzmühle", "Blanket": "Decke", "Throw": "Überwurf", "Plaid": "Wohndecke", "Cushion": "Sofakissen",
    "Pillow": "Kissen", "Vase": "Vase", "Bud Vase": "Knospenvase", "Stem Vase": "Stielvase", "Mirror": "Spiegel",
    "Wall Mirror": "Wandspiegel", "Basket": "Korb", "Log Basket": "Holzkorb", "Laundry Basket": "Wäschekorb",
    "Table Lamp": "Tischlampe", "Bedside Lamp": "Nachttischlampe", "Pendant": "Hängeleuchte",
    "Pendant Lamp": "Pendelleuchte", "Task Lamp": "Arbeitsleuchte", "Desk Lamp": "Schreibtischlampe",
    "Reading Lamp": "Leselampe", "Candle": "Kerze", "Scented Candle": "Duftkerze", "Evening Candle": "Abendkerze",
    "Lantern": "Laterne", "Porch Lantern": "Hauslaterne", "Chair": "Stuhl", "Dining Chair": "Esszimmerstuhl",
    "Stool": "Hocker", "Counter Stool": "Thekenhocker", "Milking Stool": "Melkschemel", "Side Table": "Beistelltisch",
    "Tray Table": "Tabletttisch", "Shelf": "Regal", "Bookcase": "Bücherregal", "Bench": "Bank", "Hall Bench": "Flurbank",
    "Notebook": "Notizbuch", "Journal": "Tagebuch", "Sketchbook": "Skizzenbuch", "Fountain Pen": "Füller",
    "Rollerball": "Tintenroller", "Pen Cup": "Stiftebecher", "Pencil Pot": "Stiftetopf", "Desk Tray": "Ablage",
    "Valet Tray": "Taschenleerer", "Scissors": "Schere", "Paper Scissors": "Papierschere", "Backpack": "Rucksack",
    "Rucksack": "Wanderrucksack", "Day Pack": "Tagesrucksack", "Tote": "Umhängetasche", "Market Bag": "Einkaufstasche",
    "Weekender": "Reisetasche", "Duffel": "Seesack", "Wallet": "Geldbörse", "Card Wallet": "Kartenetui",
    "Umbrella": "Regenschirm", "Stick Umbrella": "Stockschirm", "Tent": "Zelt", "Two-Person Tent": "Zweipersonenzelt",
    "Family Tent": "Familienzelt", "Flask": "Isolierflasche", "Bottle": "Trinkflasche", "Trail Bottle": "Wanderflasche",
    "Sleeping Mat": "Isomatte", "Camp Mat": "Zeltmatte", "Plant Pot": "Blumentopf", "Planter": "Pflanzgefäß",
    "Watering Can": "Gießkanne", "Greenhouse Can": "Gewächshauskanne", "Trowel": "Pflanzkelle",
    "Planting Trowel": "Handschaufel", "Birdhouse": "Vogelhaus", "Nesting Box": "Nistkasten", "Headphones": "Kopfhörer",
    "Studio Headphones": "Studiokopfhörer", "Speaker": "Lautsprecher", "Bookshelf Speaker": "Regallautsprecher",
    "Radio": "Radio", "Kitchen Radio": "Küchenradio", "Watch": "Armbanduhr", "Field Watch": "Felduhr",
    "Wall Clock": "Wanduhr", "Kitchen Clock": "Küchenuhr",
}  # fmt: skip

#: The second material, as in "Griff in Eiche".
FINISHES: dict[str, str] = {
    "beech": "Buche", "black": "Schwarz", "brass": "Messing", "leather": "Leder", "oak": "Eiche", "rope": "Seil",
    "steel": "Stahl", "walnut": "Nussbaum", "white": "Weiß",
}  # fmt: skip

MATERIALS: dict[str, str] = {
    "Stoneware": "Steinzeug", "Porcelain": "Porzellan", "Enamelled steel": "Emaillierter Stahl", "Cast iron": "Gusseisen",
    "Stainless steel": "Edelstahl", "Borosilicate glass": "Borosilikatglas", "Solid oak": "Massive Eiche",
    "Walnut": "Nussbaum", "Beech": "Buche", "Ash": "Esche", "Linen": "Leinen", "Wool": "Wolle", "Cotton": "Baumwolle",
    "Waxed canvas": "Gewachstes Segeltuch", "Recycled polyester": "Recyceltes Polyester", "Leather": "Leder",
    "Aluminium": "Aluminium", "Steel": "Stahl", "Brass": "Messing", "Soy wax": "Sojawachs", "Terracotta": "Terrakotta",
    "Galvanised steel": "Verzinkter Stahl", "Seagrass": "Seegras", "Paper and linen": "Papier und Leinen",
    "Ripstop nylon": "Ripstop-Nylon", "Birch plywood": "Birkensperrholz", "Mineral glass": "Mineralglas",
    "ABS and steel": "ABS und Stahl",
}  # fmt: skip

#: Colours and sizes: the parts of a variant's label.
LABELS: dict[str, str] = {
    "Spruce": "Fichtengrün", "Ember": "Glutrot", "Oat": "Hafer", "Moss": "Moosgrün", "Ink": "Tintenblau",
    "Mustard": "Senfgelb", "Clay": "Ton", "Fog": "Nebelgrau", "Plum": "Pflaume", "Soot": "Rußschwarz",
    "Signal red": "Signalrot", "Petrol": "Petrol", "Cream": "Creme", "Sage": "Salbei", "Navy": "Marineblau",
    "Sun": "Sonnengelb", "Rose": "Altrosa", "Graphite": "Graphit", "Sky": "Himmelblau", "Rust": "Rostrot",
    "Pine": "Kieferngrün", "Sand": "Sand", "Slate": "Schiefergrau", "Indigo": "Indigo", "Ochre": "Ocker",
    "Blush": "Zartrosa", "Charcoal": "Anthrazit", "Lichen": "Flechtengrün", "Tan": "Hellbraun", "Chestnut": "Kastanie",
    "Black": "Schwarz", "Olive": "Oliv", "Oxblood": "Ochsenblut", "Oak": "Eiche", "Walnut": "Nussbaum", "Beech": "Buche",
    "Smoked oak": "Räuchereiche", "Cherry": "Kirschbaum", "Natural": "Natur", "Terracotta": "Terrakotta",
    "Linen": "Leinen", "Sea salt": "Meersalz", "Fig": "Feige", "Cedar": "Zeder", "Citrus": "Zitrus",
    "Pine smoke": "Kiefernrauch", "Dotted": "Gepunktet", "Ruled": "Liniert", "0.5 l": "0,5 l", "0.75 l": "0,75 l",
}  # fmt: skip

#: Titles and values of the table of facts.
FACTS: dict[str, str] = {
    "Holds": "Fasst", "Care": "Pflege", "Stove": "Herd", "Oven": "Ofen", "Mechanism": "Mahlwerk", "Filling": "Füllung",
    "Hanging": "Aufhängung", "Socket": "Fassung", "Cable": "Kabel", "Burns": "Brenndauer", "Takes": "Passt für",
    "Seat": "Sitz", "Carries": "Trägt", "Assembly": "Aufbau", "Pages": "Seiten", "Nib": "Feder", "Ink": "Tinte",
    "Foot": "Fuß", "Lining": "Futter", "Blade": "Klinge", "Cards": "Karten", "Opens": "Öffnet", "Sleeps": "Schlafplätze",
    "Water column": "Wassersäule", "Warm to": "Warm bis", "Frost": "Frost", "Entrance": "Einflugloch",
    "Plays": "Laufzeit", "Power": "Leistung", "Receives": "Empfängt", "Movement": "Uhrwerk", "Water": "Wasserdicht",
    "Battery": "Batterie", "Made in": "Hergestellt in", "Dishwasher and microwave": "Spülmaschine und Mikrowelle",
    "Rinse by hand": "Von Hand spülen", "Dishwasher, without the frame": "Spülmaschine, ohne das Gestell",
    "0.9 l": "0,9 l", "1.1 l": "1,1 l", "0.6 l": "0,6 l", "1.0 l": "1,0 l", "1.5 l": "1,5 l", "1.8 l": "1,8 l",
    "All, with induction": "Alle, auch Induktion", "To 240 °C": "Bis 240 °C",
    "Wipe, dry, oil twice a year": "Abwischen, trocknen, zweimal im Jahr ölen", "Ceramic": "Keramik",
    "Air it; wool cycle if you must": "Lüften; notfalls Wollprogramm", "Duck feather": "Entenfedern",
    "Cover at 30 °C": "Bezug bei 30 °C", "Screw and plug included": "Schraube und Dübel liegen bei",
    "Brush out, air dry": "Ausbürsten, an der Luft trocknen", "2 m, cloth": "2 m, Textil", "1.8 m, cloth": "1,8 m, Textil",
    "about 40 hours": "etwa 40 Stunden", "about 55 hours": "etwa 55 Stunden",
    "Pillar candle to 6 cm": "Stumpenkerze bis 6 cm", "45 cm high": "45 cm hoch", "Three screws": "Drei Schrauben",
    "25 kg a board": "25 kg pro Boden", "Medium": "Mittel", "Fine": "Fein", "Standard cartridge": "Standardpatrone",
    "Cork": "Kork", "Wool felt": "Wollfilz", "Hardened steel": "Gehärteter Stahl", "By hand": "Von Hand",
    "Lid in the dishwasher": "Deckel in die Spülmaschine", "Indoors and sheltered": "Drinnen und geschützt",
    "Forged in one piece": "Aus einem Stück geschmiedet", "30 hours": "30 Stunden", "40 hours": "40 Stunden",
    "Detachable, 1.2 m": "Abnehmbar, 1,2 m", "FM and DAB+": "UKW und DAB+", "Quartz": "Quarz", "Automatic": "Automatik",
    "AA, included": "AA, liegt bei", "Portugal": "Portugal", "Denmark": "Dänemark", "Czechia": "Tschechien",
    "Italy": "Italien", "Germany": "Deutschland", "Sweden": "Schweden", "Poland": "Polen", "Spain": "Spanien",
    "Netherlands": "den Niederlanden", "Lithuania": "Litauen", "Wales": "Wales", "Japan": "Japan",
}  # fmt: skip


def terms() -> list[tuple[str, str, str, str]]:
    """Return the words for the glossary: kind, language, text, translation."""
    kinds = (("material", MATERIALS), ("label", LABELS), ("fact", FACTS))
    return [(kind, "de", text, said) for kind, words in kinds for text, said in words.items()]


def name(series: str, noun: str) -> str:
    """Return an article's name: "Becher Alder"."""
    return f"{NOUNS[noun]} {series}"


def text(english: str, *, material: str = "", finish: str = "") -> str:
    """Return a sentence of the shop in German, with its materials put in."""
    said = TEXTS[english].format(material=MATERIALS.get(material, ""), finish=FINISHES.get(finish, ""))
    return said[0].upper() + said[1:]
