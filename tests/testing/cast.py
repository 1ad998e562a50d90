"""What tests of restoring ask of a database that holds the cast."""


def begin(data, *names):
    data.begin(names, "tests/test_x.py::test_y")


def same(rows, others, *, any_order=False):
    """Whether the tables hold the same rows, in the same order."""
    if not any_order:
        return rows == others
    return {name: sorted(found) for name, found in rows.items()} == {
        name: sorted(found) for name, found in others.items()
    }


def next_numbers(scratch):
    return scratch.sql(
        "SELECT nextval('tag_id_seq'), nextval('author_id_seq'), nextval('small_id_seq'), "
        "nextval('ticket')"
    )
