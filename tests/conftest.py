"""What all tests share: pytest's own fixture for testing plugins, and properties that no busy machine fails."""

from hypothesis import settings

pytest_plugins = ["pytester"]

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
