"""Geometry of the result graphics, as SVG attributes: the content policy allows no inline style."""

from dataclasses import dataclass

# What a bar shows, from left to right; what is pending stays the bar's own ground.
BAR_ORDER = ["passed", "flaky", "failed", "error", "blocked", "skipped"]
# The narrowest segment that an eye still finds, in percent.
BAR_LEAST = 1.2

# A pass is quiet and a failure loud, in every strip: the height repeats the colour.
TICK_HEIGHTS = {
    "passed": 0.4375,
    "flaky": 0.75,
    "partial": 0.75,
    "blocked": 0.875,
    "failed": 1,
    "error": 1,
    "running": 0.5,
}
TICK_LEAST = 0.1875
RIBBON_HEIGHTS = {
    "passed": 17,
    "flaky": 32,
    "blocked": 40,
    "failed": 48,
    "error": 48,
    "running": 24,
    "skipped": 7,
}
RIBBON_LEAST = 3
RIBBON_STEP = 5
# A run of few results stands at the left: its marks are not drawn out to blocks.
RIBBON_LEAST_SLOTS = 48


@dataclass(frozen=True)
class Segment:
    status: str
    count: int
    start: float
    width: float


def shown_counts(counts):
    """Counts by status where each execution is shown once: flaky ones are not passed as well."""
    shown = {status: counts[status] for status in BAR_ORDER}
    shown["passed"] = max(0, shown["passed"] - shown["flaky"])
    return {status: count for status, count in shown.items() if count}


def bar_segments(counts):
    """Segments of a bar in percent. Small ones are widened at the cost of the widest."""
    total = counts["total"]
    shown = shown_counts(counts)
    if not total or not shown:
        return []
    widths = {status: max(BAR_LEAST, 100 * count / total) for status, count in shown.items()}
    surplus = sum(widths.values()) - 100
    if surplus > 0:
        widths[max(widths, key=lambda status: widths[status])] -= surplus
    segments, start = [], 0.0
    for status, width in widths.items():
        segments.append(Segment(status, shown[status], start, width))
        start += width
    return segments


def strip_paths(statuses, *, step, height, heights, least):
    """One path for each status of a strip: {status: "M3 18v-7.875M9 18v-7.875"}."""
    paths: dict[str, str] = {}
    for place, status in enumerate(statuses):
        x = place * step + step / 2
        line = f"M{x:g} {height:g}v-{heights.get(status, least):g}"
        paths[status] = paths.get(status, "") + line
    return paths


def tick_paths(statuses, *, step=6, height=18):
    """Paths of the last results of a case, oldest first."""
    heights = {status: share * height for status, share in TICK_HEIGHTS.items()}
    return strip_paths(
        statuses, step=step, height=height, heights=heights, least=TICK_LEAST * height
    )


def ribbon_paths(slices):
    """Paths of a run's arrivals; each slice is named for the worst result in it."""
    return strip_paths(
        slices, step=RIBBON_STEP, height=52, heights=RIBBON_HEIGHTS, least=RIBBON_LEAST
    )


def line_path(values, *, width, height, least=None, most=None, pad=2):
    """A line through the values, left to right. Flat where all are equal."""
    least = min(values) if least is None else least
    most = max(values) if most is None else most
    span = (most - least) or 1
    step = width / max(1, len(values) - 1)
    points = [
        f"{place * step:.1f} {pad + (1 - (value - least) / span) * (height - 2 * pad):.1f}"
        for place, value in enumerate(values)
    ]
    return "M" + "L".join(points)


def success_rate(counts):
    """Share passed of what was not skipped, 0 to 100; None where nothing ran."""
    if not counts["passed"] + counts["failed"] + counts["error"] + counts["blocked"]:
        return None
    return 100 * counts["passed"] / (counts["total"] - counts["skipped"])


# The trend chart's box: the rate above, the failures of each run below.
TREND_LEFT, TREND_RIGHT, TREND_TOP, TREND_FLOOR = 50, 802, 12, 148
BARS_FLOOR, BARS_MOST = 192, 30


def trend(runs):
    """What _trend.html draws of [(run, counts)], oldest first."""
    rated = [(run, counts, success_rate(counts)) for run, counts in runs]
    rated = [row for row in rated if row[2] is not None]
    if not rated:
        return {"points": []}
    rates = [rate for *_, rate in rated]
    bottom = trend_bottom(min(rates))
    failures = [counts["failed"] + counts["error"] for _, counts, _ in rated]
    step = (TREND_RIGHT - TREND_LEFT) / max(1, len(rated) - 1)
    points = [
        trend_point(run, rate, failed, TREND_LEFT + place * step, bottom, max(failures))
        for place, ((run, _, rate), failed) in enumerate(zip(rated, failures, strict=True))
    ]
    line = "M" + "L".join(f"{point['x']} {point['y']}" for point in points)
    return {
        "points": points,
        "line": line,
        "area": f"{line}V{TREND_FLOOR}H{TREND_LEFT}Z",
        "grid": [
            {"rate": rate, "y": trend_y(rate, bottom)}
            for rate in sorted({100, 50 + bottom / 2, bottom})
        ],
        "labels": trend_labels(points),
        "first": points[0],
        "last": points[-1],
        "lowest": min(rates),
    }


def trend_bottom(lowest):
    """The rate at the chart's floor: the next step below the lowest, so that small moves show."""
    return next(floor for floor in (98, 90, 80, 50, 0) if lowest >= floor)


def trend_y(rate, bottom):
    share = (rate - bottom) / (100 - bottom)
    return round(TREND_FLOOR - share * (TREND_FLOOR - TREND_TOP), 1)


def trend_point(run, rate, failed, x, bottom, most):
    height = round(BARS_MOST * failed / most, 1) if failed else 0
    return {
        "run": run,
        "rate": rate,
        "failed": failed,
        "x": round(x, 1),
        "y": trend_y(rate, bottom),
        "bar_x": round(x - 5, 1),
        "bar_y": round(BARS_FLOOR - height, 1),
        "bar_height": height,
    }


def trend_labels(points, most=5):
    """At most five dates below, evenly spread, the first and the last among them."""
    if len(points) <= most:
        chosen = points
    else:
        chosen = [points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)]
    anchors = {points[-1]["x"]: "end", points[0]["x"]: "start"}
    return [{**point, "anchor": anchors.get(point["x"], "middle")} for point in chosen]
