#!/usr/bin/python3
"""Expectations about every time zone of the system, from Python's zoneinfo.

test_zone_oracle.c runs this and checks each line against billing/zone.c:

    Z path        the lines that follow are about this TZif file
    U utc offset  at this second of UTC the zone is `offset` seconds east
    W wall utc    the clock that shows `wall` (seconds since 1970 as if it were UTC) means `utc`
    E lines       the end, and how many lines came before it

Only zoneinfo's direction UTC -> wall is trusted. What a wall-clock time means is derived here from
its definition: the earliest second of UTC at which the clock shows it; and if there is none, the time
moved forward by what the clock skipped. (It is compared with zoneinfo's own fold=0, too.)

Probed: each transition of 1970-2100 a second before, at and after, in both directions, the inside of
its gap or overlap, and random seconds.
"""
import datetime
import hashlib
import os
import random
import struct
import sys
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
FIRST = 0
LAST = int(datetime.datetime(2101, 1, 1, tzinfo=UTC).timestamp()) - 1
SCANNED_FROM = int(datetime.datetime(2037, 1, 1, tzinfo=UTC).timestamp())
DAY = 86400
REACH = 26 * 3600  # more than any offset
RANDOM_PROBES = 300


class Zone:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
            file.seek(0)
            self.info = zoneinfo.ZoneInfo.from_file(file)

    def offset(self, utc):
        shown = datetime.datetime.fromtimestamp(utc, self.info)
        delta = shown.utcoffset()
        return delta.days * DAY + delta.seconds

    def listed_transitions(self):
        """Where to probe: the times in the file's second block, read with nothing but struct."""
        counts = struct.unpack(">6l", self.bytes[20:44])
        is_ut, is_std, leap, times, types, chars = counts
        second = 44 + times * 5 + types * 6 + chars + leap * 8 + is_std + is_ut
        times = struct.unpack(">l", self.bytes[second + 32:second + 36])[0]
        return struct.unpack(f">{times}q", self.bytes[second + 44:second + 44 + 8 * times])

    def first_after(self, low, high, test):
        """The first second in (low, high] at which test holds, which it does not at low."""
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if test(middle) else (middle, high)
        return high

    def scanned_transitions(self):
        """The years of the footer: looked at every ten days, then bisected."""
        low = SCANNED_FROM
        before = self.offset(low)
        while low < LAST:
            high = low + 10 * DAY
            after = self.offset(high)
            if after != before:
                yield self.first_after(low, high, lambda utc: self.offset(utc) != before)
            low, before = high, after

    def wall_to_utc(self, wall):
        low, high = wall - REACH, wall + REACH
        offsets = {self.offset(utc) for utc in range(low, high + 1, 2 * 3600)}
        shown_at = [wall - o for o in offsets if self.offset(wall - o) == o]
        if shown_at:
            return min(shown_at)
        jump = self.first_after(low, high, lambda utc: utc + self.offset(utc) > wall)
        before, after = self.offset(jump - 1), self.offset(jump)
        moved = wall + (after - before)
        return moved - after

    def fold_0(self, wall):
        shown = (EPOCH + datetime.timedelta(seconds=wall)).replace(tzinfo=self.info)
        delta = shown.utcoffset()
        return wall - (delta.days * DAY + delta.seconds)


def probes(zone, rng):
    transitions = {t for t in zone.listed_transitions() if FIRST <= t <= LAST}
    transitions |= set(zone.scanned_transitions())
    for t in sorted(transitions):
        for utc in (t - 1, t, t + 1):
            yield "U", utc, zone.offset(utc)
        before, after = zone.offset(t - 1), zone.offset(t)
        walls = {t + o + d for o in (before, after) for d in (-1, 0, 1)}
        walls.add(t + (before + after) // 2)
        for wall in sorted(walls):
            yield "W", wall, zone.wall_to_utc(wall)
    for _ in range(RANDOM_PROBES):
        utc = rng.randint(FIRST, LAST)
        yield "U", utc, zone.offset(utc)
        wall = rng.randint(FIRST + 2 * DAY, LAST - 2 * DAY)
        yield "W", wall, zone.fold_0(wall)


def zone_files():
    """One path for each different content: most names are links to another zone."""
    seen = set()
    for key in sorted(zoneinfo.available_timezones()):
        path = next(p for p in (os.path.join(d, key) for d in zoneinfo.TZPATH) if os.path.isfile(p))
        with open(path, "rb") as file:
            digest = hashlib.sha256(file.read()).digest()
        if digest not in seen:
            seen.add(digest)
            yield path


def main():
    rng = random.Random(2026)
    lines = 0
    for path in zone_files():
        zone = Zone(path)
        print("Z", path)
        lines += 1
        for kind, at, expected in probes(zone, rng):
            if kind == "W" and zone.fold_0(at) != expected:
                sys.exit(f"{path}: wall {at}: the definition says {expected}, zoneinfo says otherwise")
            print(kind, at, expected)
            lines += 1
    print("E", lines)


if __name__ == "__main__":
    main()
