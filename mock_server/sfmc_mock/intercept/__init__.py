"""Answer at production's addresses: a proxy with certificates from the emulator's own certificate authority.

The proxy opens no connections: the emulator answers the request, or the proxy refuses it. Importing the package does
not import cryptography; `Proxy` does, for the first certificate.
"""

from sfmc_mock.intercept.hosts import DOMAINS, Hosts
from sfmc_mock.intercept.tenants import Tenants, rest_address, soap_address, subdomain_of

__all__ = ["DOMAINS", "Hosts", "Tenants", "rest_address", "soap_address", "subdomain_of"]
