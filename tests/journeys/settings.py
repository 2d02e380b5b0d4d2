"""Settings of the shop that the journeys walk through: the tests' stores, a demo's comforts, mail into files."""

import os

from tests.settings import *  # noqa: F403

DEMO = True
PORT = int(os.environ["JOURNEYS_PORT"])
SITE_URL = f"http://localhost:{PORT}"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ALLOWED_HOSTS = ["localhost"]
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = os.environ["JOURNEYS_MAIL"]
# A stand-in for Stripe; one web of the shop gives its cards there (test_stripe_in_a_browser.py).
PAYMENTS_GATEWAY = os.environ.get("JOURNEYS_GATEWAY", "sandbox")
STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET = "sk_test_stand_in", "whsec_stand_in"
STRIPE_API_BASE = os.environ["JOURNEYS_STRIPE"]
# Staff send the parcels here, and no demo's clock comes first.
SHIPPING_DEMO_DISPATCH_S = SHIPPING_DEMO_DELIVER_S = 24 * 3600
