"""Numbered SQL files, applied in order and each at most once."""
