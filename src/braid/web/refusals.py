"""What the web app refuses to whoever runs it; apart from the models, so that the command line can name it."""


class NoSuchUser(Exception):
    """No user of that name. The message says the next step."""


class NotPublishable(Exception):
    """The run does not hold together; the set published before stays. The message names table, rule and next step."""


class OverlayListInvalid(Exception):
    """A list of the overlay breaks a rule; nothing of it was added. The message names row, column and next step."""


class NoDemoUser(Exception):
    """No account made for a demo: its codes are nobody's but its owner's. The message says the next step."""
