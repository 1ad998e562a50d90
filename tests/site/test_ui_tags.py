import datetime as dt
import re

import pytest
from django import forms
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from testoqa import graphics
from testoqa.templatetags import ui

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
COUNTS = {
    "total": 1248, "passed": 870, "failed": 23, "error": 2, "skipped": 14, "blocked": 0,
    "pending": 339, "flaky": 9,
}  # fmt: skip


def render(source, **context):
    return Template("{% load ui %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (None, "–"), (0, "0 ms"), (999, "999 ms"), (1200, "1.2 s"), (59_990, "59.9 s"),
        (60_000, "1 m 00 s"), (154_000, "2 m 34 s"), (3_599_999, "59 m 59 s"),
        (11_100_000, "3 h 05 m"), (187_200_000, "2 d 4 h"),
    ],
)  # fmt: skip
def test_a_duration_reads_in_its_two_largest_units(ms, words):
    assert ui.duration(ms) == words


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "now"), (-3, "now"), (1, "1 min ago"), (59, "59 min ago"), (60, "1 h ago"),
        (23 * 60 + 59, "23 h ago"), (24 * 60, "1 d ago"), (14 * 24 * 60 - 1, "13 d ago"),
        (20 * 24 * 60, "1 Nov"), (400 * 24 * 60, "17 Oct 2025"),
    ],
)  # fmt: skip
def test_a_moment_reads_as_an_age_and_later_as_a_date(minutes, words):
    assert f">{words}</time>" in ui.ago(NOW - dt.timedelta(minutes=minutes), NOW)


def test_an_age_names_the_exact_moment_in_the_readers_zone():
    with timezone.override("Asia/Tokyo"):
        html = ui.ago(NOW, NOW)
    assert 'datetime="2026-11-21T12:00:00+00:00"' in html
    assert 'title="21 Nov 2026, 21:00"' in html


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Europe/Berlin", "America/Los_Angeles"])
@pytest.mark.parametrize("edge", [dt.datetime.min, dt.datetime.max])
def test_a_time_at_the_edge_of_the_calendar_reads_in_every_zone(edge, zone):
    edge = edge.replace(tzinfo=dt.UTC)
    with timezone.override(zone):
        assert f'datetime="{edge.isoformat(timespec="seconds")}"' in ui.ago(edge)
        assert f'datetime="{edge.isoformat(timespec="seconds")}"' in ui.moment(edge)


def test_nothing_yet_is_never():
    assert ui.ago(None) == '<span class="mut">never</span>'


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (95.65, "95.7%"), (99.97, "99.9%"), (100, "100.0%"), (0, "0.0%")],
)
def test_only_a_whole_pass_reads_as_100_percent(value, words):
    assert ui.percent(value) == words


def test_the_success_rate_leaves_the_skipped_out():
    assert ui.success_rate({"total": 20, "passed": 9, "skipped": 10}) == "90.0%"
    assert ui.success_rate({"total": 3, "skipped": 3}) == "–"


def test_a_run_of_which_nothing_has_run_has_no_success_rate():
    assert ui.success_rate({"total": 3, "pending": 3}) == "–"
    assert ui.success_rate({"total": 3, "pending": 2, "failed": 1}) == "0.0%"


def test_numbers_are_grouped():
    assert ui.number(1234567) == "1,234,567"
    assert ui.number(None) == "–"


def test_a_status_is_an_icon_and_a_word():
    html = render('{% st "failed" %}')
    assert 'data-s="failed"' in html
    assert "sprite.svg#s-failed" in html
    assert "<span>Failed</span>" in html


def test_what_is_shown_is_escaped():
    html = render("{% st odd %}{% icon odd %}{% who None odd %}", odd='<b>"')
    assert "<b>" not in html
    assert html.count("&lt;b&gt;&quot;") == 5


def test_a_bar_says_in_words_what_it_shows():
    html = render("{% bar counts %}", counts=COUNTS)
    assert 'aria-label="861 passed, 9 flaky, 23 failed, 2 error, 14 skipped of 1,248"' in html
    assert re.findall(r'data-s="(\w+)"', html) == ["passed", "flaky", "failed", "error", "skipped"]


def test_a_bar_of_an_empty_run_is_empty():
    assert "no results of 0" in render("{% bar counts %}", counts={"total": 0})


def test_a_run_gives_a_bar_its_counters():
    class Finished:
        total = passed = 3
        failed = error = skipped = blocked = pending = flaky = 0

    assert "3 passed of 3" in render("{% bar run %}", run=Finished())


counters = st.dictionaries(
    st.sampled_from(["passed", "failed", "error", "skipped", "blocked", "pending"]),
    st.integers(0, 10**7),
)


@given(counters, st.integers(0, 100))
def test_segments_fill_the_bar_and_never_leave_it(counts, flaky_percent):
    counts = {name: counts.get(name, 0) for name in [*graphics.BAR_ORDER, "pending"]}
    counts["flaky"] = counts["passed"] * flaky_percent // 100
    counts["total"] = sum(counts.values()) - counts["flaky"]
    segments = graphics.bar_segments(counts)
    assert sum(segment.count for segment in segments) == counts["total"] - counts["pending"]
    end = 0
    for segment in segments:
        assert segment.start == pytest.approx(end)
        assert segment.width >= graphics.BAR_LEAST
        end = segment.start + segment.width
    assert end <= 100 + 1e-6


def test_ticks_are_quiet_for_a_pass_and_loud_for_a_failure():
    html = render("{% ticks statuses %}", statuses=["passed", "passed", "failed"])
    assert 'aria-label="Last 3: 2 passed, 1 failed"' in html
    assert '<path data-s="passed" d="M3 18v-7.875M9 18v-7.875"/>' in html
    assert '<path data-s="failed" d="M15 18v-18"/>' in html


def test_ticks_without_results_say_so():
    assert 'aria-label="No results yet"' in render("{% ticks statuses %}", statuses=[])


def test_a_ribbon_keeps_room_for_what_is_to_come():
    html = render("{% ribbon slices 4 True %}", slices=["passed", "error"])
    assert 'viewBox="0 0 240 52"' in html
    assert 'data-s="queued" d="M12.5 52v-3M17.5 52v-3"' in html
    assert 'class="cursor" d="M11 0v52"' in html


def test_a_spark_needs_two_values():
    assert render("{% spark values %}", values=[4]) == ""
    assert 'd="M0.0 20.0L72.0 2.0"' in render("{% spark values %}", values=[1, 2])


class RunOnTrend:
    skipped = error = blocked = pending = flaky = 0

    def __init__(self, number, failed):
        self.number, self.failed, self.total, self.passed = number, failed, 100, 100 - failed
        self.finished_at = NOW


def test_a_trend_says_its_course_in_words():
    html = render('{% trend runs "Pass rate" %}', runs=[RunOnTrend(1, 4), RunOnTrend(2, 0)])
    assert "Pass rate: 2 runs, from 96.0% to 100.0%, lowest 96.0%." in html
    assert "Run #1: 4 failed" in html
    assert "Run #2" not in html


def test_a_trend_of_nothing_draws_nothing():
    assert render('{% trend runs "Pass rate" %}', runs=[]).strip() == ""


def test_a_trend_stays_within_its_box():
    for failures in ([0, 0], [100, 0], [3], list(range(0, 100, 7))):
        drawn = graphics.trend(
            [(run, ui.counts_of(run)) for run in (RunOnTrend(1, n) for n in failures)]
        )
        for point in drawn["points"]:
            assert graphics.TREND_TOP <= point["y"] <= graphics.TREND_FLOOR
            assert graphics.TREND_LEFT <= point["x"] <= graphics.TREND_RIGHT
        assert len(drawn["labels"]) <= 5


class OrderForm(forms.Form):
    title = forms.CharField(help_text="One sentence.", widget=forms.TextInput({"class": "w8r"}))
    kind = forms.ChoiceField(choices=[("a", "Apple")])
    urgent = forms.BooleanField(required=False, help_text="Only when it burns.")
    size = forms.ChoiceField(choices=[("s", "Small")], widget=forms.RadioSelect)
    note = forms.CharField(required=False, widget=forms.Textarea)
    token = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self):
        raise forms.ValidationError("The order as a whole is wrong.")


def test_a_field_ties_its_label_hint_and_error_to_the_control():
    html = render_to_string("_field.html", {"field": OrderForm({})["title"]})
    assert '<label for="id_title">Title' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext">One sentence.' in html
    assert 'id="id_title_error"' in html
    assert "This field is required." in html
    assert 'class="w8r in"' in html


def test_every_id_that_a_form_refers_to_exists_once():
    html = render_to_string("_form.html", {"form": OrderForm({})})
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    referred = " ".join(re.findall(r'aria-describedby="([^"]+)"', html)).split()
    assert referred
    assert set(referred) <= set(ids)
    assert "The order as a whole is wrong." in html


def test_a_message_is_a_toast_and_an_error_an_alert():
    class Message:
        level_tag = "error"

        def __str__(self):
            return "Run <45> has finished."

    html = render_to_string("_messages.html", {"messages": [Message()]})
    assert 'role="alert"' in html
    assert "Run &lt;45&gt; has finished." in html
