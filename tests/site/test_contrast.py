"""Text reaches 4.5:1 and graphics 3:1 against what lies behind them, in both themes (WCAG 2.2)."""

import math
import re

import pytest
from django.conf import settings

TOKENS = (settings.BASE_DIR / "static/css/tokens.css").read_text()
RESULTS = ["passed", "failed", "error", "flaky", "blocked", "running", "skipped"]
GROUNDS = ["surface", "canvas", "sunken", "raised", "hover"]
THEMES = {"light": 0, "dark": 1}

TEXT = [(ink, ground) for ink in ("text", "text-2", "text-3") for ground in GROUNDS]
TEXT += [("text-2", "select"), ("text-3", "select"), ("text-3", "accent-soft")]
TEXT += [("accent", "surface"), ("accent", "canvas"), ("queued-ink", "surface")]
TEXT += [("on-accent", "accent"), ("on-accent", "accent-strong")]
TEXT += [("accent-strong", "accent-soft"), ("accent-strong", "select")]
TEXT += [
    (f"{result}-ink", ground)
    for result in RESULTS
    for ground in ("surface", f"{result}-soft", "hover", "select", "sunken")
]
GRAPHICS = [(result, "surface") for result in RESULTS]
GRAPHICS += [("line-input", "surface"), ("line-input", "sunken")]
GRAPHICS += [("focus", "surface"), ("focus", "canvas")]
PAIRS = [(*pair, 4.5) for pair in TEXT] + [(*pair, 3) for pair in GRAPHICS]


def luminance(lightness, chroma, hue):
    """Relative luminance of an oklch() colour, by way of linear sRGB."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1, max(0, channel)) for channel in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colours_of(token):
    """Luminance of a token in the light and in the dark theme."""
    value = re.search(rf"--{token}: (.*?);", TOKENS)[1]
    if alias := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colours_of(alias[1])
    colours = re.findall(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)", value)
    assert len(colours) == 2, f"--{token} is not a pair of plain colours"
    return [luminance(*map(float, colour)) for colour in colours]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_what_is_read_stands_out(front, ground, least, theme):
    one, other = (colours_of(token)[THEMES[theme]] for token in (front, ground))
    contrast = (max(one, other) + 0.05) / (min(one, other) + 0.05)
    assert contrast >= least, f"--{front} on --{ground}: {contrast:.2f}:1"
