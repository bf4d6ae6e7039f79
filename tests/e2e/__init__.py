"""The service in a browser: Playwright drives Debian's Chromium against the live demo.

`pytest -m e2e` runs all of it. Without a browser every test here is left out, and the run says so.
"""
