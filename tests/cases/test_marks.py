"""How the difference of two contents reads."""

from apps.cases.content import differences, summary
from apps.cases.marks import MOST_WORDS, marked

PAY = {"action": "Pay", "expected": "It is paid", "data": ""}
OPEN = {"action": "Open the cart", "expected": "", "data": ""}
LOOK = {"action": "Look", "expected": "", "data": ""}


def sides(before, after):
    (change,) = marked(differences({"description": before}, {"description": after}))
    return change.before, change.after


def steps(before, after):
    found = differences({"steps": before}, {"steps": after})
    return [(change.label, change.before, change.after) for change in found]


def test_the_words_that_changed_are_marked():
    assert sides("It takes 5 minutes by hand.", "It takes about 9 minutes by hand.") == (
        "It takes<del> 5</del> minutes by hand.",
        "It takes<ins> about 9</ins> minutes by hand.",
    )


def test_what_people_wrote_is_text_within_the_marks_and_beside_them():
    before, after = sides("<b>one</b> & two", "<b>one</b> & <script>2</script>")
    assert "<b>" not in before + after and "<script>" not in after
    assert before.startswith("&lt;b&gt;one&lt;/b&gt; &amp;")
    assert "<ins>" in after and "script" in after


def test_texts_with_little_in_common_are_shown_whole():
    assert sides("Nothing of this stays", "All words are other ones") == (
        "Nothing of this stays",
        "All words are other ones",
    )


def test_a_page_of_very_long_texts_is_shown_without_marks():
    long = "word " * 750
    found = marked(
        differences(
            {"custom": {f"field {n}": long for n in range(30)}},
            {"custom": {f"field {n}": f"{long} more" for n in range(30)}},
        )
    )
    unmarked = [change for change in found if "<ins>" not in change.after]
    assert 0 < len(unmarked) < 30
    assert MOST_WORDS < 30 * 2 * 750


def test_a_step_put_first_leaves_the_others_alone():
    assert steps([OPEN, PAY], [LOOK, OPEN, PAY]) == [("Step 1", "", "Look")]


def test_a_step_that_went_is_named_by_its_former_place():
    assert steps([LOOK, OPEN, PAY], [OPEN, PAY]) == [("Former step 1", "Look", "")]


def test_a_step_that_changed_is_named_by_its_new_place():
    changed = {**PAY, "expected": "It is paid twice"}
    assert steps([OPEN, PAY], [LOOK, OPEN, changed]) == [
        ("Step 1", "", "Look"),
        ("Step 3", "Pay\nExpect: It is paid", "Pay\nExpect: It is paid twice"),
    ]


def test_a_summary_names_the_first_of_many():
    many = [{"action": f"Step of {n}", "expected": "", "data": ""} for n in range(10)]
    assert summary(differences({}, {"title": "Pays", "steps": many})) == (
        "Title, Step 1, Step 2, Step 3, Step 4, Step 5 and 5 more"
    )
