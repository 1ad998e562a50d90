"""What pytest calls: options, ini names, and when the keeper of the test data acts."""

from collections.abc import Generator, Iterator
from typing import Any

import pytest

from testoqa.testing import clock, people, seam
from testoqa.testing.clock import TestClock
from testoqa.testing.keeper import Keeper

KEEPER = pytest.StashKey[Keeper]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("ensure-data", "test data that is recorded once and replayed")
    group.addoption(
        "--ensure-data",
        choices=["auto", "cached", "uncached", "save", "saved"],
        help="auto (default): build the scripts when they are missing or stale; cached: refuse "
        "stale scripts; uncached: run the functions in this process and write nothing; save: "
        "uncached, and keep the rows for each test module; saved: use the rows of that module, "
        "however the functions have changed.",
    )
    group.addoption(
        "--ensure-data-build",
        action="store_true",
        help="Run every @ensure_data function, write the scripts, run no test.",
    )
    group.addoption(
        "--ensure-data-dir",
        default=".ensure_data",
        help="Where the scripts lie, beneath the root directory (default: .ensure_data).",
    )
    group.addoption(
        "--ensure-data-verify",
        action="store_true",
        help="After each test compare all tables with its data set.",
    )
    parser.addini("ensure_data_modules", "Modules that define @ensure_data functions.", "linelist")
    parser.addini("ensure_data_base", "The function that all others depend on.", default="")
    parser.addini(
        "ensure_data_sources",
        "Further files (patterns) that recorded rows depend on, such as factories.",
        "linelist",
    )
    parser.addini(
        "ensure_data_now",
        "Where the clock of builds and of test_clock stands; real: builds use the real time.",
        default=clock.START,
    )
    parser.addini(
        "ensure_data_user", "The natural key of the row that test_user is.", default=people.NAME
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "ensure_data(*functions, isolation=''): start from exactly the rows of these functions; "
        "written as @uses(...).",
    )
    config.addinivalue_line(
        "markers", "require_time_zone(name): skip the test where TIME_ZONE is another."
    )
    _refuse_contradictions(config)
    config.stash[KEEPER] = Keeper(config)


def pytest_unconfigure(config: pytest.Config) -> None:
    if KEEPER in config.stash:
        config.stash[KEEPER].close()


def pytest_itemcollected(item: pytest.Item) -> None:
    """A test with a data set may use the database, as if it were marked django_db.

    Its own mark or its fixtures tell whether it commits.
    """
    marker = item.get_closest_marker("ensure_data")
    if marker is not None and item.get_closest_marker("django_db") is None:
        commits = marker.kwargs.get("isolation") == "database"
        item.add_marker(pytest.mark.django_db(transaction=commits))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    keeper = config.stash[KEEPER]
    keeper.collect(items)
    if keeper.building:
        config.hook.pytest_deselected(items=items[1:])
        del items[1:]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[KEEPER].item = item
    for marker in item.iter_markers("require_time_zone"):
        clock.require_time_zone(*marker.args)


@pytest.fixture(scope="session", autouse=True)
def _ensure_data_databases(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any
) -> None:
    """Before the test databases are made, which the first test asks for."""
    keeper = request.config.stash[KEEPER]
    if not keeper.active:
        return
    with django_db_blocker.unblock():
        keeper.prepare()
    if keeper.building:
        request.getfixturevalue("django_db_setup")
        with django_db_blocker.unblock():
            keeper.open()
        pytest.skip("--ensure-data-build: scripts written, no test run")


@pytest.fixture(scope="class", autouse=True)
def _ensure_data_of_class(request: pytest.FixtureRequest) -> Generator[None]:
    """A TestCase opens a transaction for its whole class: its data must be there before."""
    keeper = request.config.stash[KEEPER]
    if not (keeper.active and request.cls is not None and seam.rolls_back(request.cls)):
        yield
        return
    request.getfixturevalue("django_db_setup")
    blocker = request.getfixturevalue("django_db_blocker")
    with blocker.unblock():
        keeper.begin_class(request.node)
    yield
    with blocker.unblock():
        keeper.verify()


@pytest.fixture
def test_clock(request: pytest.FixtureRequest) -> Iterator[TestClock]:
    """The clock stands still: .now, .shift(hours=1), .move_to(instant), .ticker(milliseconds)."""
    start = request.config.getini("ensure_data_now")
    with clock.stopped(clock.instant(clock.START if start == "real" else start)) as stopped:
        yield stopped


@pytest.fixture
def test_user(request: pytest.FixtureRequest, db: None) -> Any:
    """The user whom ensure_data_user names, of the base data set."""
    config = request.config
    return people.find(config.getini("ensure_data_user"), config.getini("ensure_data_base"))


@pytest.fixture
def test_client(client: Any, test_user: Any) -> Any:
    """Django's client, logged in as test_user."""
    client.force_login(test_user)
    return client


def _refuse_contradictions(config: pytest.Config) -> None:
    option = config.option
    if not (option.ensure_data_build or option.ensure_data == "save"):
        return
    if option.ensure_data_build and option.ensure_data:
        raise pytest.UsageError(
            f"--ensure-data-build and --ensure-data={option.ensure_data} at once: the first writes "
            "the scripts, the second reads them. Run them one after the other."
        )
    reading = "saved" if option.ensure_data == "save" else "cached"
    if getattr(option, "numprocesses", None) or hasattr(config, "workerinput"):
        raise pytest.UsageError(
            "the scripts are written by one process, so that ids come from one run of the "
            f"sequences: drop -n, or say -n 0, then use --ensure-data={reading} -n 2."
        )
