"""Property tests draw the same examples in every run, so a failure today is a failure tomorrow."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "desk",
    derandomize=True,
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)
settings.load_profile("desk")
