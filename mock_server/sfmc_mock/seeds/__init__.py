"""Seed files, which describe the first state of an account: reading them, loading them, and writing them."""

from sfmc_mock.seeds.dumping import dump, write_seed
from sfmc_mock.seeds.loading import load
from sfmc_mock.seeds.reading import default_seed, parse_seed, read_seed
from sfmc_mock.seeds.tables import Seed, UnitSeed

__all__ = [
    "Seed",
    "UnitSeed",
    "default_seed",
    "dump",
    "load",
    "parse_seed",
    "read_seed",
    "write_seed",
]
