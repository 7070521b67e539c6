"""The report as one HTML page that needs no network: what it shows, its template, its style and its script."""

from intercom_conformance.reports.page.rendering import page

__all__ = ["page"]
