"""Moved: import from `sfmc_mock.declarations.handler`."""

from sfmc_mock.declarations.handler import Call as Call
