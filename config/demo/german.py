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


#: What German-speaking customers say, by what the others call it in a few words: in a few words, and in more.
OPINIONS: dict[str, tuple[str, str]] = {
    "Exactly as shown": ("Genau wie abgebildet", "Die Farbe ist die vom Bild, das ist selten. Bei uns täglich in Gebrauch."),
    "Better made than I expected": (
        "Besser gemacht als gedacht", "Ich habe zweimal nachgesehen, woran gespart wurde. Ich habe nichts gefunden.",
    ),
    "Bought a second one": ("Gleich noch einmal bestellt", "Das erste hat meine Schwester behalten. Nun habe ich selbst eins."),
    "Quietly very good": (
        "Unauffällig und sehr gut", "Drängt sich nicht auf, und nach einem Monat möchte ich es nicht mehr missen.",
    ),
    "A present that was kept": ("Ein Geschenk, das blieb", "Für jemanden, der alles weiterverschenkt. Das hier steht noch da."),
    "Worth the wait": ("Das Warten hat sich gelohnt", ""),
    "Still like new": ("Immer noch wie neu", "Drei Umzüge und ein Hund. Man sieht nichts davon."),
    "The right size at last": (
        "Endlich die richtige Größe", "Die Maße auf der Seite stimmen auf den Millimeter. Es passt, wo sonst nichts passte.",
    ),
    "Good, with one wish": ("Gut, mit einem Wunsch", "Tut, was es soll. Etwas schwerer hätte es sein dürfen."),
    "Happy with it": ("Zufrieden", "Gut verpackt, gut gemacht. Am Abend wirkt der Farbton etwas dunkler."),
    "Solid": ("Solide", "Keine Überraschungen, und genau das wollte ich."),
    "Nearly perfect": ("Fast perfekt", "Eine Ecke hatte eine Macke; der Ersatz war nach wenigen Tagen da."),
    "Nice to hold": ("Liegt gut in der Hand", ""),
    "Would buy it again": (
        "Würde ich wieder kaufen", "Eine Kleinigkeit, aber der Morgen ist schöner damit. Ein Stern weniger für den Preis.",
    ),
    "All right": ("In Ordnung", "Es ist gut. Für den Preis hatte ich mir etwas mehr Gewicht erhofft."),
    "Smaller than I thought": (
        "Kleiner als gedacht", "Meine Schuld, die Maße stehen auf der Seite. Sehen Sie vor dem Bestellen nach.",
    ),
    "Good idea, needs care": (
        "Gute Idee, braucht Pflege", "Schön, will aber vorsichtig behandelt werden. Nichts für ein Haus mit kleinen Kindern.",
    ),
    "Not for me": ("Nichts für mich", "Die Oberfläche ist rauer, als sie aussieht. Das Zurückschicken war immerhin einfach."),
    "Scratches quickly": ("Zerkratzt schnell", "Nach zwei Wochen sieht man jede Berührung. Es funktioniert noch."),
    "Came with a crack": ("Kam mit einem Sprung an", "Ersetzt ohne Nachfrage, aber das zweite war nicht besser."),
    "Ask for Jonas": (
        "Fragen Sie nach Jonas", "Er hat meins eingepackt. Sie finden ihn hinter dem Bahnhof, die Nummer steht auf meiner Seite.",
    ),
}  # fmt: skip
