/*
 * cmd/volume_pack.c - `volume export|import|clone`: backup, the way to another machine, a second copy.
 *
 * An export of a volume that programs write to is a copy of a moving tree. What changed meanwhile is named
 * and the exit status is 3, unless --force; --pause freezes the containers that use the volume for the time
 * of the copy: then the copy is what a power cut would leave, which a database can recover from. Stopping
 * them is better still.
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "base/file.h"
#include "base/result_file.h"
#include "cli/command.h"
#include "cli/engine_use.h"
#include "cli/image_common.h"
#include "engine/stop.h"
#include "engine/volumes.h"
#include "volume/driver.h"
#include "volume/pack.h"

/* --- while programs write --- */

struct pack_pause { /* containers that were frozen, to thaw them whatever happens */
	struct engine *engine;
	char **frozen;
};

static void pack_thaw(struct pack_pause *p)
{
	struct mc_err ignored = { 0 };
	for (size_t i = 0; p->frozen && p->frozen[i]; i++)
		container_unpause(p->engine, p->frozen[i], &ignored);
	strv_free(p->frozen);
	p->frozen = NULL;
}

static int pack_freeze(struct pack_pause *p, const char *volume, struct mc_err *err)
{
	_cleanup_strv_ char **users = NULL;
	int rc = engine_volume_users(p->engine, volume, &users, err);
	for (size_t i = 0; rc >= 0 && users && users[i]; i++) {
		_cleanup_container_ struct container c = { 0 };
		rc = container_find(p->engine, users[i], &c, err);
		if (rc < 0 || c.status != CONTAINER_RUNNING)
			continue;
		rc = container_pause(p->engine, users[i], err);
		if (rc >= 0)
			strv_push(&p->frozen, users[i]);
	}
	return rc < 0 ? rc : 0;
}

static int pack_say_moved(char *const moved[], const char *name, bool force, struct mc_err *err)
{
	size_t n = strv_len(moved);
	if (!n)
		return 0;
	for (size_t i = 0; i < n && i < 10; i++)
		fprintf(stderr, "changed while it was read: %s\n", moved[i]);
	if (n > 10)
		fprintf(stderr, "... and %zu more\n", n - 10);
	if (force)
		return 0;
	err_set(err, EBUSY,
		"volume %s changed while it was read: the copy may hold parts from before and from after",
		name);
	err_hint(err, "stop its containers, or use --pause; --force keeps the copy without this complaint");
	return err_exit(err, 3);
}

/* --- export --- */

struct export_values {
	const char *output, *compression;
	bool pause, force;
};

static const struct option_def export_options[] = {
	{ 0, "compression", OPT_STRING, offsetof(struct export_values, compression), "string",
		"zstd (default), gzip, none" },
	{ 'f', "force", OPT_FLAG, offsetof(struct export_values, force), NULL,
		"Accept changes during the copy" },
	{ 'o', "output", OPT_STRING, offsetof(struct export_values, output), "string",
		"Write to this file, not to stdout" },
	{ 0, "pause", OPT_FLAG, offsetof(struct export_values, pause), NULL,
		"Freeze its containers meanwhile" },
	{ 0 },
};

static int pack_compression(const char *word, enum tar_compression *ret, struct mc_err *err)
{
	*ret = TAR_ZSTD;
	if (!word || str_eq(word, "zstd"))
		return 0;
	*ret = str_eq(word, "gzip") ? TAR_GZIP : TAR_PLAIN;
	if (str_eq(word, "gzip") || str_eq(word, "none"))
		return 0;
	return err_set(err, EINVAL, "unknown --compression \"%s\": known values: zstd, gzip, none", word);
}

static int pack_write(int store, const struct volume *v, int out, enum tar_compression how, char ***ret_moved,
	struct mc_err *err)
{
	_cleanup_free_ char *data = xasprintf("%s/data", v->name);
	_cleanup_close_ int dir = dir_open(store, data, err);
	struct tar_writer *tar = NULL;
	struct pack_moment *before = NULL;
	int rc = dir < 0 ? dir : pack_moment_take(dir, &before, err);
	if (rc >= 0)
		rc = tar_create_whole(out, how, &tar, err);
	if (rc >= 0)
		rc = pack_record(v, tar, err);
	if (rc >= 0)
		rc = volume_move(dir, tar, err);
	if (rc >= 0)
		rc = tar_end(take_ptr(&tar), err);
	else if (tar)
		tar_abort(tar);
	if (rc >= 0)
		rc = pack_moment_compare(before, dir, ret_moved, err);
	pack_moment_free(before);
	return rc;
}

static int pack_export(struct engine *e, const struct export_values *v, const char *name, int out,
	enum tar_compression how, struct mc_err *err)
{
	struct pack_pause pause = { .engine = e };
	_cleanup_volume_ struct volume volume = { 0 };
	_cleanup_strv_ char **moved = NULL;
	_cleanup_close_ int store = volume_store_open(e->dir, err);
	int rc = store < 0 ? store : volume_load(store, name, &volume, err);
	if (rc >= 0 && v->pause)
		rc = pack_freeze(&pause, name, err);
	if (rc >= 0)
		rc = pack_write(store, &volume, out, how, &moved, err);
	pack_thaw(&pause);
	return rc < 0 ? rc : pack_say_moved(moved, name, v->force, err);
}

static int volume_cmd_export(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct export_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	enum tar_compression how;
	_cleanup_free_ char *temp = NULL;
	if (!v->output && isatty(1))
		return err_set(
			err, EINVAL, "cowardly refusing to save to a terminal. Use the -o flag or redirect");
	int rc = pack_compression(v->compression, &how, err);
	if (rc == 0)
		rc = use_engine(cli, &e, err);
	if (rc < 0)
		return rc;
	_cleanup_close_ int out = v->output ? output_begin(v->output, 0600, &temp, err) : dup(1);
	if (out < 0)
		return v->output ? out : err_sys(err, "standard output");
	signal(SIGPIPE,
		SIG_IGN); /* a reader that goes away is an error, and what was frozen must still be thawed */
	rc = pack_export(&e, v, argv[0], out, how, err);
	/* Status 3: the archive is whole, though files changed while they were read. */
	if (rc < 0 && err->exit_status != 3)
		return output_end(v->output, temp, rc, err);
	int done = output_end(v->output, temp, 0, err);
	return done < 0 ? done : rc;
}

/* --- import and clone --- */

struct import_values {
	const char *input;
	char **labels;
};

static const struct option_def import_options[] = {
	{ 'i', "input", OPT_STRING, offsetof(struct import_values, input), "string",
		"Read this file, not stdin" },
	{ 0, "label", OPT_LIST, offsetof(struct import_values, labels), "list", "Note something: KEY=VALUE" },
	{ 0 },
};

static int volume_cmd_import(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct import_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	const char *path = argc > 1 ? argv[1] : v->input;
	if (!path && isatty(0))
		return err_set(
			err, EINVAL, "the archive comes from stdin or a file: volume import NAME FILE");
	int rc = use_engine(cli, &e, err);
	_cleanup_close_ int in = rc < 0 ? rc : image_cli_input(path, err);
	_cleanup_close_ int store = in < 0 ? in : volume_store_open(e.dir, err);
	_cleanup_close_ int lock = store < 0 ? store : volume_store_lock(store, err);
	if (lock < 0)
		return lock;
	volume_sweep(store);
	rc = volume_import(store, argv[0], in, v->labels, err);
	if (rc >= 0)
		printf("%s\n", argv[0]);
	return rc;
}

static int volume_cmd_clone(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct export_values *v = values;
	_cleanup_engine_ struct engine e = { 0 };
	struct pack_moment *before = NULL;
	_cleanup_strv_ char **moved = NULL;
	int rc = use_engine(cli, &e, err);
	struct pack_pause pause = { .engine = &e };
	_cleanup_close_ int store = rc < 0 ? rc : volume_store_open(e.dir, err);
	_cleanup_close_ int lock = store < 0 ? store : volume_store_lock(store, err);
	_cleanup_free_ char *data = xasprintf("%s/data", argv[0]);
	rc = lock;
	if (rc >= 0) {
		_cleanup_volume_ struct volume source = { 0 };
		volume_sweep(store);
		rc = volume_load(store, argv[0], &source, err);
	}
	_cleanup_close_ int dir = rc < 0 ? rc : dir_open(store, data, err);
	rc = dir < 0 ? dir : v->pause ? pack_freeze(&pause, argv[0], err) : 0;
	if (rc >= 0)
		rc = pack_moment_take(dir, &before, err);
	if (rc >= 0)
		rc = volume_clone(store, argv[0], argv[1], err);
	if (rc >= 0)
		rc = pack_moment_compare(before, dir, &moved, err);
	pack_moment_free(before);
	pack_thaw(&pause);
	if (rc >= 0)
		printf("%s\n", argv[1]);
	return rc < 0 ? rc : pack_say_moved(moved, argv[0], v->force, err);
}

static const struct option_def clone_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct export_values, force), NULL,
		"Accept changes during the copy" },
	{ 0, "pause", OPT_FLAG, offsetof(struct export_values, pause), NULL,
		"Freeze its containers meanwhile" },
	{ 0 },
};

const struct command cmd_volume_export = {
	.name = "volume export",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] VOLUME",
	.summary = "Write a volume as an archive: a backup, or the way to another machine",
	.example = "minictr volume export data >data.tar.zst\nminictr volume export --pause -o data.tar.zst "
		   "data",
	.takes = TAKES_VOLUMES,
	.min_args = 1,
	.max_args = 1,
	.options = export_options,
	.values_size = sizeof(struct export_values),
	.run = volume_cmd_export,
};

const struct command cmd_volume_import = {
	.name = "volume import",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] VOLUME [FILE]",
	.summary = "Make a volume of an archive",
	.example = "minictr volume import data <data.tar.zst",
	.min_args = 1,
	.max_args = 2,
	.options = import_options,
	.values_size = sizeof(struct import_values),
	.run = volume_cmd_import,
};

const struct command cmd_volume_clone = {
	.name = "volume clone",
	.group = GROUP_PARTS,
	.usage = "[OPTIONS] VOLUME NEW_VOLUME",
	.summary = "Copy a volume",
	.example = "minictr volume clone data data-before-upgrade",
	.takes = TAKES_VOLUMES,
	.min_args = 2,
	.max_args = 2,
	.options = clone_options,
	.values_size = sizeof(struct export_values),
	.run = volume_cmd_clone,
};
