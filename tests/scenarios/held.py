"""Requests of a page that are under way for as long as a test wants."""

import re
from typing import Any

from playwright.sync_api import Page, Request, Route


class Held:
    """Requests to addresses that end so, which wait until the test lets them go on."""

    def __init__(self, page: Page, ending: str) -> None:
        self.page, self.ending = page, re.compile(f"{ending}$")
        self.waiting: list[Route] = []
        self.seen: list[Request] = []
        self.is_over = False
        page.route(self.ending, self._hold)

    def wait(self, number: int = 1) -> None:
        """Until so many have been sent in all."""
        for _ in range(300):
            if len(self.seen) >= number:
                return
            self.page.evaluate("new Promise((done) => setTimeout(done, 20))")
        raise AssertionError(f"no {number} requests to {self.ending.pattern}")

    def let_go(self, **answer: Any) -> None:
        """Let what waits go on, or answer it so; what comes later goes at once."""
        self.is_over = True
        for route in self.waiting:
            route.fulfill(**answer) if answer else route.continue_()

    def _hold(self, route: Route) -> None:
        self.seen.append(route.request)
        if self.is_over:
            route.continue_()
        else:
            self.waiting.append(route)

    def operations(self) -> list[str]:
        """The keys with which messages were sent."""
        bodies = [(request.post_data_buffer or b"").decode() for request in self.seen]
        return [re.findall(r'name="operation"\r\n\r\n(\w+)', body)[0] for body in bodies]
