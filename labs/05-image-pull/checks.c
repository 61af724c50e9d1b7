/*
 * checks.c - lab 05: what the registry's log says was asked for, and which bytes lie in the store.
 *
 * The registry is `drive serve` of the reference, with random content, in the box's own network.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive";
enum { STILL_HELD = 121 }; /* drive.c */

static bool holds(struct check *c, struct run *r)
{
	for (unsigned waited = 0; waited < 4000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 1 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return true;
		if (box_wait(r, 10))
			break;
	}
	return false;
}

static void expect_hold(struct check *c, struct run *r, const char *what)
{
	bool held = holds(c, r);
	check_that(c, held, NULL, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static const char *word_at(struct check *c, struct run *r, size_t i)
{
	char **line = ev_cmdline(c, r->pid);
	return strv_len(line) > i ? line[i] : "(nothing)";
}

static char *shell(struct check *c, struct box *b, const char *command)
{
	struct run *r = box_run(b, RUN("/bin/sh", "-c", command));
	if (r->code)
		check_trouble(c, "`%.100s` failed in the box: %s", command, r->out ? r->out : "");
	return r->out;
}

static char *sum_of(struct check *c, struct box *b, const char *path)
{
	return check_text(c, "sha256:%.64s", shell(c, b, check_text(c, "sha256sum %s", path)));
}

/* The learner's box, and beside it the registry's: same network, other files. */
struct stage {
	struct box *b, *j;
	struct run *server;
};

static struct stage registry(struct check *c)
{
	struct stage s = { .b = box_open(c, NULL) };
	s.j = box_beside(s.b);
	shell(c, s.j,
		"mkdir -p /work/www/v2/team/app/blobs /work/www/v2/team/app/manifests && echo -n good "
		">/work/mode");
	static const char *const serve[] = { "/lab/ref/drive", "serve", NULL };
	struct run *r = xcalloc(1, sizeof(*r)); /* outlives this function */

	*r = (struct run){ .argv = serve, .ms = 60000 };
	s.server = box_start(s.j, r);
	for (int i = 0; i < 150; i++, usleep(20000)) {
		char *log = box_read(s.j, "/work/log");
		if (log && strstr(log, "ready"))
			return s;
	}
	check_trouble(c, "the registry of the grader does not start: %s", r->out ? r->out : "");
	return s;
}

static void mode(struct box *b, const char *name) { box_write(b, "/work/mode", name, 0644); }
static void forget_log(struct box *b) { box_write(b, "/work/log", "", 0644); }

static void end_of(const struct stage *s)
{
	box_kill(s->server, SIGKILL);
	box_wait(s->server, 1000);
	box_expect_empty(s->b, NULL);
}

static const char *machine(void)
{
	struct utsname u;
	return uname(&u) == 0 && str_eq(u.machine, "aarch64") ? "arm64" : "amd64";
}

/* --- 05.1 --- */

static void name_is(struct check *c, struct box *b, const char *text, const char *host, const char *path,
	const char *tag, const char *misread)
{
	struct run *r = box_start(b, RUN(DRIVE, "name", text));

	check_ran(c, "minictr pull %s", text);
	expect_hold(c, r, check_text(c, "image_name_parse(\"%s\")", text));
	check_str(c, misread, check_text(c, "the registry in %s", text), host, word_at(c, r, 2));
	check_str(c, misread, check_text(c, "the repository in %s", text), path, word_at(c, r, 3));
	check_str(c, misread, check_text(c, "the tag in %s", text), tag, word_at(c, r, 4));
	const char *at = strchr(text, '@');
	check_str(c, str_eq(word_at(c, r, 5), "old") ? "M-NAME-OLD" : "M-NAME-DIGEST",
		check_text(c, "the digest in %s", text), at ? at + 1 : "", word_at(c, r, 5));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
}

/* Who is asked for what, when the image of this name is wanted: the server's log. docker.io is asked by a mirror, 127.0.0.1. */
static void asked(struct check *c, struct box *b, struct box *j, const char *text, const char *host,
	const char *path, const char *tag, const char *misread)
{
	char *want = check_text(c, " /v2/%s/manifests/%s auth=- host=%s ", path, tag, host);

	forget_log(j);
	struct run *r = box_run(
		b, &(struct run){ .argv = (const char *const[]){ DRIVE, "ask", text, NULL }, .ms = 9000 });
	char *log = box_read(j, "/work/log");
	check_ran(c, "drive ask %s", text);
	check_evidence(c, "log of the server:\n%s", log);
	check_that(c, log && strstr(log, want), misread,
		check_text(c, "%s is asked for /v2/%s/manifests/%s", host, path, tag), "%s",
		log && *log ? check_text(c, "its log says %.*s", (int)strcspn(log, "\n"), log)
			    : check_text(c, "nobody is asked. %s", run_failure(r)));
}

static void check_name(struct check *c)
{
	struct stage s = registry(c);
	struct box *b = s.b, *j = s.j;
	char *a = check_word(c), *z = check_word(c), *t = check_word(c);
	int port = (int)check_number(c, 1025, 60000);

	name_is(c, b, a, "docker.io", check_text(c, "library/%s", a), "latest", "M-NAME-LIBRARY");
	name_is(c, b, check_text(c, "localhost:%d/%s", port, a), check_text(c, "localhost:%d", port), a,
		"latest", "M-NAME-PORT");
	name_is(c, b, check_text(c, "%s/%s:%s", a, z, t), "docker.io", check_text(c, "%s/%s", a, z), t,
		"M-NAME-MIXED");
	name_is(c, b, check_text(c, "%s.example/%s/%s", a, z, t), check_text(c, "%s.example", a),
		check_text(c, "%s/%s", z, t), "latest", "M-NAME-MIXED");
	name_is(c, b, check_text(c, "%s.example:%d/%s:%s", a, port, z, t),
		check_text(c, "%s.example:%d", a, port), z, t, "M-NAME-PORT");
	name_is(c, b, check_text(c, "localhost/%s", a), "localhost", a, "latest", "M-NAME-LOCALHOST");
	name_is(c, b, check_text(c, "index.docker.io/%s", a), "docker.io", check_text(c, "library/%s", a),
		"latest", "M-NAME-INDEX");
	name_is(c, b, check_text(c, "%s.example/%s@sha256:%064d", a, z, port), check_text(c, "%s.example", a),
		z, "", "M-NAME-DIGEST");
	name_is(c, b, check_text(c, "%s.example/%s:%s@sha256:%064d", a, z, t, port),
		check_text(c, "%s.example", a), z, t, "M-NAME-BOTH");
	static const char *const bad[] = { "Upper/Case", "a/../../b", "a//b", "/a", "a/", "a:", ":tag",
		"a:tag/b:c", "a b", "a@sha256:12", "a@md5:00", "a:-x", "", "..", "a/.b", "http://a/b",
		"host:port/a" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct run *r = box_run(b, RUN(DRIVE, "name", bad[i], "-"));
		check_ran(c, "minictr pull '%s'", bad[i]);
		check_that(c, r->code != 0 && !r->timed_out, "M-NAME-GRAMMAR",
			check_text(c, "an error for the name \"%s\"", bad[i]), "%s", run_failure(r));
	}
	/* docker.io and a slash are ten letters, so this is a name of exactly 255. */
	int rest = 255 - 10 - (int)strlen(a) - 1;
	struct run *r = box_start(b, RUN(DRIVE, "name", check_text(c, "%s/%0*d", a, rest, port)));
	check_ran(c, "minictr pull %s/000...   (255 letters with docker.io)", a);
	bool taken = holds(c, r);
	check_that(c, taken, "M-NAME-LIMIT", "a name of 255 letters is taken", "%s", run_failure(r));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	r = box_run(b, RUN(DRIVE, "name", check_text(c, "%s/%0*d", a, rest + 1, port), "-"));
	check_ran(c, "minictr pull %s/000...   (256 letters with docker.io)", a);
	check_that(c, r->code != 0 && !r->timed_out, "M-NAME-LONG", "an error for a name of more than 255 letters", "%s",
		run_failure(r));
	asked(c, b, j, a, "127.0.0.1:5005", check_text(c, "library/%s", a), "latest", "M-NAME-LIBRARY");
	asked(c, b, j, check_text(c, "127.0.0.2:5005/%s:%s", z, t), "127.0.0.2:5005", z, t, "M-NAME-PORT");
	asked(c, b, j, check_text(c, "%s/%s:%s", a, z, t), "127.0.0.1:5005", check_text(c, "%s/%s", a, z), t,
		"M-NAME-MIXED");
	end_of(&s);
}

/* --- 05.2 --- */

/* The token server sends the question on to another host: the token comes, the password does not go there. */
static void token_elsewhere(struct check *c, struct box *b, struct box *j)
{
	char *word = check_word(c), *token = check_word(c);

	box_write(j, "/work/www/moved", check_text(c, "{\"token\":\"%s\"}", token), 0644);
	mode(j, "away");
	forget_log(j);
	struct run *r = box_start(b,
		RUN(DRIVE, "token", word, "repository:team/app:pull", check_word(c), check_word(c), "test"));
	check_ran(c, "drive token %s ... (the token server at 127.0.0.1 redirects to 127.0.0.2)", word);
	expect_hold(c, r, "registry_token");
	char *log = box_read(j, "/work/log"), *moved = strstr(log, " /moved");
	check_evidence(c, "%s", log);
	check_that(c, moved, NULL, "the redirect is followed to 127.0.0.2", "%.200s", log);
	check_that(c, strstr(moved, "auth=- "), "M-TOKEN-REDIRECT",
		"no Authorization arrives at the redirect's host", "%.120s", moved + 1);
	check_str(c, NULL, "the token from there", token, word_at(c, r, 3));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	mode(j, "good");
}

/* Nobody to log in as; and a challenge that names no token server. */
static void token_without(struct check *c, struct box *b, struct box *j, const char *token)
{
	static const char *const others[] = { "Basic realm=\"http://127.0.0.1:5005/token\"",
		"Bearer scope=\"repository:team/app:pull\"", "Bearer" };
	char *word = check_word(c);
	forget_log(j);
	struct run *r = box_start(b, RUN(DRIVE, "token", word, "repository:team/app:pull", "-", "-", "test"));
	check_ran(c, "drive token %s repository:team/app:pull - - test   (no login)", word);
	expect_hold(c, r, "registry_token without a login");
	char *log = box_read(j, "/work/log");
	check_that(c, strstr(log, "auth=- "), "M-TOKEN-NOBODY", "without a login no Authorization is sent",
		"%.120s", log);
	check_str(c, NULL, "the token for nobody in particular", token, word_at(c, r, 3));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		forget_log(j);
		r = box_run(b, RUN(DRIVE, "token", word, others[i], "user", "word", "-"));
		check_ran(c, "drive token %s '%s' user word -   (the challenge as it is)", word, others[i]);
		check_that(c, r->code != 0 && !r->timed_out && !WIFSIGNALED(r->status), "M-TOKEN-REALM",
			"an error for a challenge that names no token server", "%s", run_failure(r));
		log = box_read(j, "/work/log");
		check_that(c, !log || !*log, "M-TOKEN-REALM", "no server is asked then", "%.120s", log);
	}
}

static void check_token(struct check *c)
{
	struct stage s = registry(c);
	struct box *b = s.b, *j = s.j;
	char *word = check_word(c), *token = check_word(c), *user = check_word(c), *password = check_word(c);
	char *scope = check_text(c, "repository:team/%s:pull", check_word(c)), *service = check_word(c);

	box_write(j, "/work/www/token", check_text(c, "{\"token\":\"%s\"}", token), 0644);
	forget_log(j);
	struct run *r = box_start(b, RUN(DRIVE, "token", word, scope, user, password, service));
	check_ran(c, "drive token %s %s %s %s", word, scope, user, password);
	expect_hold(c, r, "registry_token");
	char *log = box_read(j, "/work/log");
	check_evidence(c, "%s", log);
	const char *scoped = strstr(log, "scope=");
	check_that(c,
		scoped && strstr(scoped,
				  strrchr(check_text(c, "%.*s", (int)(strlen(scope) - 5), scope), '/') + 1),
		"M-TOKEN-SCOPE", check_text(c, "the token server is asked for scope %s", scope), "%.200s",
		log);
	check_that(c, strstr(log, check_text(c, "service=%s", service)), "M-TOKEN-SERVICE",
		check_text(c, "the token server is told the service, %s", service), "%.200s", log);
	check_that(c, !strstr(log, password), "M-TOKEN-LEAK", "the password is in no address", "%.200s", log);
	check_that(c, strstr(log, "auth= Basic "), "M-TOKEN-ANON",
		"the token server is told who asks (Authorization: Basic)", "%.200s", log);
	check_str(c, str_eq(word_at(c, r, 3), password) ? "M-TOKEN-EACH" : NULL, "the token", token,
		word_at(c, r, 3));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	token_elsewhere(c, b, j);
	token_without(c, b, j, token);
	r = box_run(b, RUN(DRIVE, "token-bad", word, scope, user, password, service));
	check_that(c, r->code != 0 && !r->timed_out, NULL, "an error when the token server answers 404",
		"exit status %d", r->code);
	check_that(c, strstr(log, "?account=team&"), "M-TOKEN-REALM",
		"the question that the realm has already, ?account=team, goes on with &", "%.200s", log);
	end_of(&s);
}

/* --- 05.4 --- */

static char *plant_blob(struct check *c, struct box *b, const char *file)
{
	char *digest = sum_of(c, b, file);
	shell(c, b, check_text(c, "cp %s /work/www/v2/team/app/blobs/%s", file, digest));
	return digest;
}

static bool in_store(struct check *c, struct box *b, const char *digest)
{
	return box_exists(b, check_text(c, "/work/root/images/blobs/sha256/%s", digest + 7));
}

/* An earlier pull left bytes that are not the blob's: going on from them fails, beginning anew does not. */
static void wrong_half(struct check *c, struct box *b, struct box *j)
{
	shell(c, j, "head -c 50000 /dev/urandom >/work/third");
	char *third = plant_blob(c, j, "/work/third"),
	     *part = check_text(c, "/work/root/images/ingest/%s.part", third + 7);
	box_write(b, part, check_text(c, "%01000d", 7), 0600);
	struct run *r = box_run(b, RUN(DRIVE, "blob", third));
	check_ran(c,
		"drive blob %s   (1000 wrong bytes lie in the store's ingest/, left by a pull that was "
		"killed)",
		third);
	check_that(c, r->code == 0 && in_store(c, b, third), "M-BLOB-ANEW",
		"wrong bytes of an earlier pull are worth one new beginning", "%s", run_failure(r));
}

static void check_blob(struct check *c)
{
	struct stage s = registry(c);
	struct box *b = s.b, *j = s.j;
	static const char *const faults[] = { "flip", "cut", "endless" };

	box_mkdir(b, "/work/root", 0755);
	shell(c, j, "head -c 70000 /dev/urandom >/work/blob; head -c 3000 /dev/urandom >/work/second");
	char *digest = plant_blob(c, j, "/work/blob"), *second = plant_blob(c, j, "/work/second");
	for (size_t i = 0; i < ARRAY_LEN(faults); i++) {
		mode(j, faults[i]);
		struct run *r = box_run(
			b, &(struct run){ .argv = (const char *const[]){ DRIVE, "blob", second, NULL },
				   .ms = 8000 });
		check_ran(c, "drive blob %s (the server sends: %s)", second, faults[i]);
		check_that(c, !in_store(c, b, second), "M-BLOB-TRUST",
			"nothing enters the store under this digest", "other bytes did");
		check_that(c, r->code != 0 && !r->timed_out, "M-BLOB-TRUST", "an error", "%s",
			r->timed_out ? "it takes for ever" : "success");
		if (i == 2)
			check_int(c, "M-BLOB-KEPT", "bytes of a body without end left in the store's ingest/", 0,
				box_bytes(b, "/work/root/images/ingest", ".part"));
		if (i == 0) {
			check_int(c, "M-BLOB-CODE", "the errno for wrong bytes (74 is EBADMSG)", EBADMSG, r->code);
			check_int(c, "M-BLOB-KEPT", "wrong bytes left in the store's ingest/", 0,
				box_bytes(b, "/work/root/images/ingest", ".part"));
		}
	}
	mode(j, "good");
	struct run *r = box_run(b, RUN(DRIVE, "blob", digest));
	check_ran(c, "drive blob %s", digest);
	check_int(c, NULL, "blob_fetch (0 is success)", 0, r->code);
	check_that(c, in_store(c, b, digest), NULL, "the blob is in the store", "it is not");
	box_transfer(b, check_text(c, "/work/root/images/blobs/sha256/%s", digest + 7), j, "/work/kept");
	check_str(c, NULL, "sha256sum of the blob in the store", digest, sum_of(c, j, "/work/kept"));
	forget_log(j);
	r = box_run(b, RUN(DRIVE, "blob", digest));
	check_that(c, r->code == 0 && !strstr(box_read(j, "/work/log"), "/blobs/"), "M-BLOB-AGAIN",
		"a blob that is there is not fetched again", "%.100s",
		r->code ? run_failure(r) : box_read(j, "/work/log"));
	wrong_half(c, b, j);
	end_of(&s);
}

/* --- 05.5 --- */

/* An image with one layer and random content under tag 1; returns the manifest's digest. */
static char *plant_image(struct check *c, struct box *b, const char *arch)
{
	shell(c, b,
		"rm -rf /work/t /work/l.tar /work/l.gz; mkdir /work/t; head -c 60000 /dev/urandom "
		">/work/t/file; tar -cf /work/l.tar -C /work/t . && gzip -c /work/l.tar >/work/l.gz");
	char *diffid = sum_of(c, b, "/work/l.tar"), *layer = plant_blob(c, b, "/work/l.gz");
	box_write(b, "/work/config",
		check_text(c,
			"{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":"
			"\"layers\",\"diff_ids\":[\"%s\"]}}",
			arch, diffid),
		0644);
	char *config = plant_blob(c, b, "/work/config");
	char *manifest = check_text(c,
		"{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\","
		"\"config\":{\"mediaType\":\"application/"
		"vnd.oci.image.config.v1+json\",\"digest\":\"%s\",\"size\":%s},"
		"\"layers\":[{\"mediaType\":\"application/"
		"vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"%s\",\"size\":%s}]}",
		config, check_text(c, "%d", atoi(shell(c, b, "stat -c %s /work/config"))), layer,
		check_text(c, "%d", atoi(shell(c, b, "stat -c %s /work/l.gz"))));
	box_write(b, "/work/manifest", manifest, 0644);
	char *digest = sum_of(c, b, "/work/manifest");
	shell(c, b,
		check_text(c,
			"cp /work/manifest /work/www/v2/team/app/manifests/1; cp /work/manifest "
			"/work/www/v2/team/app/manifests/%s",
			digest));
	return digest;
}

static int manifest_size(struct check *c, struct box *b, const char *digest)
{
	return atoi(shell(c, b, check_text(c, "stat -c %%s /work/www/v2/team/app/manifests/%s", digest)));
}

/* Tag 1 is an index of two images; returns its digest. */
static char *plant_index(struct check *c, struct box *j, char **ret_other, char **ret_ours)
{
	bool arm = str_eq(machine(), "arm64");
	char *other = plant_image(c, j, "s390x"), *ours = plant_image(c, j, machine());
	box_write(j, "/work/index",
		check_text(c,
			"{\"schemaVersion\":2,\"mediaType\":\"application/"
			"vnd.oci.image.index.v1+json\",\"manifests\":["
			"{\"mediaType\":\"application/"
			"vnd.oci.image.manifest.v1+json\",\"digest\":\"%s\",\"size\":%d,"
			"\"platform\":{\"architecture\":\"s390x\",\"os\":\"linux\"}},"
			"{\"mediaType\":\"application/"
			"vnd.oci.image.manifest.v1+json\",\"digest\":\"%s\",\"size\":%d,"
			"\"platform\":{\"architecture\":\"%s\",\"os\":\"linux\"}}]}",
			other, manifest_size(c, j, other), ours, manifest_size(c, j, ours),
			arm ? "arm64" : "amd64"),
		0644);
	char *digest = sum_of(c, j, "/work/index");
	shell(c, j,
		check_text(c, "cd /work/www/v2/team/app/manifests && cp /work/index 1 && cp /work/index %s",
			digest));
	if (ret_other)
		*ret_other = other;
	if (ret_ours)
		*ret_ours = ours;
	return digest;
}

/* --- 05.3 --- */

/* A pull of a name with images for two machines: which of them lies in the store? */
static void chosen_in_store(struct check *c)
{
	struct stage s = registry(c);
	struct box *b = s.b, *j = s.j;
	const char *const pull[] = { DRIVE, "pull", "team/app", "1", NULL };
	bool arm = str_eq(machine(), "arm64");
	char *other = NULL, *ours = NULL;

	plant_index(c, j, &other, &ours);
	box_mkdir(b, "/work/root", 0755);

	struct run *r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	check_ran(
		c, "minictr pull 127.0.0.1:5005/team/app:1   (an index: s390x, %s)", arm ? "arm64" : "amd64");
	check_evidence(c, "%s\n%s", r->out ? r->out : "", box_read(j, "/work/log"));
	if (r->code != 0) /* the pull is task 05.5, whoever wrote it */
		check_note(c, "the store was not looked at: image_pull (05.5) fails");
	else {
		check_that(c, !in_store(c, b, other), "M-CHOOSE-FIRST",
			"the image of the other machine is not in the store", "its manifest %.19s... is",
			other);
		check_that(c, in_store(c, b, ours), NULL, "the image of this machine is in the store",
			"its manifest %.19s... is not", ours);
	}
	end_of(&s);
}

/* What is chosen from a list: the number of the entry, or -1 for none. */
static void chosen_is(struct check *c, struct box *b, const char *want, const char *const platforms[],
	int expected, const char *misread, const char *rule)
{
	char *word = check_word(c), *list = "", *digest[6] = { NULL };
	const char *argv[12] = { DRIVE, "choose", word, want };
	for (int i = 0; platforms[i]; i++) {
		digest[i] = check_text(c, "sha256:%08x%056d", (unsigned)check_number(c, 1, 0xffffffff), i);
		argv[4 + i] = check_text(c, "%s=%s", platforms[i], digest[i]);
		list = check_text(c, "%s %s", list, platforms[i]);
	}
	struct run *r = box_start(b, &(struct run){ .argv = argv });
	check_ran(c, "drive choose %s %s  from%s", word, want, list);
	bool held = holds(c, r);
	int got = -1;
	for (int i = 0; held && platforms[i]; i++)
		if (str_eq(word_at(c, r, 3), digest[i]))
			got = i;
	if (got == 0 && expected > 0 && str_eq(platforms[0], "linux/s390x"))
		misread = "M-CHOOSE-FIRST";
	check_that(c, held ? got == expected : expected < 0 && r->code == ENOENT,
		expected < 0 && !held && r->code && r->code != ENOENT ? "M-CHOOSE-CODE" : misread, rule, "%s",
		held && got >= 0 ? check_text(c, "entry %d (%s) was chosen", got + 1, platforms[got])
		: held           ? "a digest of no entry"
				 : run_failure(r));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
}

static void others_are_chosen(struct check *c, struct box *b)
{
	static const char *const last[] = { "linux/s390x", "linux/arm64", "linux/riscv64", NULL },
				 *const equal[] = { "linux/s390x", "linux/amd64", "linux/amd64", NULL },
				 *const better[] = { "linux/arm/v6", "linux/arm/v7", "linux/arm/v5", NULL },
				 *const single[] = { "-", NULL }, *const none[] = { "linux/s390x", NULL },
				 *const unnamed[] = { "-", "-", NULL };
	chosen_is(c, b, "linux/riscv64", last, 2, "M-CHOOSE-LAST",
		"the last entry, which is the one for this machine");
	chosen_is(c, b, "linux/s390x", last, 0, "M-CHOOSE-LAST",
		"the first entry, which is the one for this machine");
	chosen_is(
		c, b, "linux/amd64", equal, 1, "M-CHOOSE-EQUAL", "the earlier of two that fit equally well");
	chosen_is(c, b, "linux/arm/v7", better, 1, "M-CHOOSE-BEST", "the entry that fits best (v7 for v7)");
	chosen_is(c, b, "linux/amd64", single, 0, "M-CHOOSE-SINGLE",
		"a single entry that names no platform is meant for all");
	chosen_is(c, b, "linux/amd64", none, -1, "M-CHOOSE-ANY",
		"-ENOENT when a single entry is for another machine");
	chosen_is(c, b, "linux/amd64", unnamed, -1, "M-CHOOSE-SINGLE",
		"-ENOENT when several entries name no platform");
}

static void check_choose(struct check *c)
{
	struct box *b = box_open(c, NULL);
	char *word = check_word(c), *digest[3];

	others_are_chosen(c, b);
	for (int i = 0; i < 3; i++)
		digest[i] = check_text(c, "sha256:%08x%056d", (unsigned)check_number(c, 1, 0xffffffff), i);
	char *first = check_text(c, "linux/s390x=%s", digest[0]),
	     *second = check_text(c, "linux/arm64=%s", digest[1]);
	char *third = check_text(c, "linux/amd64=%s", digest[2]);
	bool arm = check_number(c, 0, 1);
	struct run *r = box_start(
		b, RUN(DRIVE, "choose", word, arm ? "linux/arm64" : "linux/amd64", first, second, third));
	check_ran(c, "drive choose %s %s s390x arm64 amd64", word, arm ? "linux/arm64" : "linux/amd64");
	expect_hold(c, r, "manifest_choose");
	check_str(c, str_eq(word_at(c, r, 3), digest[0]) ? "M-CHOOSE-FIRST" : NULL, "the digest chosen",
		digest[arm ? 1 : 2], word_at(c, r, 3));
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	r = box_start(b, RUN(DRIVE, "choose", word, "linux/riscv64", first, second, third));
	bool chosen = holds(c, r);
	check_that(c, !chosen && r->code == ENOENT, !chosen && r->code ? "M-CHOOSE-CODE" : "M-CHOOSE-ANY",
		"-ENOENT when no entry is for this machine", "%s",
		chosen ? "an image for another machine was chosen" : run_failure(r));
	chosen_in_store(c);
}

static bool index_has(struct box *b, const char *digest)
{
	char *index = box_read(b, "/work/root/images/index.json");
	return index && strstr(index, digest);
}

/* The pull is killed while the layer is half there: the next one asks for the other half only. */
static void killed_pull(struct check *c, struct box *b, struct box *j, const char *const pull[])
{
	int64_t half = 0;

	plant_image(c, j, machine());
	mode(j, "stall");
	forget_log(j);
	struct run *r = box_start(b, &(struct run){ .argv = pull, .ms = 8000 });
	for (int i = 0; i < 150 && half <= 10000; i++, usleep(20000))
		half = box_bytes(b, "/work/root/images/ingest", ".part");
	check_that(c, half <= 10000 || box_locked(b, "/work/root/images.busy"), "M-PULL-BUSY",
		"the store is held busy while blobs arrive (store_busy())",
		"a garbage collection could start now");
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	mode(j, "good");
	check_ran(c, "kill -9 of `minictr pull 127.0.0.1:5005/team/app:1` in mid-layer; the same pull again");
	check_that(c, half > 10000, NULL, "the pull fetches the layer into the store's ingest/",
		"%lld bytes are there after 3 seconds", (long long)half);
	forget_log(j);
	r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	char *log = box_read(j, "/work/log"), *blob = strstr(log, "/blobs/");
	check_evidence(c, "%s", log);
	check_int(c, NULL, "the pull after the killed one (0 is success)", 0, r->code);
	check_that(c, blob && !strstr(blob + 1, "/blobs/"), "M-PULL-AGAIN",
		"only the unfinished blob is asked for", "%.250s", log);
	check_that(c, !strstr(blob, " from=0\n"), "M-PULL-ANEW",
		check_text(c, "the layer is asked for from byte %lld on", (long long)half), "%.150s", blob);
}

/* A name for several machines: config and layers of ours come, and the record says what the registry served for the name. */
static void index_is_pulled(struct check *c, struct box *b, struct box *j)
{
	char *digest = plant_index(c, j, NULL, NULL);
	const char *const pull[] = { DRIVE, "pull", "team/app", "1", NULL };
	struct run *r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	check_ran(c, "minictr pull 127.0.0.1:5005/team/app:1   (the name is an index now)");
	check_that(c, r->code == 0, "M-PULL-INDEX", "the pull of an image for several machines succeeds",
		"%s", run_failure(r));
	check_that(c, index_has(b, digest), "M-PULL-ASKED",
		"the store's record says the digest that the registry served for the name (the index's)",
		"it says another one");
}

/* A name for other machines only. */
static void none_is_pulled(struct check *c, struct box *b, struct box *j)
{
	const char *const pull[] = { DRIVE, "pull", "team/app", "1", NULL };
	char *other = plant_image(c, j, "s390x"),
	     *index = check_text(c,
		     "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[{"
		     "\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"%s\",\"size\":%d,"
		     "\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}}]}",
		     other, manifest_size(c, j, other));
	box_write(j, "/work/www/v2/team/app/manifests/1", index, 0644);
	struct run *r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	check_ran(c, "minictr pull 127.0.0.1:5005/team/app:1   (an index of images for s390x only)");
	check_that(c, r->code != 0 && !r->timed_out && !in_store(c, b, other), "M-PULL-NONE",
		"an error when no image of the index is for this machine", "%s",
		r->code ? "the image of the other machine is in the store" : "it said success (0)");
}

static void check_pull(struct check *c)
{
	struct stage s = registry(c);
	struct box *b = s.b, *j = s.j;
	const char *const pull[] = { DRIVE, "pull", "team/app", "1", NULL };

	box_mkdir(b, "/work/root", 0755);
	char *first = plant_image(c, j, machine());
	mode(j, "flip");
	struct run *r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	check_ran(c, "minictr pull 127.0.0.1:5005/team/app:1 (one byte of a blob is flipped)");
	check_that(c, r->code != 0 && !r->timed_out, "M-PULL-IGNORED", "an error when a blob is broken",
		"success");
	check_that(c, !index_has(b, first), "M-PULL-TAG",
		"the name is not in the store while a blob is missing", "it is");
	mode(j, "good");
	r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	check_ran(c, "minictr pull 127.0.0.1:5005/team/app:1");
	check_that(c, r->code != STILL_HELD, "M-PULL-HELD", "once the pull has ended the store is not held any more",
		"its descriptor is open");
	check_that(c, r->code == 0, NULL, "the pull succeeds", "%s", run_failure(r));
	check_that(c, index_has(b, first), NULL, "the store knows the name now", "it does not");
	forget_log(j);
	r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	check_ran(c, "the same pull again");
	char *log = box_read(j, "/work/log");
	check_evidence(c, "%s", log);
	check_int(c, NULL, "the second pull (0 is success)", 0, r->code);
	check_that(c, !strstr(log, "/blobs/"), "M-PULL-AGAIN", "no blob is asked for again", "%.200s", log);
	check_that(c, strstr(log, "/manifests/1"), "M-PULL-LATEST", "what the tag points to is asked again",
		"nothing was asked");
	char *second = plant_image(c, j, machine());
	r = box_run(b, &(struct run){ .argv = pull, .ms = 8000 });
	check_ran(c, "the tag has moved; the same pull again");
	check_that(c, r->code == 0 && index_has(b, second), "M-PULL-LATEST",
		"the name points to the new image", "it points to the old one");
	index_is_pulled(c, b, j);
	none_is_pulled(c, b, j);
	check_note_predicted(c, 'n', "latest is a word, and what it names is asked for anew");
	killed_pull(c, b, j, pull);
	end_of(&s);
}

const struct check_entry lab_05_checks[] = {
	{ "05.1", check_name },
	{ "05.2", check_token },
	{ "05.3", check_choose },
	{ "05.4", check_blob },
	{ "05.5", check_pull },
	{ 0 },
};
