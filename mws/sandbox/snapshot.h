/*
 * snapshot.h - the world on disk, so that a restarted sandbox still knows its agreements and every
 * reference id.
 *
 * One JSON object a line: a head, then what sellers configured, agreements, order references and
 * transactions in order of creation. Written
 * to a temporary file, synced, and renamed over the old one. Fault rules, quotas and sellers' keys
 * are not kept: they come from the command line and the control API.
 */
#ifndef MWS_SANDBOX_SNAPSHOT_H
#define MWS_SANDBOX_SNAPSHOT_H

#include "mws/sandbox/world.h"

#define SNAPSHOT_FORMAT     "mws-sandbox-4"
#define SNAPSHOT_FORMAT_OLD "mws-sandbox-3" /* the same without what came later: is read, too */

/* ST_STORE with a sentence when the file cannot be written; the old one is then untouched. */
MUST_USE enum status snapshot_save(struct world *world, const char *path, struct problem *problem);

/* Fills an empty world. No file is an empty world. ST_INVALID names file and line; ST_STORE. */
MUST_USE enum status snapshot_load(struct world *world, const char *path, struct problem *problem);

#endif
