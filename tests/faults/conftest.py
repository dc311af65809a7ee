"""Servers that the tests here break again and again, and a shop of two workers on them."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.shop import Shop
from tests.servers import throwaway_servers


@pytest.fixture(scope="module")
def shop(
    settings_of_tests: dict[str, str],
    migrated_data: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    """A shop whose servers may be broken, if they are mended again."""
    with throwaway_servers(data=migrated_data) as servers:
        directory: Path = tmp_path_factory.mktemp("shop")
        shop = Shop(servers, directory, settings_of_tests | {"BUILD": secrets.token_hex(4)})
        yield shop
        shop.close()
