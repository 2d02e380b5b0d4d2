"""Sending things back: who may, what, until when; what staff decide; what money and papers follow; what photos say."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.utils import timezone
from msgspec.structs import replace
from PIL import Image
from uuid_utils.compat import uuid7

from contexts.customers.events import CustomerErased
from contexts.kernel import tokens
from contexts.kernel.checkout import OrderKey
from contexts.kernel.money import eur
from contexts.messaging import load
from contexts.ordering import photos, services
from contexts.ordering.errors import BadPhoto, NotReturnable
from contexts.ordering.events import (
    OrderRefunded,
    ReceivedPieces,
    ReturnApproved,
    ReturnedPieces,
    ReturnReceived,
    ReturnRefused,
    ReturnRequested,
)
from contexts.ordering.models import Invoice, OrderSummary, ReturnPhoto
from contexts.ordering.order import Order
from contexts.ordering.returns import credited_rows
from contexts.ordering.summaries import SUMMARIES
from contexts.payments.events import PaymentCaptured, PaymentRefunded, RefundFailed, RefundRequested
from contexts.shipping.events import ParcelDelivered
from tests.ordering.shop import line, summary
from tests.ordering.test_invoices import dispatched

pytestmark = pytest.mark.django_db(databases=["ordering"])


@pytest.fixture(autouse=True)
def private_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(ReturnPhoto._meta.get_field("image"), "storage", FileSystemStorage(location=tmp_path))
    return tmp_path


def delivered(deliver, *wanted, customer_id=None):
    """Return an order that was paid and has arrived."""
    order_id = dispatched(deliver, *wanted, customer_id=customer_id)
    deliver(PaymentCaptured(order_id=order_id, amount=summary(order_id).total))
    deliver(ParcelDelivered(order_id=order_id, parcel_id=uuid7(), delivered_at=timezone.now()))
    return order_id


def pieces(quantity=1, sku="RED-MUG"):
    return [ReturnedPieces(sku=sku, name="Red mug", quantity=quantity)]


def ask(order_id, quantity=1, sku="RED-MUG", **more):
    return services.request_return(order_id=order_id, pieces=pieces(quantity, sku), reason="damaged", **more)


def receive(order_id, return_id, quantity=1, resaleable=1, sku="RED-MUG"):
    came = [ReceivedPieces(sku=sku, quantity=quantity, resaleable=resaleable)]
    return services.receive_return(order_id=order_id, return_id=return_id, pieces=came)


def photo(kind="JPEG", size=(40, 30), exif=None):
    """Return a photo's bytes, with a camera's notes where `exif` is given."""
    made = BytesIO()
    Image.new("RGB", size, "red").save(made, kind, **({"exif": exif} if exif else {}))
    return made.getvalue()


def open_order(client, order_id):
    client.get(f"/orders/{order_id}/", {"key": tokens.sign(OrderKey(order_id=order_id), audience="order")})


def upload(data, name="mug.jpg"):
    return SimpleUploadedFile(name, data, content_type="image/jpeg")


# --- the rules


def test_a_return_goes_its_way_and_each_step_is_announced(deliver, published_events):
    order_id = delivered(deliver)
    published_events.clear()

    return_id = ask(order_id, 2, remark="The handle is off.")
    services.approve_return(order_id=order_id, return_id=return_id)
    receive(order_id, return_id, 2, resaleable=1)
    deliver(PaymentRefunded(order_id=order_id, amount=eur(29_90), refunded=eur(29_90), return_id=return_id))

    number = summary(order_id).number
    assert [event for event in published_events if not isinstance(event, OrderRefunded)][:3] == [
        ReturnRequested(
            order_id=order_id, return_id=return_id, number=number, customer_id=None, pieces=pieces(2),
            reason="damaged", remark="The handle is off.", photos=0,
        ),
        ReturnApproved(
            order_id=order_id, return_id=return_id, explanation="",
            send_to=["Tradepost", "Speicherstr. 1", "20457 Hamburg", "Germany"],
        ),
        ReturnReceived(
            order_id=order_id, return_id=return_id, number=number, refund=eur(29_90),
            pieces=[ReceivedPieces(sku="RED-MUG", quantity=2, resaleable=1)],
        ),
    ]  # fmt: skip
    assert load(Order, order_id).return_of(return_id).state == "refunded"
    assert summary(order_id).return_state == "refunded"


def test_a_replay_of_the_stream_gives_the_same_row(deliver):
    order_id = delivered(deliver)
    return_id, refund_id = ask(order_id, 1, remark="Off."), uuid7()
    services.approve_return(order_id=order_id, return_id=return_id)
    receive(order_id, return_id)
    deliver(RefundRequested(order_id=order_id, refund_id=refund_id, amount=eur(12_50)))
    refunded = PaymentRefunded(
        order_id=order_id, amount=eur(12_50), refunded=eur(12_50), refund_id=refund_id, return_id=return_id
    )
    deliver(refunded)
    refused = ask(order_id, 1)
    services.refuse_return(order_id=order_id, return_id=refused, explanation="It was used.")

    with transaction.atomic(using="ordering"):
        [row] = SUMMARIES.replayed(only=[f"order/{order_id}"])

    kept = OrderSummary.objects.values().get(order_id=order_id)
    assert {name: getattr(row, name) for name in kept} == kept
    assert [one["state"] for one in row.returns] == ["refunded", "refused"]
    assert (row.refund_pending_cents, row.refund_state, row.return_state) == (0, "done", "refused")


def test_what_was_not_delivered_or_too_long_ago_cannot_be_sent_back(deliver):
    on_its_way, old = dispatched(deliver), delivered(deliver)

    for order_id, now in ((on_its_way, timezone.now()), (old, timezone.now() + timedelta(days=31))):
        with pytest.raises(NotReturnable):
            ask(order_id, now=now)

    assert ask(old, now=timezone.now() + timedelta(days=29))


@pytest.mark.parametrize(("quantity", "sku"), [(0, "RED-MUG"), (3, "RED-MUG"), (-1, "RED-MUG"), (1, "OTHER")])
def test_no_more_can_be_sent_back_than_was_bought(deliver, quantity, sku):
    order_id = delivered(deliver)

    with pytest.raises(NotReturnable):
        ask(order_id, quantity, sku)

    assert summary(order_id).returns == []


def test_what_is_on_its_way_back_cannot_be_sent_twice_but_what_was_refused_can(deliver):
    order_id = delivered(deliver)
    first = ask(order_id, 2)

    with pytest.raises(NotReturnable):
        ask(order_id)
    services.refuse_return(order_id=order_id, return_id=first, explanation="It was used.")

    assert ask(order_id, 2)


def test_the_same_form_sent_twice_is_one_return(deliver):
    order_id, return_id = delivered(deliver), uuid7()

    for _ in range(2):
        ask(order_id, return_id=return_id)

    assert [one["id"] for one in summary(order_id).returns] == [str(return_id)]


def test_staff_decide_once_and_a_refusal_needs_words(deliver):
    order_id = delivered(deliver)
    return_id = ask(order_id)

    with pytest.raises(NotReturnable, match="Tell the shopper why"):
        services.refuse_return(order_id=order_id, return_id=return_id, explanation=" ")
    with pytest.raises(NotReturnable):
        receive(order_id, return_id)
    services.refuse_return(order_id=order_id, return_id=return_id, explanation="It was used.")
    with pytest.raises(NotReturnable, match="faster"):
        services.approve_return(order_id=order_id, return_id=return_id)

    assert load(Order, order_id).return_of(return_id).state == "refused"


@pytest.mark.parametrize(("quantity", "resaleable"), [(0, 0), (3, 0), (1, 2), (2, -1)])
def test_a_count_that_cannot_be_is_refused(deliver, quantity, resaleable):
    order_id = delivered(deliver)
    return_id = ask(order_id, 2)
    services.approve_return(order_id=order_id, return_id=return_id)

    with pytest.raises(NotReturnable):
        receive(order_id, return_id, quantity, resaleable)

    assert load(Order, order_id).return_of(return_id).state == "approved"


# --- the money


def test_pieces_that_come_back_one_by_one_bring_back_every_cent_and_the_last_the_shipping(deliver):
    order_id = delivered(deliver)
    refunds = []

    for paid_back in (eur(12_50), eur(29_90)):
        return_id = ask(order_id)
        services.approve_return(order_id=order_id, return_id=return_id)
        refunds.append(receive(order_id, return_id).return_of(return_id).refund)
        deliver(PaymentRefunded(order_id=order_id, amount=refunds[-1], refunded=paid_back, return_id=return_id))

    assert refunds == [eur(12_50), eur(17_40)]
    notes = Invoice.objects.filter(kind="credit_note").order_by("serial")
    assert [[(row.kind, row.gross) for row in note.content.rows] for note in notes] == [
        [("article", eur(12_50))],
        [("article", eur(12_50)), ("shipping", eur(4_90))],
    ]


def test_a_lines_discount_goes_back_with_its_pieces_to_the_cent(deliver):
    placed = load(Order, delivered(deliver, ("RED-MUG", 3))).placed
    discounted = replace(line(cents=10_00, quantity=3), discount=eur(10_00))
    placed = replace(placed, lines=[discounted], shipping=eur(0), total=eur(20_00))

    one_by_one = [
        credited_rows(placed, {"RED-MUG": 1}, before={"RED-MUG": before}, percents={})[0].gross for before in range(3)
    ]

    assert one_by_one == [eur(6_67), eur(6_67), eur(6_66)]


def test_no_more_goes_back_than_was_charged(deliver):
    order_id = delivered(deliver)
    deliver(PaymentRefunded(order_id=order_id, amount=eur(25_00), refunded=eur(25_00)))
    return_id = ask(order_id, 2)
    services.approve_return(order_id=order_id, return_id=return_id)

    assert receive(order_id, return_id, 2).return_of(return_id).refund == eur(4_90)


def test_while_one_refund_is_done_and_another_is_not_the_page_says_what_is_on_its_way(client, deliver):
    order_id = delivered(deliver)
    open_order(client, order_id)
    first, second = uuid7(), uuid7()

    deliver(RefundRequested(order_id=order_id, refund_id=first, amount=eur(5_00)))
    deliver(RefundRequested(order_id=order_id, refund_id=second, amount=eur(7_00)))
    deliver(PaymentRefunded(order_id=order_id, amount=eur(5_00), refunded=eur(5_00), refund_id=first))

    assert "€7.00 is on its way back to you" in client.get(f"/orders/{order_id}/").text


def test_the_page_says_how_far_the_money_is(client, deliver):
    order_id = delivered(deliver)
    open_order(client, order_id)
    refund_id, said = uuid7(), []

    for news in (
        RefundRequested(order_id=order_id, refund_id=refund_id, amount=eur(5_00)),
        PaymentRefunded(order_id=order_id, amount=eur(5_00), refunded=eur(5_00), refund_id=refund_id),
        RefundFailed(order_id=order_id, refund_id=refund_id, amount=eur(5_00), refunded=eur(0), came_back=True),
    ):
        deliver(news, times=2)
        said.append(client.get(f"/orders/{order_id}/").text)

    assert "€5.00 is on its way back to you" in said[0]
    assert "Money returned" in said[1]
    assert "is on its way back" not in said[1]
    assert "Your bank sent the money back to us." in said[2]
    assert summary(order_id).refunded == eur(0)


# --- the pages


def test_a_guest_sends_something_back_by_the_link_in_the_letter(client, deliver, django_assert_max_num_queries):
    order_id = delivered(deliver)
    key = tokens.sign(OrderKey(order_id=order_id), audience="order")

    form = client.get(client.get(f"/orders/{order_id}/return/", {"key": key})["Location"])
    sent = {
        "pieces_0": "1", "reason": "damaged", "remark": "The handle is off.", "return_id": str(uuid7()),
        "photos": [upload(photo()), upload(photo("PNG"), "mug.png")],
    }  # fmt: skip
    answer = client.post(f"/orders/{order_id}/return/", sent)

    assert "Red mug" in form.text
    assert (answer.status_code, answer["Location"]) == (303, f"/orders/{order_id}/#returns")
    with django_assert_max_num_queries(6, using="ordering"):
        page = client.get(f"/orders/{order_id}/")
    assert "It is damaged or does not work: The handle is off." in page.text
    shown = ReturnPhoto.objects.first()
    assert client.get(f"/orders/{order_id}/photos/{shown.id}/")["Content-Type"] == "image/jpeg"
    assert Client().get(f"/orders/{order_id}/photos/{shown.id}/").status_code == 403
    assert Client().get(f"/orders/{order_id}/return/").status_code == 403


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"pieces_0": "0"}, "Choose what to send back."),
        ({"pieces_0": "9"}, "Select a valid choice"),
        ({"reason": ""}, "Choose a reason."),
        ({"photos": [SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>")]}, "not a photo we can read"),
        ({"photos": [upload(photo()) for _ in range(4)]}, "Send up to 3 photos."),
    ],
)
def test_what_is_wrong_with_the_form_is_said_and_nothing_happens(client, deliver, sent, said):
    order_id = delivered(deliver)
    open_order(client, order_id)
    good = {"pieces_0": "1", "reason": "damaged", "remark": "Off.", "return_id": str(uuid7())}

    answer = client.post(f"/orders/{order_id}/return/", good | sent)

    assert answer.status_code == 422
    assert said in answer.text
    assert "Off." in answer.text
    assert not ReturnPhoto.objects.exists()
    assert summary(order_id).returns == []


def test_an_order_that_cannot_be_sent_back_says_so(client, deliver):
    order_id = dispatched(deliver)
    open_order(client, order_id)

    assert "There is nothing of this order that can be sent back" in client.get(f"/orders/{order_id}/return/").text
    assert client.post(f"/orders/{order_id}/return/", {}).status_code == 409
    assert "Send something back" not in client.get(f"/orders/{order_id}/").text


# --- photos


def test_a_photo_is_made_anew_without_what_the_camera_wrote():
    exif = Image.Exif()
    exif[0x010F] = "Secretive Cameras"
    exif[0x0112] = 6

    made = photos.clean(BytesIO(photo(size=(40, 30), exif=exif)), size=1000)

    again = Image.open(BytesIO(made))
    assert b"Secretive" not in made
    assert dict(again.getexif()) == {}
    assert again.size == (30, 40)


def test_a_photo_too_large_or_none_is_refused():
    for data, size in ((photo(), 9 * 1024 * 1024), (b"GIF89a", 6), (photo("GIF"), 100), (b"", 0)):
        with pytest.raises(BadPhoto):
            photos.clean(BytesIO(data), size=size)


def test_a_picture_that_would_fill_the_memory_is_refused(monkeypatch):
    monkeypatch.setattr(photos, "MAX_PIXELS", 100)

    with pytest.raises(BadPhoto, match="too many pixels"):
        photos.clean(BytesIO(photo()), size=1000)


def test_a_return_that_is_refused_at_the_last_moment_leaves_no_file(deliver, private_folder):
    order_id = delivered(deliver)

    with pytest.raises(NotReturnable):
        ask(order_id, 5, pictures=[photo()])

    assert [file for file in private_folder.rglob("*") if file.is_file()] == []


def test_whoever_is_erased_leaves_no_photo_and_no_remark(deliver, private_folder):
    ada = uuid7()
    order_id = delivered(deliver, customer_id=ada)
    ask(order_id, pictures=[photo()], remark="My name is Ada.")
    assert list(private_folder.rglob("*.jpg"))

    deliver(CustomerErased(customer_id=ada))

    assert list(private_folder.rglob("*.jpg")) == []
    assert not ReturnPhoto.objects.exists()
    assert "Ada" not in str(OrderSummary.objects.get(order_id=order_id).returns)


# --- staff


@pytest.fixture
def staff(client):
    person = get_user_model()(email="staff@example.com", is_staff=True, is_superuser=True)
    person.save()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.django_db(databases=["ordering", "customers"])
def test_staff_accept_and_count_a_return_in_the_admin(staff, deliver):
    order_id = delivered(deliver)
    return_id = ask(order_id, 2, pictures=[photo()])
    page = f"/admin/ordering/returnedorder/{order_id}/handle/"

    first = staff.get(page)
    staff.post(page, {"return_id": str(return_id), "do": "approve", "explanation": "Of course."})
    second = staff.get(page)
    staff.post(page, {"return_id": str(return_id), "do": "receive", "came_0": "2", "good_0": "1"})

    assert "Accept the return" in first.text
    assert staff.get(f"/admin/ordering/returnedorder/photos/{ReturnPhoto.objects.get().id}/").status_code == 200
    assert "Note what came back" in second.text
    order = load(Order, order_id)
    assert order.return_of(return_id).received == [ReceivedPieces(sku="RED-MUG", quantity=2, resaleable=1)]
    assert summary(order_id).number in staff.get("/admin/ordering/returnedorder/").text


@pytest.mark.django_db(databases=["ordering", "customers"])
@pytest.mark.parametrize(
    "sent", [{}, {"do": "approve"}, {"do": "refuse"}, {"do": "receive", "came_0": "many", "good_0": "1"}]
)
def test_what_staff_send_that_makes_no_sense_changes_nothing(staff, deliver, sent):
    order_id = delivered(deliver)
    return_id = ask(order_id)
    data = sent if sent.get("do") == "approve" else {"return_id": str(return_id), **sent}

    answer = staff.post(f"/admin/ordering/returnedorder/{order_id}/handle/", data, follow=True)

    assert answer.status_code == 200
    assert load(Order, order_id).return_of(return_id).state == "requested"


@pytest.mark.django_db(databases=["ordering", "customers"])
def test_photos_are_for_staff_and_the_shopper_only(client, deliver):
    order_id = delivered(deliver)
    ask(order_id, pictures=[photo()])

    assert client.get(f"/admin/ordering/returnedorder/photos/{ReturnPhoto.objects.get().id}/").status_code == 302


def test_a_refusal_is_told_with_its_reason(client, deliver, published_events):
    order_id = delivered(deliver)
    open_order(client, order_id)
    return_id = ask(order_id)

    services.refuse_return(order_id=order_id, return_id=return_id, explanation="The mug was used.")

    assert published_events[-1] == ReturnRefused(
        order_id=order_id, return_id=return_id, explanation="The mug was used."
    )
    assert "The mug was used." in client.get(f"/orders/{order_id}/").text
