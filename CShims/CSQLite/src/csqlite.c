#include "csqlite.h"

#include <sqlite3.h>

int csqlite_wake_triggers(sqlite3 *db, int wakes)
{
    return sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, wakes, (void *)0);
}
