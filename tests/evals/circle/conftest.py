import pytest

from herdwick.evals.circle.settings import CircleSettings


@pytest.fixture(scope="session")
def settings() -> CircleSettings:
    """Of a small run that has no port yet."""
    return CircleSettings(
        count=24,
        fault_share=0.2,
        questions=50,
        seed=5,
        suite="aminer_dev",
        live_requests=0,
        recipe_sha256="abc",
    )
