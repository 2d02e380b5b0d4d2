"""One shop and one browser for all journeys; every visitor has a browser window of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.shop import Shop, open_shop
from tests.journeys.visitor import DESKTOP, PHONE, Visitor
from tests.payments.harness import STRIPE_KEY, STRIPE_WEBHOOK_SECRET
from tests.payments.stripe_stand_in import StripeStandIn
from tests.plugins import databases

Enter = Callable[..., Visitor]


@pytest.fixture(scope="package")
def stripe() -> Iterator[StripeStandIn]:
    """Stripe, as the shop's processes know it."""
    with StripeStandIn(key=STRIPE_KEY, webhook_secret=STRIPE_WEBHOOK_SECRET) as stand_in:
        yield stand_in


@pytest.fixture(scope="package")
def shop(
    stripe: StripeStandIn, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """The shop, open from the first journey to the last; afterwards the stores are as empty as they were."""
    from django.conf import settings

    environment = os.environ | {
        "TEST_DATABASE": settings.TEST_DATABASE,
        "TEST_REDIS_DB": str(settings.TEST_REDIS_DB),
        "JOURNEYS_STRIPE": stripe.url,
    }
    with django_db_blocker.unblock():
        cleaner = databases._cleaner()
        try:
            with open_shop(tmp_path_factory.mktemp("shop"), environment) as opened:
                yield opened
        finally:
            cleaner.clean(settings.CONTEXTS)
            cleaner.close()
            databases._redis().flushdb()


@pytest.fixture(autouse=True)
def _fresh_redis() -> None:
    """Keep what is in Redis from journey to journey: the shop goes on."""


@pytest.fixture(scope="package")
def browser(shop: Shop, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    # Playwright's own fixture stays for the whole session, and Django refuses to work beside its event loop.
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(**browser_type_launch_args)
        yield launched
        launched.close()


@pytest.fixture
def enter(request: pytest.FixtureRequest, browser: Browser, shop: Shop) -> Iterator[Enter]:
    """Let somebody in; at the end of the test nothing may have been wrong on any page they saw."""
    visitors: list[Visitor] = []
    journey = request.node.originalname.removeprefix("test_")

    def let_in(*, phone: bool = False, script: bool = True, name: str = "", site: str = "") -> Visitor:
        visitor = Visitor(
            browser, site or shop.url, journey=name or journey, screen=PHONE if phone else DESKTOP, script=script
        )
        visitors.append(visitor)
        return visitor

    yield let_in
    problems = [problem for visitor in visitors for problem in visitor.problems]
    failed = getattr(request.node, "walked", None)
    for visitor in visitors:
        if failed is not None and failed.failed:
            visitor.look("where-it-ended")
        visitor.leave()
    assert problems == []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Let fixtures know how the test went, and show what the processes said when it failed."""
    report = yield
    if call.when == "call":
        item.walked = report  # type: ignore[attr-defined]  # read by `enter`
        opened = getattr(item, "funcargs", {}).get("shop")
        if report.failed and isinstance(opened, Shop):
            report.sections.append(("the shop's processes", opened.said()))
    return report
