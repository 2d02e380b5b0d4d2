"""What wishlists does, by noun: the lists, their sharing, and what the others told us."""

from contexts.wishlists.services.lists import Owner, forget_customer, forget_old_lists, merge, unwish, wish
from contexts.wishlists.services.sharing import share, stop_sharing

__all__ = ["Owner", "forget_customer", "forget_old_lists", "merge", "share", "stop_sharing", "unwish", "wish"]
