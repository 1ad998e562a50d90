"""The recurring pieces of the pages: icons, results, graphics, figures, times and people."""

import datetime as dt
from functools import cache, lru_cache

from django import template
from django.forms.widgets import CheckboxInput, ChoiceWidget, HiddenInput
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe

from apps.projects import titles
from testoqa import graphics

register = template.Library()

STATUS_LABELS = {
    "created": "Created",
    "queued": "Queued",
    "running": "Running",
    "passed": "Passed",
    "failed": "Failed",
    "partial": "Partial",
    "error": "Error",
    "skipped": "Skipped",
    "blocked": "Blocked",
    "flaky": "Flaky",
    "cancelled": "Cancelled",
    "aborted": "Aborted",
    "pending": "Pending",
}
COUNTERS = ["total", "passed", "failed", "error", "skipped", "blocked", "pending", "flaky"]
MONTHS = [*"- Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()]
AVATAR_COLOURS = ["", " a2", " a3", " a4", " a5"]
SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


# A list shows the same few pieces many times. Typed, since a safe text equals an unsafe one.
remembered = lru_cache(maxsize=1024, typed=True)


@cache
def sprite(symbol):
    return f"{static('icons/sprite.svg')}#{symbol}"


@register.simple_tag
@remembered
def icon(name, css=""):
    """An outlined icon of the sprite: {% icon "runs" %}, {% icon "right" "s tw" %}."""
    return format_html(
        '<svg class="{}" aria-hidden="true"><use href="{}"/></svg>',
        f"i {css}".rstrip(),
        sprite(f"i-{name}"),
    )


@register.simple_tag
@remembered
def status_icon(status, css=""):
    """The filled icon of a result, in its colour; a word must stand beside it."""
    symbol = "queued" if status == "pending" else status
    return format_html(
        '<svg class="{}" data-s="{}" aria-hidden="true"><use href="{}"/></svg>',
        f"i {css}".rstrip(),
        symbol,
        sprite(f"s-{symbol}"),
    )


def status_label(status):
    return STATUS_LABELS.get(status, str(status).capitalize())


@register.simple_tag
@remembered
def st(status, kind="", label=""):
    """A result as icon and word: {% st run.status %}, {% st run.status "pill" %}, "icon-only"."""
    return format_html(
        '<span class="{}" data-s="{}"><svg class="i" aria-hidden="true"><use href="{}"/></svg>'
        "<span>{}</span></span>",
        f"st {kind}".rstrip(),
        status,
        sprite(f"s-{status}"),
        label or status_label(status),
    )


def counts_of(source):
    """Counters as a dict of integers, from a mapping or from the fields of a run."""
    if isinstance(source, dict):
        return {name: source.get(name) or 0 for name in COUNTERS}
    return {name: getattr(source, name, None) or 0 for name in COUNTERS}


def in_words(counts):
    """“861 passed, 9 flaky, 23 failed of 1,248”."""
    shown = graphics.shown_counts(counts)
    parts = [f"{number(count)} {status}" for status, count in shown.items()]
    return f"{', '.join(parts) or 'no results'} of {number(counts['total'])}"


@register.simple_tag
def bar(source, css=""):
    """The segmented bar of a run or of a dict of counters; css is "lg" or "sm"."""
    counts = counts_of(source)
    segments = format_html_join(
        "",
        '<rect data-s="{}" x="{}%" width="{}%" height="100%"/>',
        (
            (segment.status, f"{segment.start:.2f}", f"{segment.width:.2f}")
            for segment in graphics.bar_segments(counts)
        ),
    )
    return format_html(
        '<svg class="{}" role="img" aria-label="{}">{}</svg>',
        f"bar {css}".rstrip(),
        in_words(counts),
        segments,
    )


def tally(statuses):
    """“9 passed, 1 failed” of a list of statuses, in the order in which they first appear."""
    counted: dict[str, int] = {}
    for status in statuses:
        counted[status] = counted.get(status, 0) + 1
    return ", ".join(f"{number(count)} {status}" for status, count in counted.items())


def paths_of(paths):
    return format_html_join("", '<path data-s="{}" d="{}"/>', paths.items())


@register.simple_tag
def ticks(statuses, height=18):
    """The last results of a case as a strip, oldest first: {% ticks case.last_statuses %}."""
    return strip(tuple(statuses), height)


@remembered
def strip(statuses, height):
    width = 6 * len(statuses)
    return format_html(
        '<svg class="ticks" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
        'aria-label="{}">{}</svg>',
        width,
        height,
        width,
        height,
        f"Last {len(statuses)}: {tally(statuses)}" if statuses else "No results yet",
        paths_of(graphics.tick_paths(statuses, height=height)),
    )


@register.simple_tag
def ribbon(slices, slots=240, live=False):
    """Results in the order they arrived, one status a slice; a cursor while the run goes on."""
    slices = list(slices)
    arrived = len(slices)
    x = arrived * graphics.RIBBON_STEP + 1
    cursor = format_html('<path class="cursor" d="M{} 0v52"/>', x) if live else ""
    rest = ["queued"] * max(0, slots - arrived)
    return format_html(
        '<svg class="ribbon" viewBox="0 0 {} 52" preserveAspectRatio="none" role="img" '
        'aria-label="{}">{}{}</svg>',
        max(slots, arrived, graphics.RIBBON_LEAST_SLOTS) * graphics.RIBBON_STEP,
        f"Results in the order they arrived, {arrived} slices: {tally(slices) or 'none yet'}",
        paths_of(graphics.ribbon_paths(slices + rest)),
        cursor,
    )


@register.simple_tag
def spark(values, status="accent"):
    """A small line beside a figure that stands in words; nothing for fewer than two values."""
    values = list(values)
    if len(values) < 2:
        return ""
    line = graphics.line_path(values, width=72, height=22)
    return format_html(
        '<svg class="spark" data-s="{}" width="72" height="22" viewBox="0 0 72 22" '
        'aria-hidden="true"><path class="area" d="{}V22H0Z"/><path class="linep" d="{}"/></svg>',
        status,
        line,
        line,
    )


@register.inclusion_tag("_trend.html")
def trend(runs, title):
    """Share passed and failures of finished runs, oldest first, as a chart with its own text."""
    return {"title": title, **graphics.trend([(run, counts_of(run)) for run in runs])}


@register.filter
def success_rate(source):
    """“95.7%” of a run or of a dict of counters; a dash where nothing ran."""
    return percent(graphics.success_rate(counts_of(source)))


@register.filter
def percent(value):
    """One decimal, never rounded up to 100%: 99.96 is “99.9%”."""
    if value is None:
        return "–"
    if 99.9 < value < 100:
        value = 99.9
    return f"{value:.1f}%"


@register.filter
def pairs(words):
    """Names and values of what people wrote, where `.items` would be their value named “items”."""
    return words.items()


@register.filter
def in_row(text):
    """As much of a name as a row of a list has room for: {{ row.title|in_row }}."""
    return titles.in_row(text)


@register.filter
def on_page(text):
    """As much of a name as its own page shows."""
    return titles.on_page(text)


@register.filter
def number(value):
    """Digits in groups of three: “12,345”; a dash for None."""
    return "–" if value is None else f"{value:,}"


@register.filter
def duration(ms):
    """Milliseconds as “126 ms”, “1.2 s”, “2 m 34 s”, “3 h 05 m”, “2 d 4 h”; a dash for None."""
    if ms is None:
        return "–"
    if ms < SECOND:
        return f"{ms} ms"
    if ms < MINUTE:
        # 59,960 ms would read as 60.0 s
        return f"{min(ms / SECOND, 59.9):.1f} s"
    if ms < HOUR:
        return f"{ms // MINUTE} m {ms % MINUTE // SECOND:02d} s"
    if ms < DAY:
        return f"{ms // HOUR} h {ms % HOUR // MINUTE:02d} m"
    return f"{ms // DAY} d {ms % DAY // HOUR} h"


@register.filter
def ago(moment, now=None):
    """A <time> that reads “12 min ago” and keeps itself fresh; a date after two weeks."""
    if moment is None:
        return mark_safe('<span class="mut">never</span>')
    local = in_zone(moment)
    said = age(moment, local, now or timezone.now())
    return mark_safe(
        f'<time datetime="{in_utc(moment)}" title="{minute(local)}" data-ago>{said}</time>'
    )


def in_zone(moment):
    """The time as the reader's clock shows it; at the edges of the calendar as it was kept."""
    try:
        return timezone.localtime(moment)
    except OverflowError:
        return moment


def in_utc(moment):
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def day(local):
    """“30 Nov”. By hand: of a list of fifty times Django's own formats take a quarter of a page."""
    return f"{local.day} {MONTHS[local.month]}"


def minute(local):
    """“30 Nov 2026, 14:05”."""
    return f"{day(local)} {local.year}, {local:%H:%M}"


def age(moment, local, now):
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return "now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 24 * 60:
        return f"{minutes // 60} h ago"
    if minutes < 14 * 24 * 60:
        return f"{minutes // (24 * 60)} d ago"
    same_year = local.year == in_zone(now).year
    return day(local) if same_year else f"{day(local)} {local.year}"


@register.filter
def moment(value):
    """A <time> with the date and the minute, in the reader's zone."""
    if value is None:
        return "–"
    return mark_safe(f'<time datetime="{in_utc(value)}">{minute(in_zone(value))}</time>')


@register.simple_tag
def avatar(person, css=""):
    """Two letters on a colour that stays with the person; None is the machine."""
    if person is None:
        return format_html(
            '<span class="{}" aria-hidden="true">CI</span>', f"ava bot {css}".rstrip()
        )
    return format_html(
        '<span class="{}" aria-hidden="true">{}</span>',
        f"ava{AVATAR_COLOURS[person.pk % len(AVATAR_COLOURS)]} {css}".rstrip(),
        str(person)[:2],
    )


@register.simple_tag
def who(person, label=""):
    """A person with their letters; for None the label, e.g. what triggered a run."""
    return format_html('<span class="who">{}{}</span>', avatar(person), label or person or "System")


PRIORITY_RECTS = [
    ("0", "7.5", "3.5"),
    ("3.5", "5.3", "5.7"),
    ("7", "3.1", "7.9"),
    ("10.5", "0.9", "10.1"),
]


@register.simple_tag
@remembered
def prio(level, label=""):
    """A priority from 0, the highest, to 3: bars and a word."""
    bars = format_html_join(
        "",
        '<rect{} x="{}" y="{}" width="2.2" height="{}" rx="0.6"/>',
        (
            (mark_safe(' class="on"') if place < 4 - level else "", *rect)
            for place, rect in enumerate(PRIORITY_RECTS)
        ),
    )
    return format_html(
        '<span class="{}"><svg viewBox="0 0 13 11" aria-hidden="true">{}</svg>{}</span>',
        "prio is-p0" if level == 0 else "prio",
        bars,
        label or f"P{level}",
    )


CHOSEN = (CheckboxInput, ChoiceWidget, HiddenInput)
"""Widgets in which nothing is typed."""


@register.simple_tag
def control(field, css=""):
    """The widget of a bound field, dressed; its label, hint and error are _field.html's."""
    typed = not isinstance(field.field.widget, CHOSEN)
    dress = " ".join(filter(None, [field.field.widget.attrs.get("class"), "in" * typed, css]))
    return field.as_widget(attrs={"class": dress} if dress else None)
