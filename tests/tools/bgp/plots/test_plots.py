import subprocess
import sys

from herdwick.tools.bgp.plots import PLOTS
from herdwick.tools.domain import get_domain


def test_every_picture_is_of_a_function() -> None:
    domain = get_domain("bgp")
    assert domain.plots == PLOTS
    assert {*PLOTS} <= {spec.name for spec in domain.functions}


def test_the_domain_opens_without_plotting_libraries() -> None:
    script = (
        "import sys; from herdwick.tools.domain import get_domain; get_domain('bgp'); "
        "print([name for name in ('matplotlib', 'plotly') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"
