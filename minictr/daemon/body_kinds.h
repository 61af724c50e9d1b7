/*
 * body_kinds.h - what the members of a request's body may be, in one table.
 */
#ifndef MC_DAEMON_BODY_KINDS_H
#define MC_DAEMON_BODY_KINDS_H

#include "base/json.h"

/*
 * Looks at each member that operation op reads. Absent and null are always right, members that no row names
 * are not looked at: clients of newer APIs send them. Returns 0, or -EINVAL with the path and what belongs
 * there.
 */
int body_check_kinds(const char *op, struct json *body, struct mc_err *err);

/*
 * Docker's decoder takes a member whatever its case ("image", "detachKeys"), and clients were written against
 * it. The members on the way of path get the letters that path has; {} and [] as in the table. Names that a
 * user chose stand below {} and stay.
 */
void body_set_names(struct json *body, const char *path);

#endif
