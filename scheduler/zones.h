/*
 * zones.h - the time zones of the system's database, each file read once.
 *
 * Gives billing/zone.h the bytes it reads from. A zone stays valid, at the same address, until
 * zones_free(); the daemon takes a newer tzdata by a restart. Not for threads: the loop's thread
 * asks, and what it got may be read by the store's thread, because it never changes.
 *
 * A name is part of a path, and it comes from admin requests: only IANA's own characters pass, no
 * segment may start with a dot, and a file above 64 KiB is refused.
 */
#ifndef SCHEDULER_ZONES_H
#define SCHEDULER_ZONES_H

#include "billing/status.h"
#include "billing/zone.h"

#define ZONES_DIRECTORY "/usr/share/zoneinfo"

struct zones;

/* `directory` is copied. */
struct zones *zones_new(const char *directory);
void zones_free(struct zones *zones);

/* The zone of that IANA name ("Asia/Tokyo"), borrowed until zones_free(). ST_INVALID: not a zone's
 * name, or its file is damaged; ST_NOT_FOUND: no such zone is installed; ST_BUSY: the cache is full
 * (it holds more zones than the database has names). */
MUST_USE enum status zones_get(struct zones *zones, const char *name, const struct zone **zone,
                               struct problem *problem);

#endif
