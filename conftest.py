"""Real servers for every test: see devstack.testing."""

pytest_plugins = ["devstack.testing"]
