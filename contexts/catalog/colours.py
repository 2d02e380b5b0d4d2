"""The family that a colour belongs to: what shoppers filter by, where variants have shades of their own."""

from __future__ import annotations

from colorsys import rgb_to_hls

from django.utils.translation import gettext_lazy as _

#: In the order in which the shop lists them, with the shade that stands for each.
FAMILIES = {
    "white": (_("White"), "#f3efe4"),
    "natural": (_("Natural"), "#d9c6a3"),
    "grey": (_("Grey"), "#8a938e"),
    "black": (_("Black"), "#303535"),
    "brown": (_("Brown"), "#7d563b"),
    "red": (_("Red"), "#c2452d"),
    "pink": (_("Pink"), "#d98f80"),
    "orange": (_("Orange"), "#c58262"),
    "yellow": (_("Yellow"), "#dfa32a"),
    "green": (_("Green"), "#6b7f4f"),
    "blue": (_("Blue"), "#3a4a78"),
    "purple": (_("Purple"), "#6d3f55"),
}
#: Up to which hue, in degrees, a colour with some strength in it belongs to a family.
_HUES = ((20, "red"), (35, "orange"), (65, "yellow"), (170, "green"), (260, "blue"), (335, "purple"), (360, "red"))


def family(colour: str) -> str:
    """Return the family of "#c2452d": "red"."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    turn, light, _strength = rgb_to_hls(red, green, blue)
    # How colourful it is to the eye; the saturation of HLS is high for what is nearly white or nearly black.
    strength = max(red, green, blue) - min(red, green, blue)
    hue = turn * 360
    if strength < 0.08:
        return "black" if light < 0.27 else "white" if light > 0.88 else "grey"
    if light > 0.84:
        return "white"
    if 15 <= hue < 60 and light > 0.62 and strength < 0.45:
        return "natural"
    if 10 <= hue < 50 and strength < 0.45 and light < 0.55:
        return "brown"
    if (hue < 22 or hue >= 335) and light > 0.6:
        return "pink"
    return next(name for upto, name in _HUES if hue <= upto)
