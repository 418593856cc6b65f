"""The storage of an account: one SQLite database, in a file or in memory. Only this package uses SQLite."""
