"""Shipping methods change through one service, which tells the checkout."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse

from contexts.kernel.money import Money, eur
from contexts.shipping import services
from contexts.shipping.events import ShippingMethodChanged
from contexts.shipping.models import ShippingMethod

pytestmark = pytest.mark.django_db(databases=["shipping"])


def terms(**changed):
    return {
        "code": "bike",
        "name": "Bicycle courier",
        "carrier": "Kestrel Express",
        "price": eur(3_50),
        "countries": ["NL", "BE"],
        "days_min": 0,
        "days_max": 1,
    } | changed


def test_a_new_method_is_announced(published_events):
    services.save_method(**terms())

    assert published_events == [
        ShippingMethodChanged(
            code="bike",
            name="Bicycle courier",
            price=eur(3_50),
            countries=["BE", "NL"],
            days_min=0,
            days_max=1,
            active=True,
        )
    ]


def test_a_changed_method_is_announced_and_an_unchanged_one_is_not(published_events):
    services.save_method(**terms())
    published_events.clear()

    services.save_method(**terms())
    services.save_method(**terms(price=eur(4_00)), active=False)

    assert [(event.price, event.active) for event in published_events] == [(eur(4_00), False)]
    assert ShippingMethod.objects.get().price == eur(4_00)


def test_the_default_methods_are_installed_once(published_events):
    services.install_default_methods()
    services.install_default_methods()

    assert [event.code for event in published_events] == ["standard", "express", "pick-up", "abroad"]
    assert [(method.code, str(method.price)) for method in ShippingMethod.objects.all()] == [
        ("pick-up", "2.95 EUR"),
        ("standard", "4.95 EUR"),
        ("express", "12.95 EUR"),
        ("abroad", "14.95 EUR"),
    ]


@pytest.mark.parametrize(
    ("changed", "field", "sentence"),
    [
        ({"code": "By Bike"}, "code", "small letters"),
        ({"name": " "}, "name", "Give a name"),
        ({"carrier": "x" * 101}, "carrier", "Give a carrier"),
        ({"price": eur(-1)}, "price", "-0.01 EUR is negative"),
        ({"price": Money(1, "euro")}, "currency", '"euro" is no currency code'),
        ({"countries": []}, "countries", "at least one country"),
        ({"countries": ["NL", "Belgium"]}, "countries", "Belgium: use codes of two capital letters"),
        ({"days_min": 3, "days_max": 2}, "days_max", "3 to 2 working days"),
        ({"days_min": -1}, "days_max", "-1 to 1 working days"),
    ],
)
def test_a_method_that_makes_no_sense_is_refused(published_events, changed, field, sentence):
    with pytest.raises(services.InvalidMethod, match=sentence) as refusal:
        services.save_method(**terms(**changed))

    assert refusal.value.field == field
    assert not ShippingMethod.objects.exists()
    assert published_events == []


@pytest.mark.django_db(databases=["shipping", "customers"])
class TestInTheAdmin:
    """Staff change methods; the service announces them."""

    pytestmark = pytest.mark.django_db(databases=["shipping", "customers"])

    @pytest.fixture
    def staff(self, client):
        ContentType.objects.clear_cache()  # Its rows may have been made, and rolled back, by another test.
        person = get_user_model().objects.create_superuser(email="staff@example.com", password="a long password")
        client.force_login(person)
        return client

    def test_a_method_is_added(self, staff, published_events):
        staff.post(reverse("admin:shipping_shippingmethod_add"), self.entered())

        assert [(event.code, event.price, event.countries) for event in published_events] == [
            ("bike", eur(3_50), ["BE", "NL"])
        ]

    def test_a_method_is_changed_but_not_its_code(self, staff, published_events):
        method = services.save_method(**terms())
        published_events.clear()
        page = reverse("admin:shipping_shippingmethod_change", args=[method.pk])
        assert 'value="3.50"' in staff.get(page).content.decode()

        staff.post(page, self.entered(code="other", price="4.25", active=""))

        assert [(event.code, event.price, event.active) for event in published_events] == [("bike", eur(4_25), False)]
        assert ShippingMethod.objects.get().code == "bike"

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"price": "1.999"}, "1.999 has more than 2 digits after the point"),
            ({"countries": "NL, Mars"}, "MARS: use codes of two capital letters"),
            ({"days_min": "9"}, "9 to 1 working days"),
        ],
    )
    def test_nonsense_is_said_beside_the_field(self, staff, published_events, wrong, sentence):
        answer = staff.post(reverse("admin:shipping_shippingmethod_add"), self.entered(**wrong))

        assert sentence in answer.content.decode()
        assert not ShippingMethod.objects.exists()
        assert published_events == []

    def test_a_method_cannot_be_deleted(self, staff):
        method = services.save_method(**terms())

        answer = staff.post(reverse("admin:shipping_shippingmethod_delete", args=[method.pk]), {"post": "yes"})

        assert answer.status_code == 403
        assert ShippingMethod.objects.exists()

    @staticmethod
    def entered(**changed):
        return {
            "code": "bike",
            "name": "Bicycle courier",
            "carrier": "Kestrel Express",
            "price": "3.50",
            "currency": "EUR",
            "countries": "nl, be",
            "days_min": "0",
            "days_max": "1",
            "active": "on",
        } | changed
