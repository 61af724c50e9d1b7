/*
 * volume.c - named volumes: made, recorded, listed, removed.
 *
 * Kernel objects and man pages: mkdirat(2), renameat2(2), flock(2), inode(7).
 * Order and why: the directory comes first and volume.json after it. A crash between the two leaves a
 * volume without labels, which can be used and removed like any other; the other way round it would leave a
 * record of nothing. A removal renames first: from then on no container can be given the volume, however
 * long its files take to go. A volume is not "a saved state of a container": nothing here knows what a
 * container is.
 */
#include "volume/volume.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/private_dir.h"
#include "base/sys.h"

/* --- the store --- */

int volume_store_open(int engine_dir, struct mc_err *err)
{
	return dir_open_private(engine_dir, "volumes", err);
}

int volume_store_lock(int store, struct mc_err *err) { return file_lock(store, ".lock", true, err); }

/* --- names --- */

static bool volume_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
	       c == '.' || c == '-';
}

int volume_check_name(const char *name, struct mc_err *err)
{
	size_t len = strlen(name), good = 0;
	while (good < len && volume_name_char(name[good]))
		good++;
	if (good == len && len >= 2 && len <= 255 && !strchr("_.-", name[0]))
		return 0;
	if (len == 1 && good == 1) {
		err_set(err, EINVAL,
			"create %s: volume name is too short, names should be at least two "
			"alphanumeric characters",
			name);
		return -EINVAL;
	}
	err_set(err, EINVAL,
		"create %s: \"%s\" includes invalid characters for a local volume name, only "
		"\"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed",
		name, name);
	return err_hint(err, "if you intended to pass a host directory, use an absolute path");
}

/* --- making --- */

/*
 * Makes the volume `name` in `store`: the directory NAME and, inside it, the directory data that containers
 * will see, empty and of mode 0755. A volume that exists already is left exactly as it is, with all its
 * data, and that is success: two containers may name a volume at the same moment. Nothing outside `store`
 * is touched; a name that volume_check_name() refuses gives -EINVAL. Returns 0, or -errno with *err filled.
 * Lab 08.1: the bytes belong to the volume, and the volume to no container.
 */
int volume_create(int store, const char *name, struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", name);
	struct mc_err made = { 0 };
	int rc = volume_check_name(name, err);
	if (rc < 0)
		return rc;
	rc = sys_mkdir(store, name, 0700, &made); /* what stands in it is reached by the engine only */
	if (rc == 0 || rc == -EEXIST)
		rc = sys_mkdir(store, data, 0755, &made);
	if (rc == 0)
		/* mkdir(2) takes the umask away; containers run under other users than the engine's */
		rc = fchmodat(store, data, 0755, 0) < 0 ? err_sys(&made, "chmod %s", data) : 0;
	if (rc < 0 && rc != -EEXIST) {
		*err = made;
		return err_wrap(err, "create volume %s", name);
	}
	return 0;
}

/* --- finding --- */

int volume_list(int store, char ***ret, struct mc_err *err)
{
	_cleanup_strv_ char **names = NULL;
	struct mc_err bad;
	*ret = NULL;
	int rc = dir_list(store, ".", &names, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; names && names[i]; i++) {
		_cleanup_free_ char *data = xasprintf("%s/data", names[i]);
		if (volume_check_name(names[i], &bad) == 0 && path_is_dir(store, data))
			strv_push(ret, names[i]);
	}
	return 0;
}

/* --- removing --- */

int volume_remove(int store, const char *name, struct mc_err *err)
{
	char suffix[17];
	random_hex(suffix, 8);
	_cleanup_free_ char *gone = xasprintf(".removed.%s", suffix);
	int rc = sys_rename(store, name, store, gone, err);
	return rc < 0 ? err_wrap(err, "remove volume %s", name) : dir_remove(store, gone, err);
}

void volume_sweep(int store)
{
	struct mc_err ignored = { 0 };
	_cleanup_strv_ char **names = NULL;
	if (dir_list(store, ".", &names, &ignored) < 0)
		return;
	for (size_t i = 0; names && names[i]; i++)
		if (str_starts(names[i], ".removed.") || str_starts(names[i], ".new."))
			dir_remove(store, names[i], &ignored);
		else
			unlinkat(store, names[i], AT_REMOVEDIR); /* empty: killed before it had its data */
}
