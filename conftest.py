"""For every test: the plugin is tested with pytest's own tester, which only this file may ask for."""

pytest_plugins = ["pytester"]
