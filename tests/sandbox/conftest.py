import pytest
from flask.testing import FlaskClient
from pytest_httpserver import HTTPServer

from sandbox.server import create_sandbox
from sandbox.setup import Setup
from sandbox.state import Sandbox

PAGE, OTHER_PAGE = "550000000000007", "550000000000008"


@pytest.fixture
def setup(httpserver: HTTPServer) -> Setup:
    """The sandbox's view of a platform that is nothing but a recorder."""
    return Setup(
        platform_port=httpserver.port,
        sandbox_port=1,
        facebook_app_id="660000000000006",
        facebook_app_secrets=("the app's secret",),
        facebook_verify_token="the-verify-token",
        facebook_pages={PAGE: "page-token", OTHER_PAGE: "other-page-token"},
        viber_bots={"bakery": "viber-token"},
        fulfillment_token="fulfillment-token",
        api_token="api-token",
    )


@pytest.fixture
def sandbox(setup: Setup):  # type: ignore[no-untyped-def]
    made = Sandbox(setup)
    yield made
    made.courier.close()


@pytest.fixture
def api(sandbox: Sandbox) -> FlaskClient:
    return create_sandbox(sandbox).test_client()
