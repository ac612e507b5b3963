"""What can be wrong with a state that is written or read."""


class NotWritable(Exception):
    """Something hangs on a state that is no plain data: a bug of ours, which names the class and the way to it."""


class NotReadable(Exception):
    """A text is no state that this version of the hotline wrote. Nothing was made of it."""
