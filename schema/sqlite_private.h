/*
 * sqlite_private.h - what the sqlite_*.c files share: the open store, its statements, its row maps.
 *
 * Three layers, bottom up:
 *   row map     which column is which field of which struct, with its conversion (sqlite_rows.c)
 *   statement   one SQL text, prepared once; parameters and result columns are found by name when
 * it is prepared, so a row costs no look-up (sqlite_statements.c)
 *   operation   a function of store.h, a whole transaction (sqlite_claim.c, _record.c, _read.c)
 *
 * The only header that knows sqlite3.h; nothing outside sqlite_*.c includes it.
 */
#ifndef SCHEMA_SQLITE_PRIVATE_H
#define SCHEMA_SQLITE_PRIVATE_H

#include <sqlite3.h>
#include <stddef.h>

#include "schema/store.h"

#define ROW_COLUMNS_MAX 40

/* ---- row maps ---- */

enum column_kind {
    COLUMN_TEXT,          /* char array; never NULL                     */
    COLUMN_OPTIONAL_TEXT, /* char array; "" is NULL                     */
    COLUMN_ENUM,          /* int or enum                                */
    COLUMN_INT32,         /* int32_t                                    */
    COLUMN_UINT32,        /* uint32_t                                   */
    COLUMN_UINT64,        /* uint64_t below 2^63                        */
    COLUMN_BOOL,          /* bool as 0 or 1                             */
    COLUMN_INSTANT,       /* struct instant; never is NULL              */
    COLUMN_DATE,          /* struct civil_date as text; year 0 is NULL  */
    COLUMN_MONEY,         /* struct money; poison is NULL; the currency has its own column */
    COLUMN_DIGEST,        /* uint8_t[DIGEST_BYTES]; all zero is NULL    */
};

struct column {
    enum column_kind kind;
    const char *name;
    size_t offset; /* of the field in the image */
    size_t size;
    const char *currency; /* COLUMN_MONEY: name of the column with the currency */
};

/* Which columns an image (a C struct) has. */
struct row_map {
    uint32_t column_count;
    const struct column *columns;
};

/* The images that are not structs of store.h. */
struct attempt_row {
    char agreement_id[AGREEMENT_ID_MAX];
    char charge_id[CHARGE_ID_MAX];
    struct attempt attempt;
};
struct seller_row {
    uint64_t event_count;
    struct instant last_step_at;
    uint64_t agreements;
    uint64_t subscriptions;
    uint8_t digest[DIGEST_BYTES]; /* of its last event; all zero = none is chained */
};
struct seller_id_row {
    char seller_id[SELLER_ID_MAX];
};
struct wake_row {
    char id[AGREEMENT_ID_MAX];
    struct instant wake_at;
};
struct owner_row {
    char agreement_id[AGREEMENT_ID_MAX];
    int state; /* of the agreement or attempt that a notice names */
};
struct count_row {
    int state;
    uint64_t count;
    struct instant oldest;
};

extern const struct row_map row_agreement;    /* struct agreement         */
extern const struct row_map row_subscription; /* struct subscription_view */
extern const struct row_map row_charge;       /* struct charge_view       */
extern const struct row_map row_attempt;      /* struct attempt_row       */
extern const struct row_map row_refund;       /* struct refund_view       */
extern const struct row_map row_event;        /* struct change_view       */
extern const struct row_map row_seller;       /* struct seller_row        */
extern const struct row_map row_seller_id;    /* struct seller_id_row     */
extern const struct row_map row_policy;       /* struct policy_view       */
extern const struct row_map row_stop;         /* struct stop_view         */
extern const struct row_map row_wake;         /* struct wake_row          */
extern const struct row_map row_notice;       /* struct notice_view       */
extern const struct row_map row_owner;        /* struct owner_row         */
extern const struct row_map row_captured;     /* struct notice_work: whose capture it is */
extern const struct row_map row_count;        /* struct count_row         */

/* ---- statements ---- */

enum statement_id {
    STATEMENT_BEGIN_READ,
    STATEMENT_BEGIN_WRITE,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_STEP_BEGIN,
    STATEMENT_STEP_UNDO,
    STATEMENT_STEP_END,
    STATEMENT_PROBE,
    STATEMENT_SELLER_READ,
    STATEMENT_SELLER_INSERT,
    STATEMENT_SELLER_UPDATE,
    STATEMENT_SELLER_NO_LATER,
    STATEMENT_SELLER_NEXT,
    STATEMENT_AGREEMENT_INSERT,
    STATEMENT_AGREEMENT_UPDATE,
    STATEMENT_AGREEMENT_UPDATE_STATE,
    STATEMENT_AGREEMENT_READ,
    STATEMENT_AGREEMENT_LIST,
    STATEMENT_AGREEMENT_QUEUE,
    STATEMENT_WAKE_CARE,
    STATEMENT_WAKE_SETTLE,
    STATEMENT_WAKE_PENDING,
    STATEMENT_WAKE_REFUNDS,
    STATEMENT_WAKE_LEAVING,
    STATEMENT_WAKE_WAITING,
    STATEMENT_WAKE_LATER,
    STATEMENT_SUBSCRIPTION_INSERT,
    STATEMENT_SUBSCRIPTION_UPDATE,
    STATEMENT_SUBSCRIPTION_UPDATE_STATE,
    STATEMENT_SUBSCRIPTION_READ,
    STATEMENT_SUBSCRIPTION_FIND,
    STATEMENT_SUBSCRIPTION_LIVE,
    STATEMENT_SUBSCRIPTION_LIST,
    STATEMENT_SUBSCRIPTION_LIST_BY_AGREEMENT,
    STATEMENT_SUBSCRIPTION_LIST_BY_STATE,
    STATEMENT_CHARGE_INSERT,
    STATEMENT_CHARGE_UPDATE,
    STATEMENT_CHARGE_READ,
    STATEMENT_CHARGE_READ_ONE_OFF,
    STATEMENT_CHARGE_OPEN,
    STATEMENT_CHARGE_LIST,
    STATEMENT_CHARGE_LIST_BY_AGREEMENT,
    STATEMENT_CHARGE_LIST_BY_SUBSCRIPTION,
    STATEMENT_CHARGE_LIST_BY_STATE,
    STATEMENT_ATTEMPT_INSERT,
    STATEMENT_ATTEMPT_UPDATE,
    STATEMENT_ATTEMPT_LATEST,
    STATEMENT_ATTEMPT_LIST,
    STATEMENT_REFUND_INSERT,
    STATEMENT_REFUND_UPDATE,
    STATEMENT_REFUND_OPEN,
    STATEMENT_REFUND_FIND,
    STATEMENT_REFUND_LIST,
    STATEMENT_REFUND_LIST_BY_CHARGE,
    STATEMENT_POLICY_INSERT,
    STATEMENT_POLICY_NEWEST,
    STATEMENT_POLICY_NEWEST_NAMED,
    STATEMENT_POLICY_LIST,
    STATEMENT_STOP_INSERT,
    STATEMENT_STOP_REPLACE,
    STATEMENT_STOP_DELETE,
    STATEMENT_STOP_LIST,
    STATEMENT_EVENT_INSERT,
    STATEMENT_EVENT_LIST,
    STATEMENT_EVENT_ATTEMPTS,
    STATEMENT_NOTICE_INSERT,
    STATEMENT_NOTICE_AGREEMENT,
    STATEMENT_NOTICE_ATTEMPT,
    STATEMENT_NOTICE_CAPTURED,
    STATEMENT_NOTICE_CAPTURED_BY,
    STATEMENT_NOTICE_OPEN,
    STATEMENT_NOTICE_END,
    STATEMENT_NOTICE_FORGET,
    STATEMENT_NOTICE_LIST,
    STATEMENT_NOTICE_LIST_NEWEST,
    STATEMENT_NOTICE_LIST_MONEY_BACK,
    STATEMENT_NOTICE_LIST_MONEY_BACK_NEWEST,
    STATEMENT_NOTICE_LIST_OBJECT,
    STATEMENT_NOTICE_LIST_OBJECT_NEWEST,
    STATEMENT_COUNT_PAST_DUE,
    STATEMENT_COUNT_BACKLOG,
    STATEMENT_COUNT_CHARGES,
    STATEMENT_COUNT_STOPPED,
    STATEMENT_COUNT_REFUNDS,
    STATEMENT_COUNT_ATTEMPTS,
    STATEMENT_LAST_WRITE,
};
#define STATEMENT_COUNT (STATEMENT_LAST_WRITE + 1)

/* Parameters that are not fields of the statement's image. */
enum param {
    PARAM_SELLER_ID,
    PARAM_AGREEMENT_ID,
    PARAM_ID,
    PARAM_STATE,
    PARAM_KIND,
    PARAM_LANE,
    PARAM_AFTER,
    PARAM_MAX,
    PARAM_NOW,
};
#define PARAM_COUNT (PARAM_NOW + 1)

struct statement {
    sqlite3_stmt *handle;
    const char *name;
    const struct row_map *row; /* NULL: no image */
    int params[PARAM_COUNT];   /* SQLite's index of each; 0 = not in this statement */
    int binds[ROW_COLUMNS_MAX], currency_binds[ROW_COLUMNS_MAX];     /* 0 = not there  */
    int results[ROW_COLUMNS_MAX], currency_results[ROW_COLUMNS_MAX]; /* -1 = not there */
};

struct sqlite_store {
    struct store store;
    char path[512];
    int lock_fd;
    sqlite3_vfs vfs; /* how `db` opens files */
    sqlite3 *db;
    bool is_reader;
    store_digest *digest; /* SHA-256; not in a reader, which writes no events */
    bool met_damage;      /* a row did not fit or broke an invariant; reset by who wants to know */
    struct statement statements[STATEMENT_COUNT];
};

/* Prepares all; ST_STORE when the schema is not what the statements expect. */
enum status statements_prepare(struct sqlite_store *store, struct problem *problem);
void statements_finalize(struct sqlite_store *store);

/* The statement, ready to be bound. Texts and images are borrowed until it has run. */
struct statement *statement_use(struct sqlite_store *store, enum statement_id id);
void statement_text(struct statement *statement, enum param param, const char *text);
void statement_int(struct statement *statement, enum param param, int64_t value);
void statement_instant(struct statement *statement, enum param param, struct instant at);
void statement_image(struct statement *statement, const void *image);

/* Runs a statement without rows. Besides ST_FULL and ST_STORE: ST_CONFLICT (a unique key exists)
 * and ST_INVALID (a CHECK, NOT NULL, foreign key or trigger refuses it: a bug of ours). */
enum status statement_run(struct sqlite_store *store, struct statement *statement,
                          struct problem *problem);
/* The next row into `image`; ST_NOT_FOUND after the last. On anything but ST_OK the statement is
 * done with; to stop earlier call statement_end. */
enum status statement_fetch(struct sqlite_store *store, struct statement *statement, void *image,
                            struct problem *problem);
void statement_end(struct statement *statement);

/* Conversions of one image by the map and the indexes found. read: false when a value does not fit.
 */
void row_bind(const struct statement *statement, const void *image);
bool row_read(const struct statement *statement, void *image);

/* Up to `max` rows of a bound statement that has PARAM_MAX, into images of `size` bytes. */
enum status statement_page(struct sqlite_store *store, struct statement *statement, void *images,
                           size_t size, uint32_t max, uint32_t *count, struct problem *problem);

/* ---- transactions ---- */

enum status transaction_begin(struct sqlite_store *store, enum statement_id kind,
                              struct problem *problem);
/* Commits when `status` is ST_OK or ST_NOT_FOUND, otherwise rolls back. Returns `status`, or why
 * the commit failed (then nothing was recorded). */
enum status transaction_end(struct sqlite_store *store, enum status status,
                            struct problem *problem);

/* The sentence and status of SQLite's last error. `doing` names the statement or act. */
enum status sqlite_failed(struct sqlite_store *store, const char *doing, struct problem *problem);

/* ---- parts ---- */

enum status sqlite_migrate(struct sqlite_store *store, struct problem *problem);
/* For who may not migrate: ST_CONFLICT unless the schema is the newest. */
enum status sqlite_require_newest(struct sqlite_store *store, struct problem *problem);

/* sqlite3_open_v2 of store->path into store->db, with the writes to its log gathered. */
int sqlite_open_gathering(struct sqlite_store *store, int flags);

/* Within a transaction: ST_OK, ST_NOT_FOUND, or a failure. */
enum status account_load(struct sqlite_store *store, const char *seller_id,
                         const char *agreement_id, struct account *account,
                         struct problem *problem);
/* The latest attempt of a charge into charge->attempt, "" when there is none. */
enum status attempt_load_latest(struct sqlite_store *store, const char *seller_id,
                                struct charge *charge, struct problem *problem);

/* Puts the account's wake off, so that one that cannot be loaded is not claimed all the time. */
enum status account_put_off(struct sqlite_store *store, const char *seller_id,
                            const char *agreement_id, struct instant now);

/* Within a writing transaction. The seller's row, which is made when it is not there. */
enum status seller_load(struct sqlite_store *store, const char *seller_id, struct seller_row *row,
                        struct problem *problem);
/* Appends an event, of which number and digest are filled in, and counts `row` on. */
enum status event_append(struct sqlite_store *store, const char *seller_id, struct seller_row *row,
                         struct change_view *view, struct problem *problem);
enum status seller_save(struct sqlite_store *store, const char *seller_id,
                        const struct seller_row *row, struct problem *problem);

/* The operations of store.h. */
enum status sqlite_start(struct store *store, struct instant now, uint64_t *count,
                         struct problem *problem);
/* Whether the file system has too little left for new work, with a sentence. */
bool sqlite_space_is_short(const struct sqlite_store *store, struct problem *problem);
enum status sqlite_claim(struct store *store, struct instant now, struct claim *claims,
                         uint32_t claim_count, struct account *accounts, struct problem *problem);
enum status sqlite_load_account(struct store *store, const char *seller_id,
                                const char *agreement_id, struct account *account,
                                struct problem *problem);
enum status sqlite_record(struct store *store, struct step_record *steps, uint32_t count,
                          struct problem *problem);
enum status sqlite_find_subscription(struct store *store, const char *seller_id,
                                     const char *idempotency_key, struct subscription_view *view,
                                     struct problem *problem);
enum status sqlite_find_one_off(struct store *store, const char *seller_id,
                                const char *idempotency_key, struct charge_view *charge,
                                struct problem *problem);
enum status sqlite_read_subscription(struct store *store, const char *seller_id, const char *key,
                                     struct subscription_view *view, struct problem *problem);
enum status sqlite_read_charge(struct store *store, const char *seller_id, const char *charge_id,
                               struct charge_view *view, struct attempt *attempts, uint32_t max,
                               uint32_t *count, struct problem *problem);
enum status sqlite_list_agreements(struct store *store, const char *seller_id, struct page page,
                                   struct agreement *agreements, uint32_t *count,
                                   struct problem *problem);
enum status sqlite_list_subscriptions(struct store *store, const char *seller_id,
                                      const char *agreement_id, enum subscription_state state,
                                      struct page page, struct subscription_view *views,
                                      uint32_t *count, struct problem *problem);
enum status sqlite_list_charges(struct store *store, const char *seller_id,
                                const char *agreement_id, const char *subscription_key,
                                enum charge_state state, struct page page,
                                struct charge_view *views, uint32_t *count,
                                struct problem *problem);
enum status sqlite_list_changes(struct store *store, const char *seller_id, uint64_t after,
                                uint32_t max, struct change_view *views, uint32_t *count,
                                struct problem *problem);
enum status sqlite_list_attempt_changes(struct store *store, const char *seller_id, uint64_t after,
                                        uint32_t max, struct change_view *views, uint32_t *count,
                                        struct problem *problem);
enum status sqlite_totals(struct store *store, const char *seller_id, struct instant now,
                          struct seller_totals *totals, struct problem *problem);
enum status sqlite_last_step(struct store *store, const char *seller_id, struct instant *at,
                             struct problem *problem);
enum status sqlite_keep_notices(struct store *store, struct notice *notices, uint32_t count,
                                struct problem *problem);
enum status sqlite_open_notices(struct store *store, uint64_t after, uint32_t max,
                                struct notice_work *works, uint32_t *count,
                                struct problem *problem);
enum status sqlite_end_notices(struct store *store, const uint64_t *numbers, uint32_t count,
                               struct instant forget_before, struct problem *problem);
enum status sqlite_list_notices(struct store *store, const char *seller_id,
                                struct notice_search search, uint32_t max,
                                struct notice_view *views, uint32_t *count,
                                struct problem *problem);
enum status sqlite_find_refund(struct store *store, const char *seller_id,
                               const char *idempotency_key, struct refund_view *view,
                               struct problem *problem);
enum status sqlite_list_refunds(struct store *store, const char *seller_id, const char *charge_id,
                                struct page page, struct refund_view *views, uint32_t *count,
                                struct problem *problem);
enum status sqlite_save_policy(struct store *store, const char *seller_id, const char *name,
                               const char *text, struct instant at, uint32_t *version,
                               struct problem *problem);
enum status sqlite_list_policies(struct store *store, const char *seller_id, uint32_t after,
                                 uint32_t max, struct policy_view *views, uint32_t *count,
                                 struct problem *problem);
enum status sqlite_set_stop(struct store *store, const char *seller_id, bool is_on,
                            enum reason reason, struct instant at, struct instant until,
                            struct problem *problem);
enum status sqlite_list_stops(struct store *store, struct stop_view *views, uint32_t max,
                              uint32_t *count, struct problem *problem);
enum status sqlite_wake_waiting(struct store *store, const char *seller_id, enum reason reason,
                                struct instant now, uint64_t *count, struct problem *problem);
enum status sqlite_last_write(struct store *store, struct instant *at, struct problem *problem);
enum status sqlite_probe(struct store *store, struct instant now, struct problem *problem);

#endif
