"""`python -m sfmc_mock` is `sfmc-mock`."""

from sfmc_mock.cli import main

if __name__ == "__main__":
    main()
