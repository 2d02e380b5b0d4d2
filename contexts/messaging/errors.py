"""What can go wrong in the backbone, each with the fact and the next step."""


class MessagingError(Exception):
    """Anything the backbone refuses."""


class MisdeclaredEvent(MessagingError):
    """An event class that cannot work; raised when it is defined."""


class MisdeclaredHandler(MessagingError):
    """A handler that cannot work; raised when it is declared."""


class UnknownEvent(MessagingError):
    """A name or version that no event class in this process answers to."""


class NotInTransaction(MessagingError):
    """An event was published outside the transaction of the change it announces."""


class NotYourEvent(MessagingError):
    """A context tried to publish another context's event."""


class Conflict(MessagingError):
    """Somebody else appended to the stream since it was loaded; load it again and decide anew."""


class BrokenStream(MessagingError):
    """A stream lacks a version: something took rows out of the log. Restore them; nothing else can tell what happened."""


class NoKey(MessagingError):
    """Personal data of somebody who was not erased, and no key to it; nothing is made of the event until there is one."""


class BrokenSeal(MessagingError):
    """Personal data that its key does not open."""


class Refused(MessagingError):
    """A message that is not from whom it says, or not for us; it has no effect and is counted."""


class Discard(Exception):
    """Raise in a handler to skip an event on purpose; the reason is kept: `raise Discard("order 17 was erased")`."""
