"""What the page asks of the history."""

from __future__ import annotations

import time
from threading import BoundedSemaphore

from contexts.history.purchases import PurchasePage, PurchaseQuery
from contexts.history.store import PurchaseStore

#: Seconds between the looks for an awaited order: news of it is usually here within a third of a second.
PAUSES_S = (0.02, 0.04, 0.08, 0.12, 0.16, 0.2)

#: So many threads of a process wait at once. Whoever comes while they do gets the page as it is, and polls.
_waiting = BoundedSemaphore(2)


def purchases(store: PurchaseStore, query: PurchaseQuery, *, patient: bool = True) -> PurchasePage:
    """Return a page of purchases; with `patient`, look again for a moment while an awaited order is missing.

    Raises:
        StoreUnavailable: the store does not answer, or was never filled.
    """
    page = store.page(query)
    if not page.missing or not patient or not _waiting.acquire(blocking=False):
        return page
    try:
        for pause_s in PAUSES_S:
            time.sleep(pause_s)
            page = store.page(query)
            if not page.missing:
                break
    finally:
        _waiting.release()
    return page
