"""Rows are kept for one file of tests, while the functions that made them are being changed."""

import pytest

from testoqa.testing import EnsureDataError, ensure_data

TEST = "tests/test_x.py::test_y"


@pytest.fixture
def tags(scratch):
    ran = []

    @ensure_data
    def tags():
        ran.append("tags")
        scratch.sql("INSERT INTO tag (name) VALUES ('a')")

    scratch.ran = ran
    return scratch


def test_r19_r21_saved_rows_are_used_however_the_functions_changed(tags, tmp_path):
    source = tmp_path / "factories.py"
    source.write_text("one")
    with pytest.raises(EnsureDataError) as refusal:
        tags.data(mode="saved", sources=[source]).begin(("tags",), TEST)
    assert str(refusal.value) == (
        f"--ensure-data=saved, but {tags.folder}/local/tests.test_x/manifest.json does not exist. "
        "Save it first: pytest --ensure-data=save tests/test_x.py"
    )
    data = tags.data(mode="save", sources=[source])
    data.begin(("tags",), TEST)
    rows, number = tags.rows(), tags.one("SELECT nextval('tag_id_seq')")
    source.write_text("two")
    data = tags.data(mode="saved", sources=[source])
    for _ in range(2):
        data.begin(("tags",), TEST)
        assert tags.rows() == rows and tags.one("SELECT nextval('tag_id_seq')") == number
        tags.sql("DELETE FROM tag")
        data.end()
    assert tags.ran == ["tags"]


def test_saved_rows_of_another_schema_are_refused(tags):
    tags.data(mode="save")
    tags.sql("ALTER TABLE tag ADD COLUMN more int")
    data = tags.data(mode="saved")
    with pytest.raises(EnsureDataError, match=r"stale rows in .*: the database schema has changed"):
        data.begin(("tags",), TEST)


def test_each_file_of_tests_has_rows_of_its_own(tags):
    tags.data(mode="save")
    data = tags.data(mode="saved")
    data.begin(("tags",), TEST)
    with pytest.raises(EnsureDataError, match=r"local/tests.test_other/manifest.json does not"):
        data.begin(("tags",), "tests/test_other.py::test_y")
    data.begin(("tags",), TEST)
    assert tags.rows()["tag"] == ["(1,a,)"]


def test_a_function_that_is_used_since_rows_were_saved_is_named(tags):
    tags.data(mode="save")

    @ensure_data
    def more(): ...

    data = tags.data(mode="saved")
    with pytest.raises(EnsureDataError) as refusal:
        data.begin(("tags", "more"), TEST)
    assert str(refusal.value) == (
        "more is not among the rows saved for tests/test_x.py. Save them again: "
        "pytest --ensure-data=save tests/test_x.py"
    )
