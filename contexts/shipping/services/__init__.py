"""What shipping does: offer shipping methods, make parcels of confirmed orders and move them along."""

from contexts.shipping.services.methods import InvalidMethod, check_method, install_default_methods, save_method
from contexts.shipping.services.parcels import (
    Content,
    NotPossible,
    cancel_parcel,
    create_parcel,
    deliver,
    dispatch,
    forget_customer,
    forget_guest,
    hand_over,
    take_next_step,
)

__all__ = [
    "Content",
    "InvalidMethod",
    "NotPossible",
    "cancel_parcel",
    "check_method",
    "create_parcel",
    "deliver",
    "dispatch",
    "forget_customer",
    "forget_guest",
    "hand_over",
    "install_default_methods",
    "save_method",
    "take_next_step",
]
