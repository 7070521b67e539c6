"""Tests of a small app with the stand-in for the SDK: replace the app by yours."""

from __future__ import annotations

from typing import Any

from intercom_reference.fake import Fake


class Shop:
    """REPLACE: an app that is given the SDK."""

    def __init__(self, intercom: Fake) -> None:
        self.intercom = intercom
        self.problem: int | None = None

    def sign_in(self, user_id: str) -> None:
        self.intercom.loginUserWithUserAttributes({"userId": user_id}, error=self._failed)

    def order(self, item: str) -> None:
        self.intercom.logEvent("ordered", {"item": item})

    def _failed(self, error: dict[str, Any]) -> None:
        self.problem = error["code"]


def test_an_order_belongs_to_the_account(intercom_fake: Fake) -> None:
    """What somebody ordered before signing in belongs to the account."""
    shop = Shop(intercom_fake)
    intercom_fake.loginUnidentifiedUser()
    shop.order("book")
    shop.sign_in("12345")
    assert [contact["user_id"] for contact in intercom_fake.contacts] == ["12345"]
    assert intercom_fake.user is not None
    assert intercom_fake.user["events"] == [{"name": "ordered", "metadata": {"item": "book"}}]


def test_a_failed_sign_in_is_made_up_for(intercom_fake: Fake) -> None:
    """The app hears of a login that failed, and the next call tries it again."""
    shop = Shop(intercom_fake)
    intercom_fake.network.fail()
    shop.sign_in("12345")
    assert shop.problem == 503
    intercom_fake.network.up()
    shop.order("book")
    assert intercom_fake.user is not None
    assert intercom_fake.user["user_id"] == "12345"
