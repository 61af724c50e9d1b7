/*
 * test_format.c - --format templates against what Go prints, lists as docker's tables, sizes and ages.
 */
#include <check.h>

#include "cli/format/format.h"
#include "cli/format/table.h"

static const char document[] =
	"{\"ID\":\"3f9c1a77e0b2\",\"Name\":\"/web\",\"N\":3,\"On\":true,\"Off\":false,\"Null\":null,"
	"\"State\":{\"Status\":\"running\",\"Pid\":42},\"Args\":[\"a\",\"b c\"],\"Empty\":[],"
	"\"Mounts\":[{\"Source\":\"/"
	"s\",\"Propagation\":\"rslave\"},{\"Name\":\"v\",\"Propagation\":\"\"}],\"Pools\":[{\"Subnet\":\"10."
	"0.0.0/8\"}],"
	"\"Labels\":{\"z\":\"1\",\"a.b\":\"2\"},\"Ports\":{\"80/tcp\":[{\"HostPort\":\"8080\"}]}}";

static char *render(const char *template, struct mc_err *err)
{
	struct buf b = { 0 };
	struct json *doc;
	ck_assert_int_eq(json_parse(document, strlen(document), "doc", &doc, err), 0);
	int rc = format_render(template, doc, &b, err);
	json_free(doc);
	if (rc < 0) {
		buf_release(&b);
		return NULL;
	}
	return buf_take(&b);
}

static const struct {
	const char *template, *want;
} good[] = {
	{ "{{.ID}} {{.State.Status}}", "3f9c1a77e0b2 running" },
	{ "{{json .State}}", "{\"Status\":\"running\",\"Pid\":42}" },
	{ "{{.Args}} {{.Labels}} {{.N}} {{.On}}", "[a b c] map[a.b:2 z:1] 3 true" },
	{ "{{index .Args 1}}|{{index .Labels \"a.b\"}}|{{index .Labels \"none\"}}", "b c|2|" },
	{ "{{len .Args}} {{len .Name}} {{len .Empty}}", "2 4 0" },
	{ "{{join .Args \"-\"}} {{upper .ID}} {{.ID | upper | lower}}", "a-b c 3F9C1A77E0B2 3f9c1a77e0b2" },
	{ "{{if .On}}up{{else}}down{{end}} {{if .Off}}up{{else}}down{{end}} {{if .Null}}x{{end}}",
		"up down " },
	{ "{{if eq .N 3}}three{{else if eq .N 4}}four{{else}}many{{end}}", "three" },
	{ "{{if eq .N 4}}four{{else if eq .N 3}}three{{else}}many{{end}}", "three" },
	{ "{{if and .On (not .Off)}}yes{{end}}{{if or .Off .Empty}}no{{end}}", "yes" },
	{ "{{range .Args}}<{{.}}>{{end}}{{range .Empty}}x{{else}}none{{end}}", "<a><b c>none" },
	{ "{{range $k, $v := .Labels}}{{$k}}={{$v}};{{end}}", "a.b=2;z=1;" },
	{ "{{$v := .N}}{{range $v = .Args}}<{{$v}}>{{end}}", "<a><b c>" },
	{ "{{range $i, $e := .Args}}{{$i}}{{$e}}{{$.N}} {{end}}", "0a3 1b c3 " },
	{ "{{range .Mounts}}{{.Name}}{{.Driver}}|{{end}}{{range .Pools}}{{.IPRange}};{{end}}", "|v|;" },
	{ "{{range $p, $c := .Ports}}{{$p}}->{{(index $c 0).HostPort}}{{end}}", "80/tcp->8080" },
	{ "{{with .State}}{{.Pid}}{{end}}{{with .Null}}x{{else}}-{{end}}", "42-" },
	{ "a {{- .N -}} b", "a3b" },
	{ "{{/* words */}}{{printf \"%s %5d|%-4s|%q\" .ID .N .Name .Name}}",
		"3f9c1a77e0b2     3|/web|\"/web\"" },
	{ "{{println .ID}}", "3f9c1a77e0b2\n" },
	{ "{{truncate .ID 4}} {{pad .Name 1 2}}| {{index (split .Name \"/\") 1}}", "3f9c  /web  | web" },
	{ "{{$x := .N}}{{$x}}{{$x}}", "33" },
	{ "{{.Null}} {{true}} {{`raw`}} {{ne 1 2}} {{lt 1 2}} {{ge 1 2}}",
		"<no value> true raw true true false" },
	{ "{{if true }}yes{{end}} {{eq true .On}}", "yes true" },
	{ "{{.Labels.none}}|{{json .Labels.none}}|{{index .Labels \"none\"}}", "<no value>|null|" },
	{ "{{slice .ID 0 4}} {{slice .ID 10}} {{slice .Args 1 2}}", "3f9c b2 [b c]" },
	{ "{{html \"<a>&'\\\"\"}} {{js \"a\\\"b<\"}} {{urlquery \"a b&c/ä\"}}",
		"&lt;a&gt;&amp;&#39;&#34; a\\\"b\\u003C a+b%26c%2F%C3%A4" },
	{ "{{split \"aäc\" \"\"}} {{len (split \"abc\" \"\")}} {{split \"a,b\" \",\"}}", "[a ä c] 3 [a b]" },
	{ "{{print 1 2 \"a\" \"b\" 3}}|{{println 1 \"a\"}}", "1 2ab3|1 a\n" },
	{ "{{printf \"%5s|%-5s|%05d|%x|%X|%q|%v|%.2f|%.1s|%c\" \"a\" \"b\" 3 255 \"hi\" \"q\\n\" true 1.5 "
	  "\"xy\" 65}}",
		"    a|b    |00003|ff|6869|\"q\\n\"|true|1.50|x|A" },
	{ "{{printf \"%d %d\" 1}}{{printf \"%%\"}}", "1 %!d(MISSING)%" },
	{ "{{$x := 1}}{{$x = 2}}{{$x}}{{range .Args}}{{$x = .}}{{end}}{{$x}}", "2b c" },
	{ "{{range .Args}}{{if eq . \"b c\"}}{{break}}{{end}}{{.}}{{end}}|", "a|" },
	{ "{{range .Args}}{{if eq . \"a\"}}{{continue}}{{end}}{{.}}{{end}}|", "b c|" },
	{ "{{1}} {{1.5}} {{1e3}} {{0x10}} {{'a'}} {{-2}}", "1 1.5 1000 16 97 -2" },
	{ "{{title \"hello world\"}}", "Hello World" },
	{ "no action", "no action" },
	{ "", "" },
};

START_TEST(prints_as_go_does)
{
	struct mc_err err = { 0 };
	char *got = render(good[_i].template, &err);
	ck_assert_msg(got != NULL, "%s: %s", good[_i].template, err.what);
	ck_assert_msg(!strcmp(got, good[_i].want), "%s gave %s", good[_i].template, got);
	free(got);
}
END_TEST

static const struct {
	const char *template, *says;
} wrong[] = {
	{ "{{.Nam}}", ".Name" },
	{ "{{.State.Statsu}}", ".Status" },
	{ "{{.ID.X}}", "X" },
	{ "{{jsn .}}", "json" },
	{ "{{if .On}}", "{{end}}" },
	{ "{{.ID", "}}" },
	{ "{{end}}", "without" },
	{ "{{index .Args 9}}", "out of range" },
	{ "{{$nope}}", "$nope" },
	{ "{{\"open}}", "unterminated" },
	{ "{{json}}", "argument" },
	{ "{{index .A (.B", "" },
	{ "{{(", "" },
	{ "{{break}}", "outside" },
	{ "{{slice .ID 5 100}}", "out of range" },
	{ "{{slice .ID 5 2}}", "behind" },
	{ "{{slice .N 1 2}}", "neither" },
	{ "{{$new = 1}}", "$new" },
	{ "{{.State.Labels}}", "Labels" },
	{ "{{((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1", "deep" },
};

START_TEST(errors_name_the_place)
{
	struct mc_err err = { 0 };
	char *got = render(wrong[_i].template, &err);
	ck_assert_msg(got == NULL, "%s gave %s", wrong[_i].template, got);
	ck_assert_msg(strstr(err.what, wrong[_i].says) || strstr(err.hint, wrong[_i].says), "%s: %s / %s",
		wrong[_i].template, err.what, err.hint);
}
END_TEST

START_TEST(templates_are_checked_before_they_run)
{
	static const char *const right[] = { "{{.Nosuch}}", "{{$x}}", "{{range .A}}{{.B.C}}{{break}}{{end}}",
		"json", "{{index .A 99}}", "{{.Label \"x\"}}" };
	static const char *const bad[] = { "{{", "{{nosuch .}}", "{{if .A}}", "{{range .A}}{{else}}",
		"{{.A | nosuch}}", "{{end}}", "{{break}}", "{{\"x}}" };
	for (size_t i = 0; i < ARRAY_LEN(right); i++) {
		struct mc_err err = { 0 };
		ck_assert_msg(format_check(right[i], &err) == 0, "%s: %s", right[i], err.what);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct mc_err err = { 0 };
		ck_assert_msg(format_check(bad[i], &err) < 0, "%s is taken", bad[i]);
		ck_assert_int_eq(err.exit_status, 64);
	}
}
END_TEST

START_TEST(heads_are_the_template_over_titles)
{
	static const struct format_title titles[] = { { "ID", "CONTAINER ID" }, { NULL, NULL } };
	static const char *const pairs[][2] = { { "{{.ID}}: {{upper .Names}}", "CONTAINER ID: NAMES" },
		{ "{{json .Image}}\t{{.Label \"c.d-e\"}}", "IMAGE\td e" },
		{ "{{join (split .ID \"/\") \"-\"}}", "CONTAINER ID" },
		{ "x {{.ID | truncate}}", "x CONTAINER ID" },
		{ "{{.ID}} {{.State}}", "CONTAINER ID STATE" } };
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		struct mc_err err = { 0 };
		_cleanup_buf_ struct buf b = { 0 };
		ck_assert_msg(
			format_heading(pairs[i][0], titles, &b, &err) == 0, "%s: %s", pairs[i][0], err.what);
		ck_assert_str_eq(b.data, pairs[i][1]);
	}
}
END_TEST

static char *list(const char *format)
{
	static const struct format_title titles[] = { { "ID", "CONTAINER ID" }, { NULL, NULL } };
	static const char rows[] = "[{\"ID\":\"1\",\"Image\":\"busybox\"},{\"ID\":\"22\",\"Image\":\"…x\"}]";
	struct mc_err err = { 0 };
	struct json *doc;
	char *text;
	size_t size;
	ck_assert_int_eq(json_parse(rows, strlen(rows), "rows", &doc, &err), 0);
	FILE *f = open_memstream(&text, &size);
	int rc = format_list(format, "table {{.ID}}\t{{.Image}}\t{{.ID}}", titles, doc, f, &err);
	fclose(f);
	json_free(doc);
	ck_assert_msg(rc == 0, "%s", err.what);
	return text;
}

START_TEST(lists_are_dockers)
{
	char *t = list(NULL);
	ck_assert_str_eq(t, "CONTAINER ID   IMAGE     CONTAINER ID\n"
			    "1              busybox   1\n"
			    "22             …x        22\n");
	free(t);
	t = list("json");
	ck_assert_str_eq(t, "{\"ID\":\"1\",\"Image\":\"busybox\"}\n{\"ID\":\"22\",\"Image\":\"…x\"}\n");
	free(t);
	t = list("table {{.Image}}\\t{{.ID}}");
	ck_assert_str_eq(t, "IMAGE     CONTAINER ID\nbusybox   1\n…x        22\n");
	free(t);
	t = list("{{.ID}}-{{.Image}}");
	ck_assert_str_eq(t, "1-busybox\n22-…x\n");
	free(t);
}
END_TEST

#define SAME(call, want)                                                                                     \
	do {                                                                                                 \
		char *got_ = (call);                                                                         \
		ck_assert_str_eq(got_, want);                                                                \
		free(got_);                                                                                  \
	} while (0)

START_TEST(small_texts)
{
	SAME(text_size(0), "0B");
	SAME(text_size(4261548), "4.26MB");
	SAME(text_size(999), "999B");
	SAME(text_size(117000000), "117MB");
	SAME(text_size_binary(64 << 20), "64MiB");
	SAME(duration_text(500000000), "Less than a second");
	SAME(duration_text(59000000000), "59 seconds");
	SAME(duration_text(61000000000), "About a minute");
	SAME(duration_text(180000000000), "3 minutes");
	SAME(duration_text(3700000000000), "About an hour");
	SAME(duration_text(3600000000000 * 30), "30 hours");
	SAME(duration_text(3600000000000 * 24 * 3), "3 days");
	SAME(text_short_id("sha256:0123456789abcdef"), "0123456789ab");
	SAME(text_ellipsis("abcdef", 4), "abc…");
	SAME(text_ellipsis("äöü", 3), "äöü");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("format");
	TCase *t = tcase_create("format");
	tcase_add_loop_test(t, prints_as_go_does, 0, ARRAY_LEN(good));
	tcase_add_loop_test(t, errors_name_the_place, 0, ARRAY_LEN(wrong));
	tcase_add_test(t, lists_are_dockers);
	tcase_add_test(t, templates_are_checked_before_they_run);
	tcase_add_test(t, heads_are_the_template_over_titles);
	tcase_add_test(t, small_texts);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
