"""Times as the API server reads and writes them: Go's `time.Parse` with its words, and UTC on the way out.

go: src/time/format.go (parse); kubernetes: staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/time.go, micro_time.go.
"""

from __future__ import annotations

from calendar import monthrange

SECONDS = "2006-01-02T15:04:05Z07:00"
MICROS = "2006-01-02T15:04:05.000000Z07:00"
_DAY = 86_400
_FIELDS = (
    ("", "01", "month", range(1, 13)),
    ("-", "02", "", range(100)),
    ("T", "15", "hour", range(24)),
    (":", "04", "minute", range(60)),
    (":", "05", "second", range(60)),
)


def parse(text: str, layout: str = SECONDS) -> tuple[int, int]:
    """Return the seconds since 1970 and the microseconds of an RFC 3339 time; raises ValueError in Go's words."""
    reader = _Reader(text, layout)
    year = reader.year()
    reader.skip("-")
    month, day, hour, minute, second = (reader.number(*field) for field in _FIELDS)
    micros = reader.fraction(required=layout == MICROS)
    offset = reader.zone()
    if reader.rest:
        raise ValueError(f'parsing time "{text}": extra text: "{reader.rest}"')
    if not 1 <= day <= (29 if month == 2 and _leap(year) else monthrange(2001, month)[1]):
        raise ValueError(f'parsing time "{text}": day out of range')
    return _days(year, month, day) * _DAY + hour * 3600 + minute * 60 + second - offset, micros


def written(moment: tuple[int, int], layout: str = SECONDS) -> str:
    """Return a time as the server writes it: in UTC, to the second or to the microsecond."""
    days, rest = divmod(moment[0], _DAY)
    year, month, day = _date(days)
    fraction = f".{moment[1]:06}" if layout == MICROS else ""
    return f"{year:04}-{month:02}-{day:02}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}{fraction}Z"


class _Reader:
    """Takes one element after the other from the front of a text."""

    def __init__(self, text: str, layout: str) -> None:
        self.rest = text
        self._text, self._layout = text, layout

    def _cannot(self, rest: str, wanted: str) -> ValueError:
        return ValueError(f'parsing time "{self._text}" as "{self._layout}": cannot parse "{rest}" as "{wanted}"')

    def _beyond(self, what: str) -> ValueError:
        return ValueError(f'parsing time "{self._text}": {what} out of range')

    def skip(self, sign: str) -> None:
        """Take a sign of the layout."""
        if not self.rest.startswith(sign):
            raise self._cannot(self.rest, sign)
        self.rest = self.rest[len(sign) :]

    def year(self) -> int:
        """Take the four digits of a year."""
        if not _digits(self.rest[:4], 4):
            raise self._cannot(self.rest, "2006")
        found, self.rest = int(self.rest[:4]), self.rest[4:]
        return found

    def number(self, sign: str, name: str, what: str, within: range) -> int:
        """Take a sign and two digits (an hour may have one)."""
        self.skip(sign)
        hold = self.rest
        size = 1 if name == "15" and _digits(hold[:1], 1) and not _digits(hold[1:2], 1) else 2
        if not _digits(hold[:size], size):
            raise self._cannot(hold, name)
        found, self.rest = int(hold[:size]), hold[size:]
        if found not in within:
            raise self._beyond(what)
        return found

    def fraction(self, *, required: bool) -> int:
        """Take a fraction of a second and return it in microseconds."""
        hold = self.rest
        if hold[:1] not in (".", ",") or not _digits(hold[1:2], 1):
            if required:
                raise self._cannot(hold, ".000000")
            return 0
        size = 1
        while _digits(hold[size : size + 1], 1):
            size += 1
        if required and (size < 7):
            raise self._cannot(hold, ".000000")
        size = 7 if required else size
        self.rest = hold[size:]
        return int(hold[1:size][:6].ljust(6, "0"))

    def zone(self) -> int:
        """Take the zone and return its distance from UTC in seconds."""
        hold = self.rest
        if hold.startswith("Z"):
            self.rest = hold[1:]
            return 0
        if len(hold) < 6 or hold[3] != ":" or not _digits(hold[1:3] + hold[4:6], 4):
            raise self._cannot(hold, "Z07:00")
        hour, minute = int(hold[1:3]), int(hold[4:6])
        if minute > 60 or hour > 24:
            raise self._beyond(f"time zone offset {'minute' if minute > 60 else 'hour'}")
        if hold[0] not in "+-":
            raise self._cannot(hold, "Z07:00")
        self.rest = hold[6:]
        return (hour * 60 + minute) * (60 if hold[0] == "+" else -60)


def _digits(text: str, size: int) -> bool:
    return len(text) == size and text.isascii() and text.isdigit()


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _days(year: int, month: int, day: int) -> int:
    """Return the days since 1970 of a date in the Gregorian calendar; years are counted from March on the way."""
    year -= month <= 2
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + of_year - 719_468


def _date(days: int) -> tuple[int, int, int]:
    """Return year, month and day of the days since 1970."""
    days += 719_468
    era, of_era = divmod(days, 146_097)
    of_year_ = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * of_year_ + of_year_ // 4 - of_year_ // 100)
    shifted = (5 * of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return era * 400 + of_year_ + (month <= 2), month, of_year - (153 * shifted + 2) // 5 + 1
