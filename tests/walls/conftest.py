from tests.live.conftest import watch
from tests.live_site import live_site

__all__ = ["live_site", "watch"]
