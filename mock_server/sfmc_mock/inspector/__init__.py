"""The inspector: pages under `/_mock/ui/` that show an account to a person, in a browser."""

from sfmc_mock.inspector.inspector import Inspector, leads_to_pages

__all__ = ["Inspector", "leads_to_pages"]
