"""Waiting for a page: Playwright's wait_for_function needs eval, which the policy stops."""

import time


def until(page, expression, seconds=20):
    give_up = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < give_up, f"The page never came to: {expression}"
        page.wait_for_timeout(50)
