"""Where an account is kept: one SQLite file, or memory. Only this package speaks SQL."""
