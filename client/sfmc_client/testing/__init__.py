"""Everything for tests: fixtures for pytest, the two targets, rails, transcripts.

Nothing is imported here: pytest loads this package in every run of every project that has it installed.
"""
