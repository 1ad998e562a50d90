"""The result files of the demo's automated runs, as JUnit XML."""

import io
import zlib
from typing import Any
from xml.etree import ElementTree as ET

from .content import automated_classes, path_of, read

SPREAD = 0.35
"""A test takes its usual time, give or take this share."""


def result_file(run: dict[str, Any], *, shard: int = 0, shards: int = 1) -> io.BytesIO:
    """What a CI job would have written; with shards, every n-th class from the given one on."""
    root = ET.Element("testsuites")
    suites: dict[tuple[str, ...], ET.Element] = {(): root}
    classes = [one for one in automated_classes() if one["name"] not in run.get("without", ())]
    for one in classes[shard::shards]:
        suite = _suite(suites, path_of(one["suite"]))
        for name in one["tests"]:
            if name not in run.get("not_yet", ()):
                _add_test(suite, one, name, run)
    return io.BytesIO(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _suite(suites, path):
    """The element of a suite, within those of the suites around it."""
    if path not in suites:
        suites[path] = ET.SubElement(_suite(suites, path[:-1]), "testsuite", name=path[-1])
    return suites[path]


def _add_test(suite, one, name, run):
    failing, flaky = run.get("failing", {}), run.get("flaky", {})
    failure = read("runs")["failure"].get(failing.get(name) or flaky.get(name), {})
    took = failure.get("ms") or _took(one["ms"], name, run["commit"])
    test = ET.SubElement(
        suite, "testcase", classname=one["name"], name=name, time=f"{took / 1000:.3f}"
    )
    if name in failing:
        _add_failure(test, failure.get("kind", "failure"), failure)
    elif name in flaky:
        _add_earlier_try(test, failure)
    elif reason := read("runs")["skipped"].get(name):
        ET.SubElement(test, "skipped", message=reason)


def _add_failure(test, tag, failure):
    element = ET.SubElement(test, tag, message=failure["message"], type=_type(failure))
    element.text = failure["trace"].strip("\n")
    if "output" in failure:
        ET.SubElement(test, "system-out").text = failure["output"].strip("\n")


def _add_earlier_try(test, failure):
    element = ET.SubElement(test, "flakyFailure", message=failure["message"], type=_type(failure))
    ET.SubElement(element, "stackTrace").text = failure["trace"].strip("\n")


def _type(failure):
    return failure.get("kind_of_exception") or failure["message"].partition(":")[0]


def _took(usual, name, commit):
    """Milliseconds; the same for the same test at the same commit."""
    share = zlib.crc32(f"{name} {commit}".encode()) / 2**32
    return round(usual * (1 - SPREAD + 2 * SPREAD * share))
