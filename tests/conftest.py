"""What all tests share: Hypothesis draws the same examples every time, and no deadline hurries a slow machine."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, max_examples=40)
settings.load_profile("repeatable")
