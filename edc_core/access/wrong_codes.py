"""How often a wrong code may be typed at a class's door, over all sessions together: sessions are free to make.

Only wrong codes count, so a class that types the right one comes in at once, however many they are. Each place that
people come from (a network address) has a bucket of wrong codes, and all places share one. While either is empty no
code is looked at, not even a right one, or guessing would go on. That shuts the class out neither long nor for ever:

- one place's bucket fills more slowly than the shared one, so no single place keeps the others waiting;
- where several places do, one that never typed a wrong code has its first one looked at nevertheless. Those come out
  of a bucket of their own, as a proxy may pass on addresses that somebody made up.

Who came in before needs no code. Where a proxy passes no addresses on (X-Forwarded-For), everybody shares one place.
The count is the process's own: a server that is started again has forgotten it.
"""

import ipaddress
import threading
from collections.abc import Callable
from time import monotonic

PLACE_BUCKET = 10, 30.0  # wrong codes of one place: so many at once, and the seconds until one more
SHARED_BUCKET = 30, 10.0  # of all places: as many as a class, then six a minute
FIRST_CODE_BUCKET = 30, 30.0  # beside those: the first ones of places that typed none before
MAX_PLACES = 10_000  # that are remembered


def network_of(address: str | None) -> str:
    """Where somebody comes from; one household or hall has a whole IPv6 network of 64 bits."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:  # this machine, or a proxy on it
        return ""
    return str(found) if found.version == 4 else str(ipaddress.ip_network((found, 64), strict=False))


class TokenBucket:
    """Holds up to `size` wrong codes, one more every `seconds`."""

    def __init__(self, size: int, seconds: float, now: float) -> None:
        self.size, self.seconds = size, seconds
        self.left, self.since = float(size), now

    def wait(self, now: float) -> float:
        """Seconds until it holds one."""
        self.left, self.since = min(self.size, self.left + (now - self.since) / self.seconds), now
        return max(0.0, (1 - self.left) * self.seconds)

    def take(self) -> None:
        self.left -= 1


class CodeThrottle:
    """Rate limit for wrong class codes at one server."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.clock, self.lock = clock, threading.Lock()
        self.shared, self.first = TokenBucket(*SHARED_BUCKET, clock()), TokenBucket(*FIRST_CODE_BUCKET, clock())
        self.places: dict[str, TokenBucket] = {}  # those that typed a wrong code

    def look(self, place: str, is_right: Callable[[], bool]) -> float:
        """Check a code and count a wrong one; else return the seconds that this place has to wait.

        One at a time: of a thousand that come at once, each finds what the one before it left.
        """
        with self.lock:
            now = self.clock()
            own, shared = self.places.get(place), self.shared
            if own is None and shared.wait(now):
                shared = self.first
            if wait := max(shared.wait(now), own.wait(now) if own else 0.0):
                return wait
            if not is_right():
                shared.take()
                self._of(place, now).take()
            return 0.0

    def _of(self, place: str, now: float) -> TokenBucket:
        if place not in self.places:
            if len(self.places) >= MAX_PLACES:
                self.places.pop(next(iter(self.places)))
            self.places[place] = TokenBucket(*PLACE_BUCKET, now)
        return self.places[place]


THROTTLE = CodeThrottle()
