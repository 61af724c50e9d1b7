/*
 * remote_build.c - build on a daemon: the context goes there as one tar, the builder's words come back.
 *
 * Order and why: a child walks the context and writes the tar into a pipe, so that a large context is never
 * in memory; .dockerignore is obeyed here, because what it names must not travel. The Dockerfile travels in
 * any case.
 * Left out: what only a builder on this machine can do (secrets, further contexts, --output, --check,
 * --explain-cache): each is refused by name.
 */
#include "cli/remote/remote.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/result_file.h"
#include "base/sys.h"
#include "base/ignore.h"
#include "cli/remote/remote_progress.h"
#include "image/tree.h"

enum { TEXT_MOST = 4 << 20 };

/* The Dockerfile's name in a context that has none of its own: from standard input, or from elsewhere. */
static const char sent_dockerfile[] = ".dockerfile.minictr";

struct build_trip {
	const struct build_values *v;
	const char *context;   /* a directory; NULL: standard input is the context */
	const char *remote;    /* a URL that the daemon fetches */
	const char *name;      /* the Dockerfile's, in the context */
	struct buf dockerfile; /* its text when it is not in the context */
	struct ignore ignore;
};

static int refuse(const struct build_values *v, struct mc_err *err)
{
	const struct {
		const char *flag;
		bool given;
	} flags[] = { { "secret", v->secrets }, { "build-context", v->contexts }, { "output", v->outputs },
		{ "no-cache-filter", v->no_cache_stages }, { "check", v->check },
		{ "explain-cache", v->explain_cache }, { "debug-on-failure", v->debug_on_failure },
		{ "ssh", v->ssh }, { "allow", v->allow }, { "metadata-file", v->metadata },
		{ "push", v->push } };
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		if (!flags[i].given)
			continue;
		err_set(err, ENOTSUP,
			"--%s needs the builder of this machine: a daemon's classic build does not know it",
			flags[i].flag);
		err_hint(err, "leave -H (DOCKER_HOST, the context) out");
		return err_exit(err, 125);
	}
	return 0;
}

/* --- the context --- */

static bool is_url(const char *text)
{
	static const char *const starts[] = { "http://", "https://", "git://", "git@", "github.com/" };
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (str_starts(text, starts[i]))
			return true;
	return false;
}

static int read_ignore(struct build_trip *t, struct mc_err *err)
{
	_cleanup_free_ char *own = xasprintf("%s/%s.dockerignore", t->context, t->name);
	_cleanup_free_ char *usual = xasprintf("%s/.dockerignore", t->context);
	const char *path = path_exists(AT_FDCWD, own) ? own : usual;
	_cleanup_buf_ struct buf text = { 0 };
	if (!path_exists(AT_FDCWD, path))
		return 0;
	int rc = file_read(AT_FDCWD, path, TEXT_MOST, &text, err);
	return rc < 0 ? rc : ignore_parse(text.data ? text.data : "", text.len, path, &t->ignore, err);
}

/* -f names a file: beneath the context by its name there, elsewhere by its text. */
static int find_dockerfile(struct build_trip *t, struct mc_err *err)
{
	const char *file = t->v->file;
	t->name = "Dockerfile";
	if (!file || !t->context) {
		t->name = file ? file : t->name;
		return 0;
	}
	t->name = sent_dockerfile;
	if (str_eq(file, "-"))
		return file_read_fd(STDIN_FILENO, "stdin", TEXT_MOST, &t->dockerfile, err);
	_cleanup_free_ char *whole = realpath(file, NULL), *root = realpath(t->context, NULL);
	size_t n = root ? strlen(root) : 0;
	if (whole && root && !strncmp(whole, root, n) && whole[n] == '/') {
		t->name = file + strlen(file) - strlen(whole + n + 1);
		if (strlen(file) >= strlen(whole + n + 1) && str_eq(t->name, whole + n + 1))
			return 0;
		t->name = sent_dockerfile; /* named over a link: by its text */
	}
	return file_read(AT_FDCWD, file, TEXT_MOST, &t->dockerfile, err);
}

static bool left_out(const struct build_trip *t, const char *path)
{
	if (str_eq(path, t->name) || str_eq(path, ".dockerignore"))
		return false;
	return ignore_match(&t->ignore, path, NULL);
}

static int write_tree(const struct build_trip *t, int root, struct tar_writer *out, struct mc_err *err)
{
	struct tree *tree = NULL;
	const struct tree_item *item;
	int rc = tree_open(root, &tree, err);
	while (rc >= 0 && (rc = tree_next(tree, &item, err)) > 0) {
		if (str_eq(item->path, "."))
			continue;
		bool directory = S_ISDIR(item->st.st_mode), out_of_it = left_out(t, item->path);
		/* a directory on the Dockerfile's way is gone through, whatever is ignored */
		size_t n = strlen(item->path);
		bool on_the_way = directory && !strncmp(t->name, item->path, n) && t->name[n] == '/';
		if (out_of_it && directory && !on_the_way && ignore_may_prune(&t->ignore, item->path))
			tree_skip(tree);
		if (!out_of_it)
			rc = tree_add(tree, "", out, err);
	}
	tree_close(tree);
	return rc;
}

static int write_context(const struct build_trip *t, int fd, struct mc_err *err)
{
	struct tar_writer *out = NULL;
	_cleanup_close_ int root = open(t->context, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_sys(err, "build context %s", t->context);
	int rc = tar_create_fd(fd, TAR_PLAIN, &out, err);
	if (rc >= 0)
		rc = write_tree(t, root, out, err);
	if (rc >= 0 && t->dockerfile.data)
		rc = tar_add_data(out, t->name, 0644, t->dockerfile.data, t->dockerfile.len, err);
	if (rc >= 0)
		return tar_end(out, err);
	if (out)
		tar_abort(out);
	return rc;
}

static int context_pipe(const struct build_trip *t, pid_t *ret_pid, struct mc_err *err)
{
	int ends[2];
	int rc = sys_pipe(ends, err);
	if (rc < 0)
		return rc;
	fflush(NULL);
	*ret_pid = fork();
	if (*ret_pid == 0) {
		struct mc_err why = { 0 };
		close(ends[0]);
		rc = write_context(t, ends[1], &why);
		if (rc < 0 && rc != -EPIPE)
			err_print(&why, "minictr");
		_exit(rc < 0 ? 1 : 0);
	}
	close(ends[1]);
	if (*ret_pid < 0) {
		close(ends[0]);
		return err_sys(err, "fork");
	}
	return ends[0];
}

/* --- the request --- */

/* "NAME=value" pairs as {"NAME": "value"}; a NAME alone takes our own variable, or nothing (null). */
static void query_pairs(struct buf *path, const char *key, char *const pairs[], bool own)
{
	_cleanup_json_ struct json *all = json_new_object();
	for (size_t i = 0; pairs && pairs[i]; i++) {
		_cleanup_free_ char *name = xstrndup(pairs[i], strcspn(pairs[i], "="));
		const char *value = strchr(pairs[i], '=') ? pairs[i] + strlen(name) + 1
				    : own                 ? getenv(name)
							  : "";
		json_set(all, name, json_new_string(value));
	}
	_cleanup_free_ char *text = json_dump(all, false);
	if (json_len(all))
		query_add(path, key, text);
}

static void build_query(struct buf *path, const struct build_trip *t)
{
	const struct build_values *v = t->v;
	buf_adds(path, "/build?version=1");
	for (size_t i = 0; v->tags && v->tags[i]; i++)
		query_add(path, "t", v->tags[i]);
	query_add(path, "dockerfile", t->name);
	query_add(path, "remote", t->remote);
	query_pairs(path, "buildargs", v->args, true);
	query_pairs(path, "labels", v->labels, false);
	query_add(path, "target", v->target);
	query_add(path, "platform", v->platform);
	query_add(path, "networkmode", v->network);
	query_add(path, "nocache", v->no_cache ? "1" : NULL);
	query_add(path, "pull", v->pull ? "1" : NULL);
	query_add(path, "q", v->quiet ? "1" : NULL);
	query_add(path, "rm", v->rm ? "1" : "0");
	query_add(path, "forcerm", v->force_rm ? "1" : NULL);
	for (size_t i = 0; v->hosts && v->hosts[i]; i++)
		query_add(path, "extrahosts", v->hosts[i]);
}

static int send_build(
	struct client *c, const struct build_trip *t, int tar, struct remote_progress *p, struct mc_err *err)
{
	_cleanup_buf_ struct buf path = { 0 };
	struct json_cutter cutter = { .take = remote_progress_take, .ctx = p };
	build_query(&path, t);
	int rc = client_call(c,
		&(struct client_call){ .method = "POST",
			.path = path.data,
			.type = t->remote ? NULL : "application/x-tar",
			.fd = tar,
			.sink = json_cut,
			.ctx = &cutter },
		NULL, err);
	json_cutter_release(&cutter);
	return rc;
}

static int finish(const struct build_values *v, struct remote_progress *p, struct mc_err *err)
{
	if (v->quiet && p->last.len)
		printf("%s%s", p->last.data, str_ends(p->last.data, "\n") ? "" : "\n");
	if (!v->iidfile || !*p->image_id)
		return 0;
	return output_write(v->iidfile, p->image_id, strlen(p->image_id), 0644, err);
}

static int build(struct cli *cli, struct build_trip *t, struct mc_err *err)
{
	_cleanup_client_ struct client c = { 0 };
	pid_t child = -1;
	int status = 0, rc = find_dockerfile(t, err);
	if (rc >= 0 && t->context)
		rc = read_ignore(t, err);
	if (rc >= 0)
		rc = client_open(cli, &c, err);
	if (rc < 0)
		return rc;
	struct remote_progress p = { .text = t->v->quiet ? NULL : stdout,
		.progress = t->v->quiet ? NULL : progress_new(STDOUT_FILENO) };
	_cleanup_close_ int tar = t->remote    ? -1
				  : t->context ? context_pipe(t, &child, err)
					       : dup(STDIN_FILENO);
	rc = tar < 0 && !t->remote ? tar : send_build(&c, t, tar, &p, err);
	tar = close_fd(tar); /* a child that still writes gets EPIPE */
	if (child > 0 && sys_wait(child, &status, err) >= 0 && rc >= 0 && status != 0)
		rc = err_set(err, EIO, "the build context could not be read completely");
	if (rc >= 0)
		rc = finish(t->v, &p, err);
	remote_progress_release(&p);
	return rc;
}

int remote_build(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct build_values *v = values;
	struct build_trip t = { .v = v, .context = argv[0] };
	int rc = refuse(v, err);
	if (is_url(argv[0]))
		t.remote = argv[0];
	if (is_url(argv[0]) || str_eq(argv[0], "-"))
		t.context = NULL;
	if (rc >= 0)
		rc = build(cli, &t, err);
	buf_release(&t.dockerfile);
	ignore_free(&t.ignore);
	return rc < 0 ? rc : 0;
}
