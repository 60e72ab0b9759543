/* What Swift does not see of SQLite: functions with a variable number of arguments. */
#ifndef CSQLITE_H
#define CSQLITE_H

struct sqlite3;

/* Whether statements that are prepared from now on wake triggers (sqlite3_db_config, SQLITE_DBCONFIG_ENABLE_TRIGGER);
   those that are prepared stay as they are until the schema changes. Returns SQLite's result code. [the connection's
   thread] */
int csqlite_wake_triggers(struct sqlite3 *db, int wakes);

#endif
