"""The suite as pytest items, for anybody's project: ``pytest --pyargs intercom_conformance.suites``."""
