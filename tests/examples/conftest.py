"""The examples are projects of their own, with settings of their own: `tests/test_example_project.py` runs them."""

collect_ignore = ["welcome_mail"]
