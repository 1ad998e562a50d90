"""Tests that are about one time zone."""

import pytest
from django.utils import timezone


@pytest.mark.require_time_zone("Europe/Vienna")
def test_r31_runs_where_the_settings_have_its_zone():
    assert timezone.get_default_timezone_name() == "Europe/Vienna"


@pytest.mark.require_time_zone("Asia/Tokyo")
def test_r31_is_skipped_where_they_have_another():
    raise AssertionError("never reached")
