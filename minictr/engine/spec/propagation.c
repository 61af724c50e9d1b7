/*
 * spec/propagation.c - "rshared" and "rslave" of a bind need a host mount that shares.
 *
 * Kernel objects and man pages: mount_namespaces(7) "Shared subtrees", statx(2) STATX_MNT_ID,
 * proc_pid_mountinfo(5). A bind of a private mount can be made "rshared" without an error, and then nothing
 * is ever shared. So it is refused here, as docker does, with the command that makes the host's mount shared.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/file.h"
#include "engine/spec/spec.h"

/*
 * Optional fields of the mount with this id ("shared:1 master:2"), and its mount point; false when it is
 * not found.
 */
static bool propagation_read(unsigned long long id, char *fields, size_t size, char *point, size_t point_size)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;
	while (f && !found && getline(&line, &room, f) > 0) {
		unsigned long long this = 0;
		char where[PATH_MAX] = "";
		int at = 0;
		if (sscanf(line, "%llu %*s %*s %*s %4095s %*s %n", &this, where, &at) < 2 || this != id ||
			!at)
			continue;
		const char *end = strstr(line + at - 1, " - ");
		snprintf(fields, size, "%.*s", end ? (int)(end - (line + at - 1)) : 0, line + at - 1);
		snprintf(point, point_size, "%s", where);
		found = true;
	}
	free(line);
	return found;
}

int spec_check_propagation(const char *source, const char *propagation, struct mc_err *err)
{
	struct statx st;
	char fields[256], point[PATH_MAX];
	bool shared = str_ends(propagation, "shared"), slave = str_ends(propagation, "slave");
	if (!shared && !slave)
		return 0;
	if (statx(AT_FDCWD, source, 0, STATX_MNT_ID, &st) < 0 || !(st.stx_mask & STATX_MNT_ID) ||
		!propagation_read(st.stx_mnt_id, fields, sizeof(fields), point, sizeof(point)))
		return 0; /* we cannot find out: the kernel decides */
	if (strstr(fields, "shared:") || (slave && strstr(fields, "master:")))
		return 0;
	err_set(err, EINVAL,
		"path %s is mounted on %s but it is not a shared%s mount, so \"%s\" would share nothing",
		source, point, slave ? " or slave" : "", propagation);
	return err_hint(err, "`mount --make-shared %s` on the host makes it one", point);
}
