"""What all tests of the repository share: pytester, which runs pytest in a directory of its own."""

pytest_plugins = ["pytester"]
