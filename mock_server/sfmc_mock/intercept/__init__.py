"""Answer for production's addresses: a proxy that is the service itself, with certificates of an own authority.

Nothing here opens a connection: what the proxy is asked for is answered by the emulator, or refused.
Importing the package loads no cryptography: `Proxy` does, with the first certificate.
"""

from sfmc_mock.intercept.hosts import DOMAINS, Hosts
from sfmc_mock.intercept.tenants import Tenants, rest_address, soap_address, subdomain_of

__all__ = ["DOMAINS", "Hosts", "Tenants", "rest_address", "soap_address", "subdomain_of"]
