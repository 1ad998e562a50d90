import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.live_site import live_site
from tests.site.product import Product, environment

__all__ = ["live_site"]


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Python compiles, once for all starts of all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "bytecode"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory, bytecode: Path) -> Iterator[Product]:
    """A first start, stopped again."""
    folder = tmp_path_factory.mktemp("first")
    product = Product(folder, folder / "data", environment(bytecode)).start()
    try:
        product.ready()
        product.ready_checks = product.await_ready_checks()
        product.stop()
        yield product
    finally:
        product.end()


@pytest.fixture
def used(first: Product, tmp_path: Path) -> Path:
    """A data folder as a stopped TestoQA leaves it."""
    return shutil.copytree(first.data, tmp_path / "data")


@pytest.fixture
def make(tmp_path: Path, bytecode: Path) -> Iterator[Callable[..., Product]]:
    """make(data, *options, **environment): the product, ended with the test."""
    made: list[Product] = []

    def make(data: Path, *options: str, **more: str) -> Product:
        made.append(Product(tmp_path, data, environment(bytecode, **more), *options))
        return made[-1]

    yield make
    for product in made:
        product.end()


@pytest.fixture
def token(transactional_db, owner):
    """The header of the owner of the project WEB."""
    from tests.factories import make_token

    return {"Authorization": f"Bearer {make_token(owner)}"}
