/*
 * test_base.c - the ground floor: numbers, vectors, errors, JSON getters, files.
 */
#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/utf8.h"
#include "qemu.h"

START_TEST(numbers_are_strict)
{
	uint64_t u;
	int64_t i;
	ck_assert_int_eq(parse_u64("18446744073709551615", &u), 0);
	ck_assert_uint_eq(u, UINT64_MAX);
	ck_assert_int_eq(parse_u64("18446744073709551616", &u), -ERANGE);
	ck_assert_int_eq(parse_u64(" 1", &u), -EINVAL);
	ck_assert_int_eq(parse_u64("1x", &u), -EINVAL);
	ck_assert_int_eq(parse_u64("", &u), -EINVAL);
	ck_assert_int_eq(parse_i64("-9223372036854775808", &i), 0);
	ck_assert_int_eq(i, INT64_MIN);
	ck_assert_int_eq(parse_i64("-9223372036854775809", &i), -ERANGE);
}
END_TEST

START_TEST(sizes_are_dockers)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = { { "64m", 64 << 20 }, { "1.5g", 3ULL << 29 }, { "100", 100 }, { "2k", 2048 }, { "7b", 7 },
		{ "1GiB", 1 << 30 }, { "3MB", 3 << 20 } };
	uint64_t v;
	for (size_t n = 0; n < ARRAY_LEN(good); n++) {
		ck_assert_msg(parse_bytes(good[n].text, &v) == 0, "%s", good[n].text);
		ck_assert_uint_eq(v, good[n].bytes);
	}
	static const char *const bad[] = { "", "m", "-1m", "1x", "1mm", "0x10", "1e3" };
	for (size_t n = 0; n < ARRAY_LEN(bad); n++)
		ck_assert_msg(parse_bytes(bad[n], &v) < 0, "%s was accepted", bad[n]);
}
END_TEST

START_TEST(nearest_word_helps)
{
	static const char *const words[] = { "run", "exec", "images", "inspect", "ps" };
	ck_assert_str_eq(nearest_word("exce", words, 5), "exec");
	ck_assert_str_eq(nearest_word("imgaes", words, 5), "images");
	ck_assert_ptr_null(nearest_word("zzzzzz", words, 5));
}
END_TEST

START_TEST(times_round_trip)
{
	char text[64];
	int64_t ns;
	static const struct {
		int64_t ns;
		const char *text;
	} dates[] = { { 0, "1970-01-01T00:00:00.000000000Z" }, { -1, "1969-12-31T23:59:59.999999999Z" },
		{ 951782399000000000, "2000-02-28T23:59:59.000000000Z" },
		{ 951782400000000000, "2000-02-29T00:00:00.000000000Z" },
		{ 951868800000000000, "2000-03-01T00:00:00.000000000Z" },
		{ 4107542400000000000, "2100-03-01T00:00:00.000000000Z" }, /* no leap year */
		{ INT64_MAX, "2262-04-11T23:47:16.854775807Z" },
		{ INT64_MIN, "1677-09-21T00:12:43.145224192Z" } };
	for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
		time_rfc3339(dates[i].ns, text, sizeof(text));
		ck_assert_str_eq(text, dates[i].text);
	}
	time_rfc3339(1795449600123456789, text, sizeof(text));
	ck_assert_int_eq(parse_rfc3339(text, &ns), 0);
	ck_assert_int_eq(ns, 1795449600123456789);
	ck_assert_int_eq(parse_rfc3339("2026-11-23T21:00:00+01:30", &ns), 0);
	ck_assert_int_eq(parse_rfc3339("yesterday", &ns), -EINVAL);
	ck_assert_int_eq(parse_rfc3339("2826-01-01T00:00:00Z", &ns), -ERANGE);
}
END_TEST

START_TEST(errors_wrap_and_keep_the_deeper_hint)
{
	struct mc_err err = { 0 };
	errno = ENOENT;
	ck_assert_int_eq(err_sys(&err, "open(\"%s\")", "x"), -ENOENT);
	err_hint(&err, "first");
	err_hint(&err, "second");
	err_wrap(&err, "container web");
	ck_assert_str_eq(err.what, "container web: open(\"x\"): No such file or directory (ENOENT)");
	ck_assert_str_eq(err.hint, "first");
}
END_TEST

static struct json *parsed(const char *text)
{
	struct json *doc = NULL;
	struct mc_err err;
	ck_assert_msg(json_parse(text, strlen(text), "config.json", &doc, &err) == 0, "%s", text);
	return doc;
}

START_TEST(json_reads_exact_numbers_and_names_the_place)
{
	struct json *doc = parsed("{\"linux\":{\"resources\":{\"memory\":{\"limit\":\"64m\",\"swap\":"
				  "18446744073709551615}}},\"mounts\":[{\"destination\":\"/proc\"}]}");
	struct mc_err err = { 0 };
	uint64_t u = 0;
	int64_t i;
	const char *s;
	ck_assert_int_eq(json_get_u64(doc, &u, &err, "linux.resources.memory.swap"), 1);
	ck_assert_uint_eq(u, UINT64_MAX);
	ck_assert_int_eq(json_get_i64(doc, &i, &err, "linux.resources.memory.swap"), -EINVAL);
	ck_assert_int_eq(json_get_i64(doc, &i, &err, "linux.resources.memory.limit"), -EINVAL);
	ck_assert_str_eq(err.what,
		"config.json: linux.resources.memory.limit: expected an integer, got a string \"64m\"");
	ck_assert_int_eq(json_get_string(doc, &s, &err, "mounts[%zu].destination", (size_t)0), 1);
	ck_assert_str_eq(s, "/proc");
	ck_assert_int_eq(json_get_string(doc, &s, &err, "mounts[1].destination"), 0);
	/* Something else on the way is no "not there". */
	ck_assert_int_eq(json_get_string(doc, &s, &err, "mounts.destination"), -EINVAL);
	ck_assert_str_eq(err.what, "config.json: mounts: expected an object, got an array");
	ck_assert_int_eq(json_get_u64(doc, &u, &err, "linux.resources.memory.limit.value"), -EINVAL);
	ck_assert_int_eq(json_get_u64(doc, &u, &err, "linux.resources[0].limit"), -EINVAL);
	ck_assert_str_eq(err.what, "config.json: linux.resources: expected an array, got an object");
	json_free(doc);
}
END_TEST

/* json-c 0.18 refuses such text when it gets it as it is. */
START_TEST(json_reads_every_character)
{
	struct json *doc =
		parsed("{\"name\":\"\303\244\342\202\254\360\237\220\263\\u00e9\",\"\303\251\":[\"\177\"]}");
	ck_assert_str_eq(json_text_of(json_at(doc, "name")), "\303\244\342\202\254\360\237\220\263\303\251");
	ck_assert_str_eq(json_text_of(json_at(doc, "\303\251[0]")), "\177");
	json_free(doc);
}
END_TEST

START_TEST(utf8_is_what_rfc_3629_says)
{
	static const char *const good[] = { "", "abc", "\302\200", "\337\277", "\340\240\200", "\355\237\277",
		"\356\200\200", "\357\277\277", "\360\220\200\200", "\364\217\277\277" };
	static const char *const bad[] = { "\200", "\300\200", "\301\277", "\302", "\340\237\277",
		"\355\240\200", "\360\217\277\277", "\364\220\200\200", "\365\200\200\200", "\377",
		"\342\202", "\303(" };
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(utf8_valid(good[i]), "good[%zu]", i);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!utf8_valid(bad[i]), "bad[%zu]", i);
	ck_assert(utf8_valid(NULL));
	ck_assert_uint_eq(utf8_valid_len("a\303\251\377b", 5), 3);
	for (size_t at = 0; at < 20; at++) {
		char text[20];
		memset(text, 'a', sizeof(text));
		ck_assert_uint_eq(utf8_ascii_len(text, at), at);
		text[at] = '\377';
		ck_assert_uint_eq(utf8_ascii_len(text, sizeof(text)), at);
		ck_assert_uint_eq(utf8_valid_len(text, sizeof(text)), at);
	}
	uint32_t c = 0;
	ck_assert_uint_eq(utf8_decode("\360\237\220\263", 4, &c), 4);
	ck_assert_uint_eq(c, 0x1f433);
}
END_TEST

START_TEST(json_refuses_what_is_broken)
{
	static const struct {
		const char *text, *place;
	} bad[] = {
		{ "{\"a\":18446744073709551616}", "config.json:1:6" },
		{ "{\"a\":-9223372036854775809}", "config.json:1:7" },
		{ "[\"\\\"99999999999999999999\",99999999999999999999]", "config.json:1:27" },
		{ "{\"a\":1} x", "config.json:1:9" },
		{ "{\n \"a\": }", "config.json:2:7" },
		{ "", "config.json:1:1" },
		{ "{\"a\":\"x\ny\"}", "config.json:1:8" },
		{ "{\"a\":\"\303\251\xff\"}", "config.json:1:9: not valid JSON: the text is not UTF-8" },
		{ "{\"a\":\"\355\240\200\"}", "config.json:1:7" },
		{ "{\"\303\251\360\237\220\263\":'x'}", "config.json:1:11" },
		{ "{\"\303\251\":1} x", "config.json:1:10" },
		{ "{\"a\":[1,2", "config.json:1" },
	};
	for (size_t n = 0; n < ARRAY_LEN(bad); n++) {
		struct json *doc = NULL;
		struct mc_err err = { 0 };
		ck_assert_msg(json_parse(bad[n].text, strlen(bad[n].text), "config.json", &doc, &err) < 0,
			"%s was accepted", bad[n].text);
		ck_assert_msg(str_starts(err.what, bad[n].place), "%s: %s", bad[n].text, err.what);
	}
}
END_TEST

START_TEST(resolution_stays_beneath_its_root)
{
	if (qemu_lacks("openat2(2)"))
		return;
	char dir[] = "/tmp/minictr-unit.XXXXXX";
	struct mc_err err;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	int root = dir_open(AT_FDCWD, dir, &err);
	ck_assert_int_ge(root, 0);
	ck_assert_int_eq(dir_make(root, "a/b/c", 0755, &err), 0);
	ck_assert_int_eq(symlinkat("/etc", root, "out"), 0);
	ck_assert_int_eq(symlinkat("../../../../etc/passwd", root, "a/up"), 0);
	ck_assert_int_eq(file_open_beneath(root, "out/passwd", O_RDONLY, 0, &err), -ENOENT);
	ck_assert_int_eq(file_open_beneath(root, "a/up", O_RDONLY, 0, &err), -ENOENT);
	ck_assert_int_eq(file_write_atomic(root, "a/f", "hi", 2, 0600, FILE_SYNC, &err), 0);
	struct buf text = { 0 };
	ck_assert_int_eq(file_read(root, "a/f", 100, &text, &err), 0);
	ck_assert_str_eq(text.data, "hi");
	ck_assert_int_eq(file_read(root, "a/f", 1, &text, &err), -EFBIG);
	buf_release(&text);
	close(root);
	ck_assert_int_eq(dir_remove(AT_FDCWD, dir, &err), 0);
	ck_assert_int_ne(access(dir, F_OK), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base");
	TCase *t = tcase_create("base");
	tcase_add_test(t, numbers_are_strict);
	tcase_add_test(t, sizes_are_dockers);
	tcase_add_test(t, nearest_word_helps);
	tcase_add_test(t, times_round_trip);
	tcase_add_test(t, errors_wrap_and_keep_the_deeper_hint);
	tcase_add_test(t, json_reads_exact_numbers_and_names_the_place);
	tcase_add_test(t, json_reads_every_character);
	tcase_add_test(t, utf8_is_what_rfc_3629_says);
	tcase_add_test(t, json_refuses_what_is_broken);
	tcase_add_test(t, resolution_stays_beneath_its_root);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
