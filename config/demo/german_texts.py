"""The sentences about the demo shop's goods in German, by the English ones."""

from __future__ import annotations

TEXTS: dict[str, str] = {
    # --- summaries
    "A mug with room for both hands": "Ein Becher mit Platz für beide Hände",
    "{material} mug, glazed by dipping": "Becher aus {material}, im Tauchbad glasiert",
    "The one you reach for first": "Der, nach dem man zuerst greift",
    "Pours without a drip, {finish} details": "Gießt ohne zu tropfen, Details in {finish}",
    "A round pot for four cups": "Eine runde Kanne für vier Tassen",
    "Strong coffee in four minutes, {finish} handle": "Starker Kaffee in vier Minuten, Griff in {finish}",
    "A press that keeps the grounds where they belong": "Eine Presse, die den Satz dort lässt, wo er hingehört",
    "Boils on anything, {finish} on the handle": "Kocht auf jedem Herd, Griff in {finish}",
    "A kettle with a low voice": "Ein Kessel mit tiefer Stimme",
    "Slow cooking, {finish} knob": "Für langes Schmoren, Knauf in {finish}",
    "From stove to oven to table": "Vom Herd in den Ofen auf den Tisch",
    "Cut on one side, serve on the other": "Auf einer Seite schneiden, auf der anderen servieren",
    "A board worth leaving out": "Ein Brett, das man gern liegen lässt",
    "Wide, low and easy to share from": "Weit, flach und gut zum Teilen",
    "A bowl that makes plain salad look planned": "Eine Schale, in der einfacher Salat geplant aussieht",
    "Ceramic burrs, {finish} collar": "Mahlwerk aus Keramik, Kragen in {finish}",
    "From dust to coarse in a quarter turn": "Von staubfein bis grob mit einer Vierteldrehung",
    "Woven thick, washed soft": "Dicht gewebt, weich gewaschen",
    "For the sofa, and for whoever stays over": "Für das Sofa und für alle, die über Nacht bleiben",
    "Firm enough to read against": "Fest genug, um sich beim Lesen anzulehnen",
    "A plump square with a filling of feathers": "Ein pralles Quadrat mit Federfüllung",
    "Good with one branch, good with none": "Gut mit einem Zweig, gut ohne",
    "Thrown on the wheel, narrow where it should be": "Auf der Scheibe gedreht, schmal, wo es sein soll",
    "A slim frame around a clear view": "Ein schlanker Rahmen um einen klaren Blick",
    "Makes a small hall twice as long": "Macht einen kleinen Flur doppelt so lang",
    "Holds logs, toys or washing": "Für Holzscheite, Spielzeug oder Wäsche",
    "Braided, with handles that are sewn through": "Geflochten, mit durchgenähten Griffen",
    "Warm light, {finish} base": "Warmes Licht, Fuß in {finish}",
    "A lamp for the corner that needs one": "Eine Lampe für die Ecke, die eine braucht",
    "A pool of light over the table, {finish} cap": "Ein Lichtkreis über dem Tisch, Kappe in {finish}",
    "Spun in one piece, hung on cloth cable": "Aus einem Stück gedrückt, an Textilkabel gehängt",
    "Bends where you look, {finish} arms": "Beugt sich, wohin Sie sehen, Arme in {finish}",
    "Two joints, one switch, no flicker": "Zwei Gelenke, ein Schalter, kein Flimmern",
    "Burns even, smells of little and that well": "Brennt gleichmäßig, duftet nach wenig und das gut",
    "Forty quiet hours": "Vierzig ruhige Stunden",
    "For the porch, the table and the power cut": "Für Veranda, Tisch und Stromausfall",
    "Carries a flame through wind, {finish} grip": "Trägt eine Flamme durch den Wind, Griff in {finish}",
    "Sits upright, lets you lean, {finish} legs": "Zum Aufrechtsitzen und Anlehnen, Beine in {finish}",
    "A chair for long dinners": "Ein Stuhl für lange Abende am Tisch",
    "A seat, a step, a bedside table": "Sitz, Tritt und Nachttisch",
    "Light enough to carry by one leg": "So leicht, dass man ihn an einem Bein trägt",
    "Room for a lamp, a cup and a book": "Platz für Lampe, Tasse und Buch",
    "Round, low and where you want it": "Rund, niedrig und dort, wo Sie ihn wollen",
    "Straight boards on {finish} uprights": "Gerade Böden, Wangen in {finish}",
    "Holds a metre of cookery books without a sigh": "Trägt einen Meter Kochbücher, ohne zu seufzen",
    "For boots in the hall and guests at the table": "Für Stiefel im Flur und Gäste am Tisch",
    "Three can sit, two can nap": "Drei können sitzen, zwei dösen",
    "Lies flat and takes ink well": "Liegt flach auf und nimmt Tinte gut an",
    "192 pages and a ribbon": "192 Seiten und ein Leseband",
    "Writes at once, {finish} trim": "Schreibt sofort an, Beschläge in {finish}",
    "Weight in the right place": "Gewicht an der richtigen Stelle",
    "Heavy, so it stays; deep, so they stand": "Schwer, damit er steht; tief, damit sie stehen",
    "A home for pens that work": "Ein Zuhause für Stifte, die schreiben",
    "Keys, coins and post in one place": "Schlüssel, Münzen und Post an einem Ort",
    "Ends the search for small things": "Beendet die Suche nach kleinen Dingen",
    "Cut to the very tip": "Schneidet bis zur Spitze",
    "Forged, ground, and set by ear": "Geschmiedet, geschliffen und nach Gehör eingestellt",
    "Laptop, lunch and a jumper": "Laptop, Mittagessen und ein Pullover",
    "Carries close and opens wide, {finish} straps": "Liegt eng an und öffnet weit, Riemen in {finish}",
    "Goes over the shoulder, coat and all": "Passt über die Schulter, auch mit Mantel",
    "For markets, beaches and library days": "Für Markt, Strand und Bibliothekstage",
    "Two nights and a good pair of shoes": "Zwei Nächte und ein gutes Paar Schuhe",
    "Opens like a doctor's bag": "Öffnet sich wie eine Arzttasche",
    "Eight cards, folded notes, no bulge": "Acht Karten, gefaltete Scheine, keine Beule",
    "Cut from one hide, sewn once around": "Aus einem Leder geschnitten, einmal rundum genäht",
    "Stands up to wind, {finish} crook": "Hält dem Wind stand, Griff in {finish}",
    "A roof for one and a half": "Ein Dach für anderthalb",
    "Up in six minutes, dry all night": "In sechs Minuten aufgebaut, die ganze Nacht trocken",
    "Room for two and the wet boots": "Platz für zwei und die nassen Stiefel",
    "Hot for twelve hours, cold for a day": "Zwölf Stunden heiß, einen Tag lang kalt",
    "{finish} lid, no drips": "Deckel in {finish}, tropft nicht",
    "Takes the stones out of the night": "Nimmt der Nacht die Steine",
    "Rolls small, {finish} straps": "Klein gerollt, Riemen in {finish}",
    "With a hole, and a saucer where it matters": "Mit Loch, und mit Untersetzer, wo er nötig ist",
    "A good home for what you brought back": "Ein gutes Zuhause für Mitgebrachtes",
    "A long spout, {finish} handle, good aim": "Lange Tülle, Griff in {finish}, trifft genau",
    "Balanced full and balanced empty": "Voll im Gleichgewicht und leer auch",
    "Forged, marked in centimetres, {finish} grip": "Geschmiedet, mit Zentimetermarken, Griff in {finish}",
    "Goes through roots and comes out clean": "Geht durch Wurzeln und kommt sauber heraus",
    "For tits and sparrows, rent free": "Für Meisen und Spatzen, mietfrei",
    "A dry house, {finish} roof": "Ein trockenes Haus, Dach in {finish}",
    "Even sound, soft ears, {finish} caps": "Ausgewogener Klang, weiche Polster, Kappen in {finish}",
    "For long records and short flights": "Für lange Platten und kurze Flüge",
    "Small box, honest bass": "Kleine Kiste, ehrlicher Bass",
    "Fills a room and leaves you the talk": "Füllt einen Raum und lässt Ihnen das Gespräch",
    "News at seven, music till late": "Nachrichten um sieben, Musik bis spät",
    "A dial, a knob and a good voice": "Eine Skala, ein Knopf und eine gute Stimme",
    "Reads at a glance, wears all day": "Auf einen Blick abzulesen, den ganzen Tag zu tragen",
    "A plain face and a steady second": "Ein schlichtes Zifferblatt und eine ruhige Sekunde",
    "Silent, legible from the stove": "Lautlos und vom Herd aus lesbar",
    "Sweeps and does not tick": "Gleitet und tickt nicht",
    # --- what is said of a thing
    "A wide foot keeps it steady on a crowded desk, and the handle takes three fingers.":
        "Ein breiter Fuß hält ihn auf vollem Schreibtisch sicher, und der Henkel fasst drei Finger.",
    "The glaze runs a little at the rim, so every mug ends differently.":
        "Die Glasur läuft am Rand ein wenig, so endet jeder Becher anders.",
    "Holds a proper coffee and still fits under the machine.":
        "Fasst einen richtigen Kaffee und passt doch unter die Maschine.",
    "The spout is cut sharp and set low; we poured a hundred cups to be sure.":
        "Die Tülle ist scharf geschnitten und tief angesetzt; wir haben zur Sicherheit hundert Tassen eingegossen.",
    "A deep lid stays put when the last cup is poured.": "Der tiefe Deckel bleibt auch bei der letzten Tasse an seinem Platz.",
    "Comes with a steel basket for leaves, which you may leave in the drawer.":
        "Dazu gehört ein Teesieb aus Stahl, das auch in der Schublade bleiben darf.",
    "A double mesh holds back the fine grounds that others let through.":
        "Ein doppeltes Sieb hält den feinen Satz zurück, den andere durchlassen.",
    "The frame lifts off for washing; every part can be bought alone.":
        "Das Gestell lässt sich zum Spülen abheben; jedes Teil gibt es einzeln.",
    "The handle stays upright and cool; the base is flat enough for induction.":
        "Der Griff bleibt aufrecht und kühl; der Boden ist eben genug für Induktion.",
    "Fills through the lid or through the spout, whichever hand is free.":
        "Lässt sich durch den Deckel oder durch die Tülle füllen, je nachdem, welche Hand frei ist.",
    "It hums before it sings, so you have time to finish the sentence.":
        "Er summt, bevor er pfeift, so bleibt Zeit, den Satz zu beenden.",
    "Ridges under the lid return the steam, so nothing dries out while you forget about it.":
        "Rippen unter dem Deckel führen den Dampf zurück, so trocknet nichts aus, wenn Sie es vergessen.",
    "Handles wide enough for two oven gloves.": "Griffe, die breit genug für zwei Ofenhandschuhe sind.",
    "The pale inside shows when the onions are done.": "Innen ist er hell und zeigt, wann die Zwiebeln fertig sind.",
    "End to end from one plank, with an edge that fingers find from below.":
        "Durchgehend aus einer Bohle, mit einer Kante, die Finger von unten finden.",
    "A groove would catch juice and crumbs alike; we left it away.":
        "Eine Rille finge Saft und Krümel gleichermaßen; wir haben sie weggelassen.",
    "Hangs from a hook, and looks right there.": "Hängt am Haken und sieht dort richtig aus.",
    "The foot is left unglazed and sanded, so it does not scratch the table.":
        "Der Fuß ist unglasiert und geschliffen, so zerkratzt er den Tisch nicht.",
    "Nests with its siblings and takes little of the shelf.": "Lässt sich ineinanderstellen und braucht wenig Platz im Schrank.",
    "The ceramic mechanism does not rust and is guaranteed for life.":
        "Das Mahlwerk aus Keramik rostet nicht und hat lebenslange Garantie.",
    "Turned on a lathe, then painted in three thin coats.": "Gedrechselt, dann in drei dünnen Schichten lackiert.",
    "Long enough for feet and shoulders at the same time.": "Lang genug für Füße und Schultern zugleich.",
    "The fringe is twisted by hand and knotted once, so it stays.":
        "Die Fransen sind von Hand gedreht und einmal geknotet, so bleiben sie.",
    "Warm in a draught and pleasant in the shade.": "Warm, wenn es zieht, und angenehm im Schatten.",
    "The zip hides in the seam, and the cover comes off in ten seconds.":
        "Der Reißverschluss verschwindet in der Naht, und der Bezug ist in zehn Sekunden ab.",
    "Filled a little too full, because it will settle.": "Ein wenig zu voll gefüllt, weil es sich setzt.",
    "The neck holds stems where you put them.": "Der Hals hält Stiele dort, wo Sie sie hinstellen.",
    "Heavy at the foot, so tall branches do not tip it.": "Unten schwer, damit hohe Zweige sie nicht umkippen.",
    "Glazed inside to the last drop.": "Innen bis zum letzten Tropfen glasiert.",
    "The frame is no wider than a pencil, so all you see is you.":
        "Der Rahmen ist nicht breiter als ein Bleistift, Sie sehen also nur sich.",
    "Comes with a screw that holds four times its weight.": "Mit einer Schraube, die sein Vierfaches trägt.",
    "The handles go round under the base, so it may be heavy.":
        "Die Griffe laufen unter dem Boden durch, er darf also schwer werden.",
    "Stands open by itself and folds flat if you insist.":
        "Steht von selbst offen und lässt sich flach falten, wenn es sein muss.",
    "The switch is on the cable, where a hand finds it in the dark.":
        "Der Schalter sitzt am Kabel, wo ihn eine Hand im Dunkeln findet.",
    "The shade is lined in white, so its colour stays outside.":
        "Der Schirm ist weiß gefüttert, so bleibt seine Farbe draußen.",
    "White inside and matt outside: the light falls down, and nobody is dazzled.":
        "Innen weiß und außen matt: Das Licht fällt nach unten, und niemand wird geblendet.",
    "The cable is two metres long and shortens without tools.":
        "Das Kabel ist zwei Meter lang und lässt sich ohne Werkzeug kürzen.",
    "Springs in both joints hold it at any angle.": "Federn in beiden Gelenken halten sie in jedem Winkel.",
    "The heavy foot lets the head reach across an open newspaper.":
        "Mit dem schweren Fuß reicht der Kopf über eine offene Zeitung.",
    "A cotton wick, trimmed, that needs no further thought.":
        "Ein Docht aus Baumwolle, gekürzt, an den man nicht mehr denken muss.",
    "When it is gone, the vessel holds pens or a small plant.":
        "Wenn sie abgebrannt ist, nimmt das Gefäß Stifte oder eine kleine Pflanze auf.",
    "The glass lifts out for cleaning with one turn.": "Das Glas lässt sich zum Putzen mit einer Drehung herausnehmen.",
    "Takes a candle or a bulb on batteries; both are at home in it.":
        "Nimmt eine Kerze oder ein Batterielicht; beide sind darin zu Hause.",
    "The seat is hollowed a little, and the back gives by a finger's breadth.":
        "Der Sitz ist leicht gemuldet, und die Lehne gibt einen Fingerbreit nach.",
    "Joints are wedged and glued, so it will not start to creak.":
        "Die Verbindungen sind verkeilt und verleimt, so knarrt nichts.",
    "The legs are wedged through the seat; you can see how it is made.":
        "Die Beine sind durch den Sitz verkeilt; man sieht, wie er gemacht ist.",
    "A rung at the right height for heels.": "Mit einer Sprosse in der richtigen Höhe für die Fersen.",
    "Goes over the arm of a sofa or stands on its own.": "Passt über die Armlehne eines Sofas oder steht für sich.",
    "The edge is rolled, so that a sleeve does not catch.": "Die Kante ist gerollt, damit kein Ärmel hängen bleibt.",
    "Boards move by a hand's breadth, without tools.": "Die Böden lassen sich handbreit versetzen, ohne Werkzeug.",
    "Fixed to the wall by two screws that are in the box.": "Zwei beiliegende Schrauben halten es an der Wand.",
    "Narrow enough for a corridor, long enough for a family.": "Schmal genug für einen Flur, lang genug für eine Familie.",
    "Felt under the feet, so that it moves without a sound.": "Mit Filz unter den Füßen, damit sie sich lautlos rücken lässt.",
    "Cream paper of 100 grams; a fountain pen does not show through.":
        "Cremefarbenes Papier mit 100 Gramm; ein Füller scheint nicht durch.",
    "Numbered pages, an index to fill in, a pocket for what falls out.":
        "Nummerierte Seiten, ein Verzeichnis zum Ausfüllen, eine Tasche für Loses.",
    "The cap posts with a click and does not roll off the desk.":
        "Die Kappe sitzt mit einem Klick und rollt nicht vom Tisch.",
    "Takes standard cartridges, or the converter in the box.": "Nimmt Standardpatronen oder den beiliegenden Konverter.",
    "Cork under the foot, and wide enough for the big scissors.": "Mit Kork unter dem Fuß und breit genug für die große Schere.",
    "Holds thirty pencils or four good ones.": "Fasst dreißig Bleistifte oder vier gute.",
    "Corners are dovetailed, the base is lined with felt.": "Die Ecken sind gezinkt, der Boden ist mit Filz ausgelegt.",
    "Stacks on its sibling when the desk is small.": "Lässt sich stapeln, wenn der Schreibtisch klein ist.",
    "A screw joins the blades and can be tightened with a coin.":
        "Eine Schraube verbindet die Klingen und lässt sich mit einer Münze nachziehen.",
    "The grips are dipped, warm to the hand, and fit left as well as right.":
        "Die Griffe sind getaucht, liegen warm in der Hand und passen links wie rechts.",
    "A sleeve for a 15-inch laptop hangs free of the bottom, so a hard landing is no matter.":
        "Das Fach für einen 15-Zoll-Laptop hängt frei über dem Boden, so schadet kein hartes Absetzen.",
    "Side pockets that take a bottle even when the pack is full.":
        "Seitentaschen, in die auch bei vollem Rucksack eine Flasche passt.",
    "The handles run down to the base and are sewn with a cross at each end.":
        "Die Henkel laufen bis zum Boden und sind an jedem Ende mit einem Kreuz vernäht.",
    "An inner pocket for keys, so the digging stops.": "Mit einer Innentasche für Schlüssel, damit das Wühlen ein Ende hat.",
    "The zip runs down both sides, so you see all of what you packed.":
        "Der Reißverschluss läuft an beiden Seiten hinab, so sehen Sie alles, was Sie gepackt haben.",
    "Small enough for the rack above the seat.": "Klein genug für die Ablage über dem Sitz.",
    "Thin when new, and thinner when it knows your cards.": "Dünn, wenn sie neu ist, und dünner, wenn sie Ihre Karten kennt.",
    "A coin pocket that opens wide enough to see into.": "Mit einem Münzfach, das sich weit genug zum Hineinsehen öffnet.",
    "Eight ribs of glass fibre bend and come back.": "Acht Rippen aus Glasfaser biegen sich und kommen zurück.",
    "The crook hangs on a chair, an arm or a bar.": "Der Griff hängt an Stuhl, Arm oder Stange.",
    "Inner and outer go up together, so rain at the camp stays rain outside.":
        "Innen- und Außenzelt stehen zugleich, so bleibt der Regen draußen.",
    "Seams are taped, and the groundsheet reaches up a hand's breadth.":
        "Die Nähte sind versiegelt, und der Boden reicht eine Handbreit hinauf.",
    "A wide neck takes ice and a brush.": "Durch den weiten Hals passen Eis und eine Bürste.",
    "The lid seals with a quarter turn and can be opened with gloves.":
        "Der Deckel dichtet mit einer Vierteldrehung und lässt sich mit Handschuhen öffnen.",
    "Five centimetres of foam that fill themselves while you pitch the tent.":
        "Fünf Zentimeter Schaum, die sich füllen, während Sie das Zelt aufbauen.",
    "The straps carry a blanket too.": "Die Riemen tragen auch eine Decke.",
    "The wall is thick, so roots have cool feet in summer.": "Die Wand ist dick, so haben Wurzeln im Sommer kühle Füße.",
    "The plant in the picture is ours; yours will do as well.": "Die Pflanze auf dem Bild ist unsere; Ihre wird ebenso gedeihen.",
    "The handle slides from carrying to pouring in one movement.":
        "Der Griff gleitet in einer Bewegung vom Tragen zum Gießen.",
    "The rose comes off for seedlings and for speed.": "Die Brause lässt sich für Setzlinge und für Eilige abnehmen.",
    "Blade and neck are one piece, so nothing bends where it usually does.":
        "Blatt und Hals sind ein Stück, so verbiegt nichts, wo es sonst verbiegt.",
    "A strap to hang it up, which is half of tidiness.": "Mit einer Schlaufe zum Aufhängen, was die halbe Ordnung ist.",
    "The floor slides out in autumn for a clean start in spring.":
        "Der Boden lässt sich im Herbst herausziehen, für einen sauberen Start im Frühling.",
    "The hole is 32 mm: right for great tits, too small for cats' paws.":
        "Das Loch hat 32 mm: richtig für Kohlmeisen, zu klein für Katzenpfoten.",
    "Pads, cable and headband come off without tools and can be bought alone.":
        "Polster, Kabel und Bügel lassen sich ohne Werkzeug abnehmen und einzeln kaufen.",
    "Tuned flat, so that records sound as they were made.": "Linear abgestimmt, damit Platten klingen, wie sie gemacht sind.",
    "The cabinet is braced like a bridge, so only the cone moves.":
        "Das Gehäuse ist versteift wie eine Brücke, so bewegt sich nur die Membran.",
    "One knob, one cable, no account to open.": "Ein Knopf, ein Kabel, kein Konto nötig.",
    "The dial turns heavily and stops where you leave it.": "Die Skala dreht sich schwer und bleibt, wo Sie sie lassen.",
    "Runs on the mains or twenty hours on its battery.": "Läuft am Netz oder zwanzig Stunden mit dem Akku.",
    "The strap changes in a minute, without a tool.": "Das Armband lässt sich in einer Minute wechseln, ohne Werkzeug.",
    "Sapphire over the dial, and numerals that need no light.":
        "Saphirglas über dem Zifferblatt, und Ziffern, die kein Licht brauchen.",
    "The second hand glides, so it can hang above a bed.": "Der Sekundenzeiger gleitet, sie darf also über einem Bett hängen.",
    "One battery lasts about two years.": "Eine Batterie hält etwa zwei Jahre.",
    # --- what is said of a material
    "Stoneware is ceramic that was fired twice; it shrugs off dishwasher and oven alike.":
        "Steinzeug ist zweimal gebrannte Keramik; es verträgt Spülmaschine wie Ofen.",
    "Fine porcelain, the lightest ceramic there is: thin at the rim and strong where it counts.":
        "Feines Porzellan, die leichteste Keramik, die es gibt: am Rand dünn und stark, wo es darauf ankommt.",
    "Two coats of enamel over pressed steel: light, quick to heat, and chips add character.":
        "Zwei Schichten Email auf gepresstem Stahl: leicht, schnell heiß, und Macken geben Charakter.",
    "Cast in sand in one piece, it holds heat long after the flame is out.":
        "In Sand aus einem Stück gegossen, hält es die Wärme lange nach der Flamme.",
    "Brushed 18/8 steel that neither rusts nor keeps a taste.":
        "Gebürsteter 18/8-Stahl, der weder rostet noch einen Geschmack annimmt.",
    "The glass takes boiling water without a shiver.": "Das Glas nimmt kochendes Wasser, ohne zu zucken.",
    "Cut from one plank, oiled, and better after a year than on the first day.":
        "Aus einer Bohle geschnitten, geölt und nach einem Jahr schöner als am ersten Tag.",
    "Walnut from managed forests, finished with hard wax oil.":
        "Nussbaum aus bewirtschafteten Wäldern, mit Hartwachsöl behandelt.",
    "Steamed beech: pale, dense and hard to dent.": "Gedämpfte Buche: hell, dicht und kaum einzudrücken.",
    "Ash bends without breaking, which is why tool handles are made of it.":
        "Esche biegt sich, ohne zu brechen, deshalb macht man Werkzeugstiele daraus.",
    "The linen is washed before sewing, so it stays the size it is.":
        "Das Leinen wird vor dem Nähen gewaschen, so behält es seine Größe.",
    "Pure new wool, carded and woven in a mill that has done little else since 1911.":
        "Reine Schurwolle, gekämmt und gewebt in einer Weberei, die seit 1911 kaum etwas anderes tut.",
    "Long-staple cotton, dense enough to last and soft from the start.":
        "Langstapelige Baumwolle, dicht genug zum Halten und weich von Anfang an.",
    "Waxed canvas keeps rain out and can be waxed again at home.":
        "Gewachstes Segeltuch hält den Regen ab und lässt sich zu Hause nachwachsen.",
    "Woven from bottles that had their first life elsewhere.": "Gewebt aus Flaschen, die ihr erstes Leben anderswo hatten.",
    "Vegetable-tanned leather that darkens where hands touch it.":
        "Pflanzlich gegerbtes Leder, das nachdunkelt, wo Hände es berühren.",
    "Spun aluminium, powder-coated to a fine matt grain.": "Gedrücktes Aluminium, pulverbeschichtet mit feiner, matter Körnung.",
    "Bent from 2 mm steel and powder-coated, with no visible welds.":
        "Aus 2 mm Stahl gebogen und pulverbeschichtet, ohne sichtbare Schweißnähte.",
    "The brass is left bare and will tell its age.": "Das Messing bleibt blank und zeigt sein Alter.",
    "Soy and beeswax burn slowly and leave no soot on the ceiling.":
        "Soja- und Bienenwachs brennen langsam und lassen keinen Ruß an der Decke.",
    "Terracotta breathes, so roots stay dry when you are generous with the can.":
        "Terrakotta atmet, so stehen Wurzeln nicht nass, wenn Sie großzügig gießen.",
    "Hot-dip galvanised after bending, so the seams are sealed too.":
        "Nach dem Biegen feuerverzinkt, so sind auch die Nähte geschützt.",
    "Braided by hand while still damp; no two are quite alike.": "Noch feucht von Hand geflochten; keine zwei sind ganz gleich.",
    "Thread-sewn pages under linen covers lie flat at any place.":
        "Fadengeheftete Seiten in Leinendeckeln liegen an jeder Stelle flach auf.",
    "A thread that tears stops at the next square.": "Ein Faden, der reißt, hält am nächsten Karo.",
    "Nine layers of birch, edges sanded and left to be seen.": "Neun Lagen Birke, die Kanten geschliffen und sichtbar gelassen.",
    "The glass is float glass with a polished edge, silvered twice.":
        "Das Glas ist Floatglas mit polierter Kante, zweifach versilbert.",
    "A tough shell on a steel frame, screwed and not glued, so that it can be mended.":
        "Eine zähe Schale auf einem Rahmen aus Stahl, verschraubt und nicht verklebt, damit man sie reparieren kann.",
    # --- what is said last
    "Spare parts are kept for ten years.": "Ersatzteile halten wir zehn Jahre bereit.",
    "If a part fails, we send a new one and a drawing of how to fit it.":
        "Wenn ein Teil versagt, senden wir ein neues und eine Zeichnung, wie man es einbaut.",
    "Made in small runs, so a colour may sell out before it returns.":
        "In kleinen Auflagen gemacht, eine Farbe kann also ausverkauft sein, bevor sie wiederkommt.",
    "It comes wrapped in paper, without plastic.": "Kommt in Papier gewickelt, ohne Plastik.",
    "Tested in our own kitchen, hall and rucksack before it came on the shelf.":
        "In unserer eigenen Küche, unserem Flur und Rucksack erprobt, bevor es ins Regal kam.",
    "Designed to be used every day and noticed now and then.": "Gemacht, um jeden Tag benutzt und ab und zu bemerkt zu werden.",
    "The maker signs the underside.": "Auf der Unterseite steht, wer es gemacht hat.",
    "Nothing on it is there for show.": "Nichts daran ist nur zum Ansehen da.",
}  # fmt: skip
