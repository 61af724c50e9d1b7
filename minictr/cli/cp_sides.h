/*
 * cp_sides.h - the halves of `cp` on this machine: a side as it was typed, the source as tar, where it lands.
 *
 * Locally both sides are here (cmd/cp.c); with a daemon one of them is behind a connection
 * (remote/remote_cp.c).
 */
#ifndef MC_CLI_CP_SIDES_H
#define MC_CLI_CP_SIDES_H

#include "cli/verbs.h"
#include "runtime/userns.h"

struct cp_side {
	const char *path;
	bool stream; /* "-": tar on stdin or stdout */
	int root;    /* what names are resolved in: the container's root or the host's; -1: not opened */
	char *name;  /* container, NULL for the host; owned */
	struct id_maps ids; /* of the container's own user namespace; empty without one; owned */
};

/* "web:/etc" is a container's, "./a:b" and "/a:b" are the host's. */
void cp_parse_side(const char *text, struct cp_side *s);
/* Exactly one of them is a container. */
int cp_check_sides(const struct cp_side *from, const struct cp_side *to, struct mc_err *err);
/* Directory and last name of a path: "/a/b/" gives /a and b; "/" gives / and ".". The caller frees both. */
void cp_split(const char *path, char **dir, char **name);
/* "dir/." copies what is in it. */
bool cp_wants_content(const char *path);
/*
 * Opens the source's directory; *name is its last component there, *base the name it gets at the target.
 * Returns the directory.
 */
int cp_open_source(const struct cp_side *s, bool follow, char **name, char **base, struct mc_err *err);
/* Writes name of dir to out as a tar in which it is called `as`. */
int cp_send_tar(
	int out, const struct cp_side *from, int dir, const char *name, const char *as, struct mc_err *err);
int cp_refuse_device(const struct cp_side *to, struct mc_err *err);
/* Where the source goes: the directory to unpack in (returned) and the name it gets there (*as, owned). */
int cp_choose_target(const struct cp_side *to, const char *source, bool source_is_dir, const char *name,
	char **as, struct mc_err *err);
/* Unpacks the tar of in into dir; *bytes is what its files hold. */
int cp_receive(int in, const struct cp_side *to, int dir, const struct cp_values *v, uint64_t *bytes,
	struct mc_err *err);
/* "Successfully copied ...", to a person. */
void cp_say(const struct cp_values *v, const struct cp_side *to, uint64_t bytes);

#endif
