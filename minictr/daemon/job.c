/*
 * job.c - the frame of a job: the request is read, the engine opened, the operation run, the answer sent.
 *
 * A job is a process of its own, so it may wait, lock, be killed, and leak: none of it reaches the daemon.
 * What the operation warns of (base/warn.h) is kept for the answer's "Warnings" (job_warnings()).
 */
#include "daemon/job.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/explain.h"
#include "base/file.h"
#include "base/warn.h"

/* The daemon's limit on request bodies, and what stands around them. */
enum { REQUEST_MAX = 16 << 20 };

static struct json *warnings;

static void keep_warning(const char *text) { json_add(warnings, json_new_string(text)); }

struct json *job_warnings(void) { return json_copy(warnings); }

char **job_pairs(const struct json *map)
{
	char **v = NULL;
	struct json_iter it = { 0 };
	while (json_next(map, &it))
		strv_pushf(&v, "%s=%s", it.key, json_text_of(it.value) ? json_text_of(it.value) : "");
	return v;
}

/* The function of a name; NULL when the table has none. */
static op_function *op_find(const struct op *table, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(table[i].name, name))
			return table[i].run;
	return NULL;
}

static int read_request(struct json **ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	int rc = file_read_fd(JOB_REQUEST, "request", REQUEST_MAX, &b, err);
	close(JOB_REQUEST);
	return rc < 0 ? rc : json_parse(b.data, b.len, "request", ret, err);
}

static int job_answer(const char *root, const struct op *table, size_t n, struct reply *r, struct mc_err *err)
{
	struct engine e = { 0 };
	struct request q = { 0 };
	int rc = read_request(&q.doc, err);
	if (rc < 0)
		return rc;
	const char *name = json_text_of(json_member(q.doc, "op"));
	op_function *op = op_find(table, n, name ? name : "");
	if (!op)
		rc = err_set(err, ENOSYS, "no such operation: %s", name ? name : "(none)");
	else
		rc = engine_open(&e, root, err);
	if (rc >= 0)
		rc = op(&e, &q, r, err);
	engine_close(&e);
	json_free(q.doc);
	return rc;
}

/* The daemon has raised its own limit (many connections); containers get what it was started with. */
static void lower_limit(void)
{
	const char *text = getenv("MINICTR_NOFILE");
	struct rlimit files;
	uint64_t n;
	if (text && parse_u64(text, &n) == 0 && getrlimit(RLIMIT_NOFILE, &files) == 0 &&
		n <= files.rlim_max) {
		files.rlim_cur = n;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	unsetenv("MINICTR_NOFILE");
}

int job_run(int argc, char **argv, const struct op *table, size_t n)
{
	struct reply r = { .out = JOB_REPLY };
	struct mc_err err = { 0 };
	explain_init("job");
	if (argc != 3 || !str_eq(argv[1], "--root") || fcntl(JOB_REQUEST, F_GETFD) < 0) {
		fprintf(stderr, "%s is run by minictrd only\n", argv[0]);
		return 1;
	}
	fcntl(JOB_REQUEST, F_SETFD, FD_CLOEXEC);
	lower_limit();
	signal(SIGPIPE, SIG_IGN);
	warnings = json_new_array();
	warn_to(keep_warning);
	int rc = job_answer(argv[2], table, n, &r, &err);
	if (rc < 0 && !r.begun)
		reply_failure(&r, &err);
	else if (rc < 0 && err.code != EPIPE && r.ends_with_json)
		reply_stream_error(&r, &err);
	reply_release(&r);
	return rc < 0 ? 1 : rc;
}
