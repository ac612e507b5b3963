"""The seats of operators: one for calls, one for chats, and a dispatcher for each.

    event ─▶ which medium? ─▶ its dispatcher ─▶ effects
                 │                  │
                 '── status ◀───────┴──▶ what is a person's (status), and what bars a seat, is told to the other

Nobody is ever rung for a call at a desk, or for a chat at a phone, so who waits for the one stands before nobody who
waits for the other: two dispatchers decide what one with two kinds of seats would, each by the same rules. To everybody
else there is one operator and one queue of each name (`shown`).
"""

from routing.seats.seats import Seats

__all__ = ["Seats"]
