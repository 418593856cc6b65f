"""The inspector: pages under `/_mock/ui/` that show an account to a person, in a browser."""

from sfmc_mock.inspector.addresses import ROOT, is_page, leads_to_pages

__all__ = ["ROOT", "is_page", "leads_to_pages"]
