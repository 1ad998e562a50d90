"""Files of cases as each tool writes them, and what is read of them."""

import pytest

from apps.cases.formats.html import as_markdown

from .reading import of, read

OPEN = {"action": "Open the cart", "expected": "Two things", "data": ""}
PAY = {"action": "Pay", "expected": "It is paid", "data": "Card 4111"}


@pytest.mark.parametrize(
    ("name", "format", "tool"),
    [
        ("testrail.xml", "testrail_xml", "testrail"),
        ("testrail.csv", "csv", "testrail"),
        ("testlink.xml", "testlink_xml", "testlink"),
        ("qase.json", "qase_json", "qase"),
        ("qase.csv", "csv", "qase"),
        ("zephyr_scale.csv", "csv", "zephyr"),
        ("zephyr_squad.csv", "csv", "zephyr_squad"),
        ("xray.csv", "csv", "xray"),
        ("testmo.csv", "csv", "testmo"),
        ("cases.md", "markdown", ""),
    ],
)
def test_format_and_tool_are_recognised(name, format, tool):
    found = of(name)
    assert (found.format, found.options["tool"]) == (format, tool)
    assert not any(draft.problem for draft in found.drafts)
    assert found.reading.warnings == []


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("testrail.xml", ["C1", "C2"]),
        ("testrail.csv", ["C1", "C2"]),
        ("zephyr_scale.csv", ["SHOP-T1", "SHOP-T2"]),
        ("zephyr_squad.csv", ["SHOP-1", "SHOP-2"]),
        ("xray.csv", ["2", "3"]),
        ("testmo.csv", ["535", "536"]),
    ],
)
def test_steps_of_several_rows_belong_to_one_case(name, ids):
    found = of(name)
    assert [draft.external_id for draft in found.drafts] == ids
    first, second = found.drafts[0].steps
    assert (first["action"], second["expected"]) == ("Open the cart", "It is paid")
    assert found.drafts[1].title == "Signs in"


@pytest.mark.parametrize("name", ["testrail.xml", "testrail.csv"])
def test_testrail(name):
    one, two = of(name).drafts
    assert (one.title, one.suite, one.tags) == ("Pays by card & coupon", ("Shop",), ["Regression"])
    assert one.steps == [OPEN, PAY]
    assert one.fields == {
        "priority": "P1",
        "estimate_seconds": 330,
        "requirements": [{"name": "RF-1", "url": ""}, {"name": "RF-2", "url": ""}],
        "preconditions": "A cart with two things.",
    }
    assert (two.suite, two.fields["kind"]) == (("Shop", "Checkout"), "automated")
    assert [step["action"] for step in two.steps] == ["Open the page", "Sign in"]
    assert two.steps[1]["expected"] == "You are in"


def test_testlink_and_its_html():
    one, two = of("testlink.xml").drafts
    assert (one.external_id, one.title, one.suite) == ("7", "Pays by card", ("Shop",))
    assert one.fields == {
        "kind": "manual",
        "status": "ready",
        "priority": "P1",
        "estimate_seconds": 150,
        "description": "A customer pays **once**.\n- by card\n- by coupon",
        "preconditions": "A cart with two things in it",
        "requirements": [{"name": "REQ-1 Payment", "url": ""}],
    }
    assert one.steps == [OPEN, {"action": "Pay\nby card", "expected": "", "data": ""}]
    assert one.tags == ["smoke", "money"]
    assert (two.suite, two.fields["kind"]) == (("Shop", "Checkout"), "automated")
    assert "Browser" in of("testlink.xml").columns


def test_qase_json():
    two, one = of("qase.json").drafts
    assert (one.suite, two.suite) == (("Shop",), ("Shop", "Checkout"))
    assert one.steps == [OPEN, {"action": "Look at the sum", "expected": "", "data": ""}, PAY]
    assert one.tags == ["functional", "smoke", "money"]
    assert (one.fields["severity"], one.fields["status"]) == ("critical", "ready")
    assert one.fields["description"] == (
        "A customer pays once.\n\n**postconditions**\n\nThe cart is empty."
    )
    assert (two.fields["kind"], "severity" in two.fields) == ("automated", False)


def test_qase_csv_holds_quoted_steps_and_rows_that_are_suites():
    found = of("qase.csv")
    (one,) = found.drafts
    assert one.steps == [
        {"action": 'Open the "cart"', "expected": "Two things", "data": ""},
        {"action": "Pay\nby card", "expected": "", "data": "Card 4111"},
    ]
    assert found.plan.skipped == 1


def test_what_looks_like_an_escape_of_ours_stays_in_the_files_of_others():
    lines = "a\n\\3. b"
    qase = read(f'v2.id,title,steps_actions,steps_result\n1,A,"1. {lines}",x\n')
    ours = read(f'Title,Steps\nA,"1. {lines}"\n')
    assert (qase.options["tool"], ours.options["tool"]) == ("qase", "")
    assert [step["action"] for step in qase.drafts[0].steps] == [lines]
    assert [step["action"] for step in ours.drafts[0].steps] == ["a\n3. b"]
    assert read("Title,Tags\n'=1,x\n'Tis,y\n").drafts[0].title == "=1"


def test_zephyr_scale():
    one, two = of("zephyr_scale.csv").drafts
    assert (one.suite, one.tags) == (("Shop", "Checkout"), ["Payment", "smoke", "money"])
    assert one.fields["description"] == "A customer pays **once**."
    assert (one.fields["status"], one.fields["estimate_seconds"]) == ("ready", 300)
    assert one.steps[0]["expected"] == "Two things\nare there" and one.steps[1] == PAY
    assert "manager@example.com" in one.notes[0]
    assert two.steps == [{"action": "Sign in", "expected": "", "data": ""}]


def test_xray_passes_over_preconditions():
    found = of("xray.csv")
    one, two = found.drafts
    assert found.plan.skipped == 1
    assert (one.suite, one.fields["kind"], one.steps) == (
        ("Shop", "Checkout"), "manual", [OPEN, PAY],
    )  # fmt: skip
    assert two.fields["kind"] == "automated"


def test_testmo_and_its_html():
    one, two = of("testmo.csv").drafts
    assert (one.suite, one.fields["status"]) == (("Shop", "Checkout"), "ready")
    assert one.steps[1] == {"action": "Pay & wait", "expected": "It is paid", "data": ""}
    assert two.fields["priority"] == "P3"


def test_markdown():
    one, two = of("cases.md").drafts
    assert (one.key, one.title, one.suite) == ("WEB-12", "Pays by card", ("Shop", "Checkout"))
    assert one.fields["description"] == "A customer pays once.\n# no heading"
    assert one.steps == [
        {"action": "Open the cart", "expected": "Two things\nand a sum", "data": ""},
        {"action": "Pay\nwith care", "expected": "It is paid", "data": "Card 4111"},
    ]
    assert (two.title, two.steps) == ("Signs in", [])


def test_html_becomes_markdown():
    assert as_markdown("a < b & c") == "a < b & c"
    assert as_markdown("<p>A <b>b</b></p><p>C<br>d &lt; e</p>") == "A **b**\n\nC\nd < e"
    assert as_markdown('<ol><li>x<ul><li>y</li></ul></li><li><a href="u">z</a></li></ol>') == (
        "1. x\n  - y\n2. [z](u)"
    )
    assert as_markdown("<script>alert(1)</script>safe") == "safe"
