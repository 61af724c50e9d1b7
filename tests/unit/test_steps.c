/*
 * test_steps.c - the contracts of cache_key() and step_copy(): what a key names and what not, and that a copy ends in one layer or
 * in none. cache_key() reads a directory of the test's; step_copy() needs an overlay, so it runs in a user namespace.
 */
#include <sys/stat.h>

#include "inside.h"
#include "base/file.h"
#include "build/steps.h"
#include "engine/engine.h"

static char dir[] = "/tmp/minictr-test-steps-XXXXXX";
static struct build_options options;
static struct build_result result;
static struct engine e;
static struct builder all;
static struct dockerfile *file;
static struct build b;

static void put(const char *name, const char *text)
{
	_cleanup_free_ char *path = xasprintf("%s/context/%s", dir, name);
	OK(file_write_atomic(AT_FDCWD, path, text, strlen(text), 0644, 0, &err));
}

/* A stage from scratch whose context holds a, b and sub/c. */
static void make(void)
{
	_cleanup_free_ char *context = xasprintf("%s/context", dir), *sub = xasprintf("%s/sub", context);
	OK(dir_make(AT_FDCWD, sub, 0755, &err));
	put("a", "one");
	put("b", "two");
	put("sub/c", "three");
	OK(engine_open(&e, dir, &err));
	OK(engine_store(&e, &err));
	all = (struct builder){
		.engine = &e, .o = &options, .result = &result, .store = e.store, .temp_lock = -1, .epoch = -1
	};
	pthread_mutex_init(&all.lock, NULL);
	pthread_mutex_init(&all.say_lock, NULL);
	all.temp_path = xasprintf("%s/build/tmp", dir);
	OK(dir_make(AT_FDCWD, all.temp_path, 0700, &err));
	all.dir = dir_open(e.dir, "build", &err);
	all.temp = dir_open(AT_FDCWD, all.temp_path, &err);
	all.context.path = xstrdup(context);
	all.context.dir = dir_open(AT_FDCWD, context, &err);
	all.context.tree = (struct source_tree){
		.root = all.context.dir, .what = "the build context", .is_context = true
	};
	b = (struct build){ .all = &all, .layers = json_new_array(), .inputs = json_new_object() };
	OK(stage_config_begin(&b.config, NULL, &all.target, NULL, &err));
}

static void begin(void)
{
	err = (struct mc_err){ 0 };
	ck_assert_ptr_nonnull(mkdtemp(dir));
	make();
}

static void end(void)
{
	engine_close(&e);
	dir_remove(AT_FDCWD, dir, &err);
	memcpy(dir + strlen(dir) - 6, "XXXXXX", 6);
}

/* The instruction of this line. */
static const struct instruction *read_line(const char *line)
{
	struct problems p = { 0 };
	_cleanup_free_ char *text = xasprintf("FROM scratch\n%s\n", line);
	ck_assert_msg(dockerfile_parse(text, strlen(text), "D", &file, &p, &err) >= 0, "%s", err.what);
	b.now = &file->stages[0].list[file->stages[0].n - 1];
	return b.now;
}

static struct digest key(const char *line)
{
	struct digest d = { "" };
	OK(cache_key(&b, read_line(line), &d, &err));
	return d;
}

static bool same(const char *line, const char *other)
{
	struct digest x = key(line), y = key(other);
	return digest_eq(&x, &y);
}

/* --- cache_key --- */

START_TEST(a_key_names_the_words)
{
	ck_assert(same("RUN make", "RUN make"));
	ck_assert(same("RUN make", "run   make")); /* how it is written is no input */
	ck_assert(!same("RUN make", "RUN make all"));
	ck_assert(!same("RUN [\"a\", \"bc\"]", "RUN [\"ab\", \"c\"]"));
	ck_assert(!same("RUN a", "WORKDIR /a"));
	ck_assert(!same("RUN make", "RUN --network=none make"));
	ck_assert(!same("WORKDIR /a", "WORKDIR /b"));
	ck_assert(same("WORKDIR /a/../b", "WORKDIR /b"));
	ck_assert(!same("COPY a /x", "COPY a /y"));
	ck_assert(!same("COPY a /x", "COPY a /x/")); /* a file, or a file in a directory */
	ck_assert(!same("COPY a /x", "COPY --chown=7 a /x"));
	ck_assert(!same("COPY a /x", "COPY --chmod=600 a /x"));
	ck_assert(!same("COPY a b /x/", "COPY a /x/"));
	ck_assert(!same("COPY a /x", "ADD a /x")); /* ADD unpacks a tar */
}
END_TEST

START_TEST(a_key_names_what_the_stage_has)
{
	static const char *const lines[] = { "RUN make", "COPY a /x", "WORKDIR w" };
	struct digest before[3], now;
	for (size_t i = 0; i < 3; i++)
		before[i] = key(lines[i]);
	stage_config_layer(
		&b.config, "sha256:1111111111111111111111111111111111111111111111111111111111111111");
	for (size_t i = 0; i < 3; i++) { /* a step after a changed step is a miss as well */
		now = key(lines[i]);
		ck_assert_msg(!digest_eq(&before[i], &now), "%s", lines[i]);
		before[i] = now;
	}
	strv_push(&b.config.vars, "A=1");
	now = key(lines[0]);
	ck_assert(!digest_eq(&before[0], &now)); /* the environment: of a RUN, of no COPY */
	now = key(lines[1]);
	ck_assert(digest_eq(&before[1], &now));
	json_set_string(json_sub(b.config.image, "config"), "User", "7");
	now = key(lines[2]);
	ck_assert(!digest_eq(&before[2], &now));
}
END_TEST

START_TEST(a_key_names_content_and_no_time)
{
	struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	_cleanup_free_ char *a = xasprintf("%s/context/a", dir);
	struct digest was = key("COPY a /x"), all_was = key("COPY . /x"), now;
	ck_assert_int_eq(utimensat(AT_FDCWD, a, old, 0), 0);
	now = key("COPY a /x");
	ck_assert(digest_eq(&was, &now));
	put("b", "TWO"); /* another file: of no account for the first, part of the second */
	now = key("COPY a /x");
	ck_assert(digest_eq(&was, &now));
	now = key("COPY . /x");
	ck_assert(!digest_eq(&all_was, &now));
	chmod(a, 0600);
	now = key("COPY a /x");
	ck_assert(!digest_eq(&was, &now));
	chmod(a, 0644);
	put("a", "onE");
	now = key("COPY a /x");
	ck_assert(!digest_eq(&was, &now));
	put("z", "one"); /* the same bytes under another name */
	now = key("COPY z /x");
	ck_assert(!digest_eq(&was, &now));
	ck_assert_int_eq(cache_key(&b, read_line("COPY absent /x"), &now, &err), -ENOENT);
	ck_assert_msg(strstr(err.what, "absent"), "%s", err.what);
}
END_TEST

/* --- step_copy --- */

/* What the build's temporary directory holds, and the layers of the stage. */
static bool stage_is(size_t layers)
{
	_cleanup_strv_ char **list = NULL;
	OK(dir_list(all.temp, ".", &list, &err));
	return !strv_len(list) && json_len(b.layers) == layers &&
	       json_len(json_at(b.config.image, "rootfs.diff_ids")) == layers;
}

START_TEST(a_copy_is_one_layer_or_none)
{
	static const char *const wrong[] = { "COPY absent /y", "COPY --chown=nobodyhere a /y",
		"COPY a b /y" };
	if (!inside())
		return;
	begin();
	OK(step_copy(&b, read_line("COPY a sub /x/"), &err));
	ck_assert(stage_is(1));
	const char *id = json_text_of(json_item(json_at(b.config.image, "rootfs.diff_ids"), 0));
	for (size_t i = 0; i < 2; i++) { /* of a directory what is in it */
		_cleanup_free_ char *path =
			xasprintf("%s/layers/%s/fs/x/%s", dir, id + strlen("sha256:"), i ? "c" : "a");
		_cleanup_buf_ struct buf text = { 0 };
		OK(file_read(AT_FDCWD, path, 64, &text, &err));
		ck_assert_str_eq(text.data, i ? "three" : "one");
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) { /* before the layer is begun, and after */
		ck_assert_msg(step_copy(&b, read_line(wrong[i]), &err) < 0, "%s", wrong[i]);
		ck_assert_msg(stage_is(1), "%s", wrong[i]);
	}
	OK(step_copy(&b, read_line("COPY b /x/a"), &err)); /* the stage is as good as before */
	ck_assert(stage_is(2));
	end();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps");
	TCase *t = tcase_create("steps");
	tcase_add_checked_fixture(t, begin, end);
	const TTest *const tests[] = { a_key_names_the_words, a_key_names_what_the_stage_has,
		a_key_names_content_and_no_time };
	for (size_t i = 0; i < ARRAY_LEN(tests); i++)
		tcase_add_test(t, tests[i]);
	suite_add_tcase(s, t);
	t = tcase_create("copy");
	tcase_add_test(t, a_copy_is_one_layer_or_none);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
