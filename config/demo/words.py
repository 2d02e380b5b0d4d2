"""The words of the demo shop: names of series, colours, sentences about materials."""

from __future__ import annotations

SERIES = (
    "Alder", "Harrow", "Fenn", "Tove", "Marlow", "Skerry", "Wren", "Linden", "Osk", "Brae", "Calder", "Juno", "Holm",
    "Pell", "Rowan", "Sable", "Tarn", "Ulla", "Vik", "Yarrow", "Arden", "Birk", "Corin", "Dale", "Elm", "Farrow", "Gable",
    "Hale", "Inga", "Jarl", "Kestrel", "Lark", "Mode", "Nils", "Orrin", "Pike", "Quill", "Rill", "Strand", "Thorn",
    "Una", "Vesper", "Wick", "Ash", "Bram", "Cove", "Dove", "Ember", "Fjell", "Grove", "Heath", "Iver", "Keel", "Loom",
    "Moor", "Nook", "Oslin", "Perch", "Reed", "Sorrel",
)  # fmt: skip

#: Colours by name, grouped by what they are made of. Each list is in the order in which a shop would show it.
PALETTES: dict[str, tuple[tuple[str, str], ...]] = {
    "glaze": (
        ("Spruce", "#2f5d62"), ("Ember", "#c2452d"), ("Oat", "#e6dbc5"), ("Moss", "#6b7f4f"), ("Ink", "#34435f"),
        ("Mustard", "#dfa32a"), ("Clay", "#c58262"), ("Fog", "#b4c1c2"), ("Plum", "#6d3f55"), ("Soot", "#303535"),
    ),
    "paint": (
        ("Signal red", "#cc4530"), ("Petrol", "#22606b"), ("Cream", "#efe6d2"), ("Sage", "#8aa083"), ("Navy", "#2d3d61"),
        ("Sun", "#e8ae2b"), ("Rose", "#d98f80"), ("Graphite", "#343a3b"), ("Sky", "#86aac4"),
    ),
    "cloth": (
        ("Rust", "#b9532f"), ("Pine", "#3d5a4a"), ("Sand", "#d9c6a3"), ("Slate", "#55636b"), ("Indigo", "#3a4a78"),
        ("Ochre", "#cf9a35"), ("Blush", "#d7a091"), ("Charcoal", "#3a3d3e"), ("Lichen", "#a3a878"),
    ),
    "leather": (
        ("Tan", "#b87a48"), ("Chestnut", "#84492b"), ("Black", "#2f2d2c"), ("Olive", "#67693f"), ("Oxblood", "#6c2f2c"),
        ("Navy", "#33415c"),
    ),
    "wood": (
        ("Oak", "#c99e6a"), ("Walnut", "#7d563b"), ("Beech", "#dcc097"), ("Smoked oak", "#5c4737"), ("Cherry", "#ae6a43"),
    ),
    "weave": (
        ("Natural", "#cdb182"), ("Ochre", "#c9953f"), ("Charcoal", "#45474a"), ("Sage", "#8f9c7c"), ("Terracotta", "#b9684a"),
    ),
    "wax": (
        ("Linen", "#e9e0cf"), ("Sea salt", "#9db8bd"), ("Fig", "#6f4a5c"), ("Cedar", "#7a5a3e"), ("Citrus", "#e0a93a"),
        ("Pine smoke", "#41594c"),
    ),
}  # fmt: skip

#: What a material is like, for the second sentence of a description.
MATERIALS: dict[str, str] = {
    "Stoneware": "Stoneware is ceramic that was fired twice; it shrugs off dishwasher and oven alike.",
    "Porcelain": "Fine porcelain, the lightest ceramic there is: thin at the rim and strong where it counts.",
    "Enamelled steel": "Two coats of enamel over pressed steel: light, quick to heat, and chips add character.",
    "Cast iron": "Cast in sand in one piece, it holds heat long after the flame is out.",
    "Stainless steel": "Brushed 18/8 steel that neither rusts nor keeps a taste.",
    "Borosilicate glass": "The glass takes boiling water without a shiver.",
    "Solid oak": "Cut from one plank, oiled, and better after a year than on the first day.",
    "Walnut": "Walnut from managed forests, finished with hard wax oil.",
    "Beech": "Steamed beech: pale, dense and hard to dent.",
    "Ash": "Ash bends without breaking, which is why tool handles are made of it.",
    "Linen": "The linen is washed before sewing, so it stays the size it is.",
    "Wool": "Pure new wool, carded and woven in a mill that has done little else since 1911.",
    "Cotton": "Long-staple cotton, dense enough to last and soft from the start.",
    "Waxed canvas": "Waxed canvas keeps rain out and can be waxed again at home.",
    "Recycled polyester": "Woven from bottles that had their first life elsewhere.",
    "Leather": "Vegetable-tanned leather that darkens where hands touch it.",
    "Aluminium": "Spun aluminium, powder-coated to a fine matt grain.",
    "Steel": "Bent from 2 mm steel and powder-coated, with no visible welds.",
    "Brass": "The brass is left bare and will tell its age.",
    "Soy wax": "Soy and beeswax burn slowly and leave no soot on the ceiling.",
    "Terracotta": "Terracotta breathes, so roots stay dry when you are generous with the can.",
    "Galvanised steel": "Hot-dip galvanised after bending, so the seams are sealed too.",
    "Seagrass": "Braided by hand while still damp; no two are quite alike.",
    "Paper and linen": "Thread-sewn pages under linen covers lie flat at any place.",
    "Ripstop nylon": "A thread that tears stops at the next square.",
    "Birch plywood": "Nine layers of birch, edges sanded and left to be seen.",
    "Mineral glass": "The glass is float glass with a polished edge, silvered twice.",
    "ABS and steel": "A tough shell on a steel frame, screwed and not glued, so that it can be mended.",
}

CLOSINGS = (
    "Spare parts are kept for ten years.",
    "If a part fails, we send a new one and a drawing of how to fit it.",
    "Made in small runs, so a colour may sell out before it returns.",
    "It comes wrapped in paper, without plastic.",
    "Tested in our own kitchen, hall and rucksack before it came on the shelf.",
    "Designed to be used every day and noticed now and then.",
    "The maker signs the underside.",
    "Nothing on it is there for show.",
)

MAKERS = (
    "Portugal", "Denmark", "Czechia", "Italy", "Germany", "Sweden", "Poland", "Spain", "Netherlands", "Lithuania",
    "Japan", "Wales",
)  # fmt: skip
