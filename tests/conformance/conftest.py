"""The test server of the backends, which the vendors' clients are pointed at here."""

from tests.backends.conftest import opened, server  # noqa: F401 - fixtures
