"""`python -m sfmc_client.cli` is `sfmc-client`."""

from sfmc_client.cli import main

main()
