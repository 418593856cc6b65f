"""The examples are separate projects with their own settings; `tests/test_example_project.py` runs them."""

collect_ignore = ["welcome_mail"]
