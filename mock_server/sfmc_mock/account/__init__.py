"""The account model: rules in plain Python over the store. It knows no SOAP."""

from sfmc_mock.account.account import Account

__all__ = ["Account"]
