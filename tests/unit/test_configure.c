/*
 * test_configure.c - what instructions do to an image's configuration and history: inheritance, ARG against ENV, quoting,
 * and `build --check`. A row is a Dockerfile and what its last stage's config (or history, or RUN's environment) is.
 */
#include <check.h>

#include "build/configure.h"
#include "build/lints.h"
#include "build/resolve.h"

static const struct build_platform amd64 = { "linux", "amd64", NULL }, arm64 = { "linux", "arm64", "v8" };

struct built {
	struct dockerfile *d;
	struct args args;
	struct stage_config stages[8];
	char *run; /* "A=1 B=2|/bin/sh|-c|x" of the last RUN */
	char *copied; /* words and heredoc bodies of the last COPY */
	struct mc_err err;
};

static void note_step(struct built *b, struct stage_config *c, const struct instruction *i)
{
	struct buf out = { 0 };
	if (i->kind == DO_RUN) {
		_cleanup_strv_ char **env = stage_config_run_env(c, &b->args), **argv = stage_config_argv(c, i);
		for (char **e = env; *e; e++)
			if (!str_starts(*e, "PATH="))
				buf_addf(&out, "%s ", *e);
		for (char **a = argv; a && *a; a++)
			buf_addf(&out, "|%s", *a);
		for (size_t k = 0; k < i->n_flags; k++)
			buf_addf(&out, " --%s=%s", i->flags[k].name, i->flags[k].value);
		free(b->run);
		b->run = buf_take(&out);
	}
	if (i->kind == DO_COPY || i->kind == DO_ADD) {
		for (size_t k = 0; k < i->n_flags; k++)
			buf_addf(&out, "--%s=%s ", i->flags[k].name, i->flags[k].value);
		for (size_t k = 0; k < i->n_words; k++)
			buf_addf(&out, "[%s]", i->words[k]);
		for (size_t k = 0; k < i->n_heredocs; k++)
			buf_addf(&out, "<%s>", i->heredocs[k].body);
		free(b->copied);
		b->copied = buf_take(&out);
	}
}

static int run_stage(struct built *b, size_t s, const struct json *base)
{
	struct stage_config *c = &b->stages[s];
	const struct stage *stage = &b->d->stages[s];
	const struct stage_config *parent = stage->base >= 0 ? &b->stages[stage->base] : NULL;
	int rc = stage_config_begin(c, parent ? parent->image : str_eq(stage->image, "scratch") ? NULL : base, &amd64,
		parent, &b->err);
	if (rc == 0 && c->onbuild)
		rc = stage_add_triggers(b->d, s, c->onbuild, &b->err);
	for (size_t k = 1; rc == 0 && k < stage->n; k++) {
		struct instruction ready;
		struct vars v = { .values = c->vars, .escape = b->d->escape };
		rc = instruction_resolve(&stage->list[k], &v, b->d->name, NULL, &ready, &b->err);
		if (rc < 0)
			break;
		note_step(b, c, &ready);
		rc = stage_config_apply(c, &b->args, &ready, b->d, &b->err);
		bool layer = ready.kind == DO_RUN || ready.kind == DO_COPY || ready.kind == DO_ADD || ready.kind == DO_WORKDIR;
		stage_config_history(c, &ready, 0, !layer);
		if (layer)
			stage_config_layer(c, "sha256:0");
		instruction_free(&ready);
	}
	return rc;
}

/* build_args: "A=1;B=2" */
static int run_file(struct built *b, const char *text, const char *base_config, const char *build_args)
{
	_cleanup_problems_ struct problems p = { 0 };
	_cleanup_strv_ char **given = NULL;
	_cleanup_json_ struct json *base = NULL;
	char *copy = xstrdup(build_args ?: ""), *save = NULL;
	for (char *w = strtok_r(copy, ";", &save); w; w = strtok_r(NULL, ";", &save))
		strv_push(&given, w);
	free(copy);
	*b = (struct built){ 0 };
	ck_assert_int_eq(json_parse(base_config ?: "{}", strlen(base_config ?: "{}"), "base", &base, &b->err), 0);
	args_init(&b->args, given, &amd64, &arm64, NULL);
	int rc = dockerfile_parse(text, strlen(text), "D", &b->d, &p, &b->err);
	rc = rc < 0 ? rc : args_global(&b->args, b->d, NULL, &b->err);
	rc = rc < 0 ? rc : dockerfile_resolve(b->d, &b->args, NULL, &b->err);
	for (size_t s = 0; rc == 0 && s < b->d->n_stages; s++)
		rc = run_stage(b, s, base);
	return rc;
}

static void built_free(struct built *b)
{
	for (size_t s = 0; s < ARRAY_LEN(b->stages); s++)
		stage_config_free(&b->stages[s]);
	dockerfile_free(&b->d);
	args_free(&b->args);
	free(b->run);
	free(b->copied);
}

/* The last stage's config without its PATH. */
static char *shown_config(const struct built *b)
{
	struct json *config = json_copy(json_member(b->stages[b->d->n_stages - 1].image, "config"));
	_cleanup_strv_ char **env = NULL, **kept = NULL;
	struct mc_err ignored;
	json_get_strv(config, &env, &ignored, "Env");
	for (char **e = env; e && *e; e++)
		if (!str_starts(*e, "PATH="))
			strv_push(&kept, *e);
	json_unset(config, "Env");
	json_set_strv(config, "Env", kept);
	char *text = json_dump(config, false);
	json_free(config);
	return text;
}

#define BASE "{\"config\":{\"Cmd\":[\"c\"],\"Env\":[\"A=base\",\"B=b\"],\"User\":\"u\",\"WorkingDir\":\"/w\",\"Labels\":{\"l\":\"1\"}}}"
static const struct {
	const char *text, *base, *build_args, *config;
} configs[] = {
	{ "FROM scratch", NULL, NULL, "{\"WorkingDir\":\"/\"}" },
	/* ENV: one view an instruction, repeated keys keep their place, quotes, old form */
	{ "FROM a\nENV abc=hello\nENV abc=bye def=$abc\nENV ghi=$abc", NULL, NULL,
		"{\"Env\":[\"abc=bye\",\"def=hello\",\"ghi=bye\"]}" },
	{ "FROM a\nENV A=1", BASE, NULL,
		"{\"Cmd\":[\"c\"],\"User\":\"u\",\"WorkingDir\":\"/w\",\"Labels\":{\"l\":\"1\"},\"Env\":[\"A=1\",\"B=b\"]}" },
	{ "FROM a\nENV k  a 'b'  \"c d\"  ", NULL, NULL, "{\"Env\":[\"k=a b  c d\"]}" },
	{ "FROM a\nENV a='$b' c=\"$b\" d=\\$b e=$1x f=$$ g=$.", NULL, NULL,
		"{\"Env\":[\"a=$b\",\"c=\",\"d=$b\",\"e=x\",\"f=\",\"g=$.\"]}" },
	{ "FROM a\nARG k=K\nENV $k=1", NULL, NULL, "{\"Env\":[\"K=1\"]}" },
	{ "# escape=`\nFROM a\nENV a=`$b c=\\d", NULL, NULL, "{\"Env\":[\"a=$b\",\"c=\\\\d\"]}" },
	/* ARG does not stay in the image; an ENV made from it does */
	{ "FROM a\nARG v=1\nENV w=$v", NULL, NULL, "{\"Env\":[\"w=1\"]}" },
	{ "FROM a\nARG v=1\nENV w=$v", NULL, "v=2", "{\"Env\":[\"w=2\"]}" },
	{ "FROM a\nARG v\nENV w=${v-unset}", NULL, NULL, "{\"Env\":[\"w=unset\"]}" },
	{ "FROM a\nENV w=$v\nARG v=1", NULL, NULL, "{\"Env\":[\"w=\"]}" },
	/* global ARGs: only after a line of the stage's own */
	{ "ARG v=g\nFROM a\nENV w=[$v]", NULL, NULL, "{\"Env\":[\"w=[]\"]}" },
	{ "ARG v=g\nFROM a\nARG v\nENV w=[$v]", NULL, NULL, "{\"Env\":[\"w=[g]\"]}" },
	{ "ARG v=g\nFROM a\nARG v=own\nENV w=[$v]", NULL, NULL, "{\"Env\":[\"w=[own]\"]}" },
	{ "ARG v=g\nARG w=$v-x\nFROM a\nARG w\nENV x=$w", NULL, NULL, "{\"Env\":[\"x=g-x\"]}" },
	{ "FROM a\nARG A=1 B=${A}x\nENV w=$B", NULL, NULL, "{\"Env\":[\"w=1x\"]}" },
	/* stages: FROM inherits ARGs, siblings do not */
	{ "FROM a AS x\nARG v=1\nFROM x\nENV w=[$v]", NULL, NULL, "{\"Env\":[\"w=[1]\"]}" },
	{ "FROM a AS x\nARG v=1\nFROM a\nENV w=[$v]", NULL, NULL, "{\"Env\":[\"w=[]\"]}" },
	/* ARG after ENV wins for the build, the image keeps the ENV */
	{ "FROM a\nENV v=e\nARG v=a\nENV w=$v", NULL, NULL, "{\"Env\":[\"v=e\",\"w=a\"]}" },
	{ "FROM a\nARG v=a\nENV v=e\nENV w=$v", NULL, "v=b", "{\"Env\":[\"v=e\",\"w=e\"]}" },
	/* platform ARGs: to be declared; --build-arg overrides */
	{ "FROM a\nENV w=[$TARGETARCH]\nARG TARGETARCH TARGETPLATFORM BUILDOS TARGETSTAGE\n"
	  "ENV x=$TARGETARCH,$TARGETPLATFORM,$BUILDOS,$TARGETSTAGE",
		NULL, NULL, "{\"Env\":[\"w=[]\",\"x=arm64,linux/arm64/v8,linux,default\"]}" },
	{ "FROM a\nARG TARGETARCH\nENV x=$TARGETARCH", NULL, "TARGETARCH=z", "{\"Env\":[\"x=z\"]}" },
	/* commands */
	{ "FROM a\nCMD a b", NULL, NULL, "{\"Cmd\":[\"/bin/sh\",\"-c\",\"a b\"],\"ArgsEscaped\":true}" },
	{ "FROM a\nCMD [\"a\",\"$b\"]", NULL, NULL, "{\"Cmd\":[\"a\",\"$b\"],\"ArgsEscaped\":true}" },
	{ "FROM a\nENTRYPOINT [\"e\"]", "{\"config\":{\"Cmd\":[\"c\"]}}", NULL, "{\"Entrypoint\":[\"e\"]}" },
	{ "FROM a\nENTRYPOINT [\"e\"]\nCMD [\"d\"]", "{\"config\":{\"Cmd\":[\"c\"]}}", NULL,
		"{\"Entrypoint\":[\"e\"],\"Cmd\":[\"d\"],\"ArgsEscaped\":true}" },
	{ "FROM a\nCMD [\"d\"]\nENTRYPOINT [\"e\"]", "{\"config\":{\"Cmd\":[\"c\"]}}", NULL,
		"{\"Cmd\":[\"d\"],\"ArgsEscaped\":true,\"Entrypoint\":[\"e\"]}" },
	{ "FROM a\nENTRYPOINT []\nCMD []", "{\"config\":{\"Cmd\":[\"c\"],\"Entrypoint\":[\"e\"]}}", NULL,
		"{\"ArgsEscaped\":true}" },
	{ "FROM a\nSHELL [\"/bin/bash\",\"-ec\"]\nCMD a\nSHELL [\"x\"]\nENTRYPOINT b", NULL, NULL,
		"{\"Shell\":[\"x\"],\"Cmd\":[\"/bin/bash\",\"-ec\",\"a\"],\"ArgsEscaped\":true,\"Entrypoint\":[\"x\",\"b\"]}" },
	{ "FROM a AS x\nSHELL [\"x\"]\nFROM x\nCMD a", NULL, NULL,
		"{\"Shell\":[\"x\"],\"Cmd\":[\"x\",\"a\"],\"ArgsEscaped\":true}" },
	/* directories and users */
	{ "FROM a\nWORKDIR /a\nWORKDIR b/../c/", NULL, NULL, "{\"WorkingDir\":\"/a/c\"}" },
	{ "FROM a\nWORKDIR ~", BASE, NULL,
		"{\"Cmd\":[\"c\"],\"User\":\"u\",\"WorkingDir\":\"/w/~\",\"Labels\":{\"l\":\"1\"},\"Env\":[\"A=base\",\"B=b\"]}" },
	{ "FROM a\nWORKDIR /../..//x", NULL, NULL, "{\"WorkingDir\":\"/x\"}" },
	{ "FROM a\nENV d=/x\nWORKDIR $d/y\nUSER ${u:-me:us}", NULL, NULL,
		"{\"WorkingDir\":\"/x/y\",\"User\":\"me:us\",\"Env\":[\"d=/x\"]}" },
	/* ports, volumes, labels, signals */
	{ "FROM a\nENV p=\"81 82\"\nEXPOSE 80 443/UDP 90-91/tcp 1.2.3.4:5:6 $p", NULL, NULL,
		"{\"ExposedPorts\":{\"80/tcp\":{},\"443/udp\":{},\"90/tcp\":{},\"91/tcp\":{},\"6/tcp\":{},\"81/tcp\":{},"
		"\"82/tcp\":{}},\"Env\":[\"p=81 82\"]}" },
	{ "FROM a\nVOLUME /a /b\nVOLUME [\"/c d\"]", NULL, NULL, "{\"Volumes\":{\"/a\":{},\"/b\":{},\"/c d\":{}}}" },
	{ "FROM a\nLABEL l=2 \"m n\"='o p'", "{\"config\":{\"Labels\":{\"k\":\"0\",\"l\":\"1\"}}}", NULL,
		"{\"Labels\":{\"k\":\"0\",\"l\":\"2\",\"m n\":\"o p\"}}" },
	{ "FROM a\nSTOPSIGNAL SIGRTMIN+3", NULL, NULL, "{\"StopSignal\":\"SIGRTMIN+3\"}" },
	{ "FROM a\nHEALTHCHECK --interval=1m30s --timeout=500ms --retries=2 CMD a b", NULL, NULL,
		"{\"Healthcheck\":{\"Test\":[\"CMD-SHELL\",\"a b\"],\"Interval\":90000000000,\"Timeout\":500000000,\"Retries\":2}}" },
	{ "FROM a\nHEALTHCHECK CMD [\"a\"]", "{\"config\":{\"Healthcheck\":{\"Test\":[\"x\"],\"Retries\":9}}}", NULL,
		"{\"Healthcheck\":{\"Test\":[\"CMD\",\"a\"]}}" },
	{ "FROM a\nHEALTHCHECK NONE", NULL, NULL, "{\"Healthcheck\":{\"Test\":[\"NONE\"]}}" },
	/* ONBUILD: kept as text, run once in the child, gone from the child */
	/* an empty match counts once at each place, as in BuildKit */
	{ "FROM a\nARG e=\nARG v=ab\nENV a=${v/$e/x} b=${v//$e/-} c=${v//*/x} d=${e/*/x}", NULL, NULL,
		"{\"Env\":[\"a=xab\",\"b=-a-b-\",\"c=x\",\"d=x\"]}" },
	{ "FROM a\nONBUILD RUN a  $b", NULL, NULL, "{\"OnBuild\":[\"RUN a  $b\"]}" },
	{ "FROM a\nENV w=2", "{\"config\":{\"OnBuild\":[\"ENV v=1\",\"ENV w=1\"]}}", NULL, "{\"Env\":[\"v=1\",\"w=2\"]}" },
	{ "FROM a AS p\nONBUILD ENV v=1\nFROM p AS c\nFROM c", NULL, NULL, "{\"Env\":[\"v=1\"]}" },
	{ "FROM a AS p\nONBUILD WORKDIR x\nFROM p", BASE, NULL,
		"{\"Cmd\":[\"c\"],\"User\":\"u\",\"WorkingDir\":\"/w/x\",\"Labels\":{\"l\":\"1\"},\"Env\":[\"A=base\",\"B=b\"]}" },
};

static char *without_empty_env(char *text)
{
	char *at = strstr(text, ",\"Env\":[]");
	if (!at && (at = strstr(text, "\"Env\":[]")))
		memmove(at, at + 8, strlen(at + 8) + 1);
	else if (at)
		memmove(at, at + 9, strlen(at + 9) + 1);
	return text;
}

START_TEST(instructions_change_the_configuration)
{
	struct built b;
	int rc = run_file(&b, configs[_i].text, configs[_i].base, configs[_i].build_args);
	ck_assert_msg(rc == 0, "%s: %s", configs[_i].text, b.err.what);
	_cleanup_free_ char *got = without_empty_env(shown_config(&b));
	ck_assert_msg(!strcmp(got, configs[_i].config), "\n%s\n--- want\n%s\n--- got\n%s", configs[_i].text, configs[_i].config, got);
	built_free(&b);
}
END_TEST

static const struct {
	const char *text, *build_args, *run, *copied;
} steps[] = {
	/* the builder never expands RUN; the shell gets the variables in its environment */
	{ "FROM a\nARG v=1\nENV w=2\nRUN echo $v ${w:-x} '$v' \"\\$\"", NULL, "v=1 w=2 |/bin/sh|-c|echo $v ${w:-x} '$v' \"\\$\"", NULL },
	{ "FROM a\nRUN [\"echo\", \"$v\"]", NULL, "|echo|$v", NULL },
	{ "FROM a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a", NULL, "|/bin/bash|-c|a", NULL },
	{ "FROM a\nARG v\nRUN a", NULL, "|/bin/sh|-c|a", NULL },
	{ "FROM a\nRUN a", "HTTP_PROXY=p;no_proxy=q;x=1", "HTTP_PROXY=p no_proxy=q |/bin/sh|-c|a", NULL },
	{ "FROM a\nRUN <<E\na\nb\nE", NULL, "|/bin/sh|-c|a\nb\n", NULL },
	{ "FROM a\nRUN <<E\n#!/usr/bin/python3\nE", NULL, "|/bin/sh|-c|/dev/pipes/E", NULL },
	{ "FROM a\nRUN <<E python3\n$x\nE", NULL, "|/bin/sh|-c|<<E python3\n$x\nE", NULL },
	{ "FROM a\nARG t=/c\nRUN --mount=type=cache,target=$t,from=x,id=${t}1 a", NULL,
		"t=/c |/bin/sh|-c|a --mount=type=cache,target=/c,from=x,id=/c1", NULL },
	/* COPY's words, flags and bodies are expanded */
	{ "FROM a\nENV v=1 u=me\nCOPY --chown=$u:$u --chmod=$v --from=x a$v \"b$v\" /c$v/", NULL, NULL,
		"--chown=me:me --chmod=1 --from=x [a1][b1][/c1/]" },
	{ "FROM a\nENV v=1\nCOPY [\"a b$v\", \"/c\"]", NULL, NULL, "[a b1][/c]" },
	{ "FROM a\nENV v=1\nCOPY <<E /x\n\"$v\" '$v' \\$v \\\\ ${w:-d}\nE", NULL, NULL, "[<<E][/x]<\"1\" '1' $v \\ d\n>" },
	{ "FROM a\nENV v=1\nCOPY <<'E' /x\n$v \\$v\nE", NULL, NULL, "[<<'E'][/x]<$v \\$v\n>" },
};

START_TEST(steps_see_the_right_values)
{
	struct built b;
	int rc = run_file(&b, steps[_i].text, NULL, steps[_i].build_args);
	ck_assert_msg(rc == 0, "%s: %s", steps[_i].text, b.err.what);
	if (steps[_i].run)
		ck_assert_str_eq(b.run, steps[_i].run);
	if (steps[_i].copied)
		ck_assert_str_eq(b.copied, steps[_i].copied);
	built_free(&b);
}
END_TEST

static const struct {
	const char *text, *says;
} refused[] = {
	{ "FROM scratch\nSTOPSIGNAL NOPE", "D:2:1: STOPSIGNAL: invalid signal: NOPE" },
	{ "FROM scratch\nEXPOSE 70000", "D:2:1: EXPOSE 70000: \"70000\" is no port from 0 to 65535" },
	{ "FROM scratch\nEXPOSE 80/xyz", "D:2:1: EXPOSE 80/xyz: protocol \"xyz\" is none of tcp, udp, sctp" },
	{ "FROM scratch\nEXPOSE 9-8", "D:2:1: EXPOSE 9-8: the range ends before it begins" },
	{ "FROM scratch\nUSER $x", "D:2:1: USER is empty once its variables are replaced" },
	{ "FROM scratch\nENV a=\"b", "D:2:7: a \" quote is never closed: \"b" },
	{ "FROM scratch\nENV a=${b:=c}", "D:2:7: unsupported modifier in ${b:=c}" },
	{ "FROM scratch\nENV a=\"${b:?no b}\"", "D:2:7: b: no b" },
	{ "FROM scratch\nCOPY x${}y \\\n  /z", "D:2:6: bad substitution: ${}" },
	{ "FROM scratch\nARG a=${", "D:2:5: missing '}' behind ${" },
	{ "FROM scratch\nARG a=${b?}\nENV c=${d\nUSER $x", "D:2:5: b: is not set" },
	{ "FROM scratch\nARG u=http://h/x\nCOPY $u /", "D:3:1: source can't be a URL for COPY: http://h/x" },
	{ "FROM scratch\nCOPY --chmod=8 a /", "D:2:1: invalid mode \"8\"; octal (755, 4711) or as chmod(1) takes it (u=rwX,go=rX)" },
	{ "FROM scratch\nADD --checksum=sha256:z http://h/x /", "D:2:1: --checksum: invalid digest \"sha256:z\": wanted sha256: and 64 hex digits, or sha512: and 128" },
	{ "FROM scratch\nENV $x=1", "D:2:1: ENV: \"\" is no name for a variable" },
};

/* Before anything runs; where the base is not known, only what no value of its ENV could mend. */
START_TEST(bad_values_are_refused_with_their_place)
{
	_cleanup_problems_ struct problems found = { 0 }, broken = { 0 };
	struct built b;
	bool error;
	ck_assert_int_lt(run_file(&b, refused[_i].text, NULL, NULL), 0);
	ck_assert_ptr_nonnull(strstr(refused[_i].says, b.err.what));
	struct lint_input in = { .d = b.d, .args = &b.args };
	ck_assert_int_eq(dockerfile_lint(&in, &found, &broken, &error, &b.err), -EINVAL);
	ck_assert_str_eq(b.err.what, refused[_i].says);
	built_free(&b);
}
END_TEST

START_TEST(what_the_base_could_mend_waits_for_it)
{
	_cleanup_problems_ struct problems found = { 0 }, broken = { 0 };
	struct built b;
	bool error;
	bool not_needed[] = { false, true };
	run_file(&b, "FROM scratch\nENV a=${\nFROM x\nUSER $x\nENV a=${b:?no} b=1\nENV c=\"\nENV d=${e", NULL, NULL);
	struct lint_input in = { .d = b.d, .args = &b.args, .need = not_needed };
	ck_assert_int_eq(dockerfile_lint(&in, &found, &broken, &error, &b.err), -EINVAL);
	ck_assert_int_eq((int)broken.n, 2);
	ck_assert_str_eq(b.err.what, "D:6:7: a \" quote is never closed: \"");
	ck_assert_str_eq(b.err.hint, "2 problems in this file");
	built_free(&b);
}
END_TEST

START_TEST(history_reads_as_buildkit_writes_it)
{
	static const char text[] =
		"ARG g=1\nFROM a\nARG v=1 g u\nENV a=$v b=\"c d\"\nRUN x  y\nCOPY --chown=1:2 --link --from=z s /d\nWORKDIR rel\n"
		"USER u\nEXPOSE 1-2\nVOLUME /a /b\nLABEL k=\"v w\"\nCMD [\"a\",\"b\\\"\"]\nENTRYPOINT e\nSTOPSIGNAL TERM\n"
		"SHELL [\"a\",\"b\"]\nONBUILD RUN x\nMAINTAINER me too\nHEALTHCHECK --interval=90s CMD a b\nADD <<E /x\nE\n";
	static const char *const want[] = { "ARG v=1 g=1 u", "ENV a=1 b=c d", "RUN |3 v=1 g=1 u= /bin/sh -c x  y # buildkit",
		"COPY --chown=1:2 s /d # buildkit", "WORKDIR /rel", "USER u", "EXPOSE [1/tcp 2/tcp]", "VOLUME [/a /b]",
		"LABEL k=v w", "CMD [\"a\" \"b\\\"\"]", "ENTRYPOINT [\"/bin/sh\" \"-c\" \"e\"]", "STOPSIGNAL TERM", "SHELL [a b]",
		"MAINTAINER me too",
		"HEALTHCHECK {Test:[CMD-SHELL a b] Interval:1m30s Timeout:0s StartPeriod:0s StartInterval:0s Retries:0}",
		"ADD <<E /x # buildkit" };
	struct built b;
	ck_assert_msg(run_file(&b, text, NULL, NULL) == 0, "%s", b.err.what);
	const struct json *image = b.stages[0].image, *history = json_member(image, "history");
	size_t layers = 0;
	for (size_t k = 0; k < json_len(history); k++) {
		ck_assert(k < ARRAY_LEN(want));
		ck_assert_str_eq(json_text_of(json_at(image, "history[%zu].created_by", k)), want[k]);
		ck_assert_str_eq(json_text_of(json_at(image, "history[%zu].comment", k)), "buildkit.dockerfile.v0");
		layers += !json_at(image, "history[%zu].empty_layer", k);
	}
	ck_assert_int_eq((int)json_len(history), (int)ARRAY_LEN(want));
	/* Entries without empty_layer are as many as there are layers. */
	ck_assert_int_eq((int)layers, (int)json_len(json_at(image, "rootfs.diff_ids")));
	ck_assert_str_eq(json_text_of(json_member(image, "author")), "me too");
	built_free(&b);
}
END_TEST

START_TEST(build_args_that_nothing_declares_are_named)
{
	struct built b;
	ck_assert_int_eq(run_file(&b, "ARG g\nFROM a\nARG v\nFROM b\nARG w", NULL,
				 "g=1;v=1;w=1;x=1;HTTP_PROXY=1;TARGETARCH=z;BUILDKIT_X=1;SOURCE_DATE_EPOCH=1;vv=2"), 0);
	_cleanup_strv_ char **unused = args_unused(&b.args, b.d);
	ck_assert_int_eq((int)strv_len(unused), 2);
	ck_assert_str_eq(unused[0], "x");
	ck_assert_str_eq(unused[1], "vv");
	built_free(&b);
}
END_TEST

START_TEST(architecture_and_path_come_from_the_target_and_the_base)
{
	struct built b;
	ck_assert_int_eq(run_file(&b, "FROM scratch", NULL, NULL), 0);
	_cleanup_free_ char *text = json_dump(b.stages[0].image, false);
	ck_assert_str_eq(text,
		"{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"WorkingDir\":\"/\",\"Env\":[\"PATH=/usr/local/sbin:/usr/local/bin:"
		"/usr/sbin:/usr/bin:/sbin:/bin\"]},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}");
	built_free(&b);
	ck_assert_int_eq(run_file(&b, "FROM a", "{\"config\":{\"Env\":[\"PATH=/x\"]}}", NULL), 0);
	ck_assert_str_eq(strv_env(b.stages[0].vars, "PATH"), "/x");
	built_free(&b);
}
END_TEST

/* --- build --check --- */

static const struct {
	const char *text, *finds; /* "Rule:LINE:COLUMN ..." */
} lints[] = {
	{ "FROM scratch AS x\nCOPY a b", "" },
	{ "FROM scratch AS Base", "StageNameCasing:1:17" },
	{ "FROM scratch as x", "FromAsCasing:1:1" },
	{ "from scratch AS x", "FromAsCasing:1:1" },
	{ "FROM scratch\nRUN a \\\n\n b", "NoEmptyContinuation:4:1" },
	{ "FROM scratch\nRun a\nRUN b", "ConsistentInstructionCasing:2:1" },
	{ "from scratch\nrun a\nRUN b", "ConsistentInstructionCasing:3:1" },
	{ "FROM scratch AS x\nFROM scratch AS X", "StageNameCasing:2:17 DuplicateStageName:2:17" },
	{ "FROM scratch AS scratch", "ReservedStageName:1:17" },
	{ "FROM scratch\nCMD a", "JSONArgsRecommended:2:1" },
	{ "FROM scratch\nSHELL [\"x\"]\nENTRYPOINT a", "" },
	{ "FROM scratch\nMAINTAINER a", "MaintainerDeprecated:2:1" },
	{ "FROM a:$v", "UndefinedArgInFrom:1:1 InvalidDefaultArgInFrom:1:1" },
	{ "ARG v=1\nFROM a:$v", "" },
	{ "ARG v\nFROM a:${v}", "InvalidDefaultArgInFrom:2:1" },
	{ "FROM scratch\nWORKDIR a\nWORKDIR b", "WorkdirRelativePath:2:1" },
	{ "FROM scratch\nWORKDIR /a\nWORKDIR b", "" },
	{ "FROM scratch AS x\nWORKDIR /a\nFROM x\nWORKDIR b", "" },
	{ "FROM scratch\nENV a=$b", "UndefinedVar:2:1" },
	{ "FROM scratch\nARG b\nENV a=$b", "" },
	{ "FROM scratch\nENV a=$PATH:/x", "" },
	{ "FROM unknown\nENV a=$b", "" },
	{ "FROM scratch\nRUN echo $b", "" },
	{ "FROM scratch\nCMD [\"a\"]\nCMD [\"b\"]", "MultipleInstructionsDisallowed:2:1" },
	{ "FROM scratch AS x\nCMD [\"a\"]\nFROM x\nCMD [\"b\"]", "" },
	{ "FROM scratch\nENV a b\nLABEL c d", "LegacyKeyValueFormat:2:1 LegacyKeyValueFormat:3:1" },
	{ "FROM --platform=$TARGETPLATFORM a", "RedundantTargetPlatform:1:1" },
	{ "FROM --platform=$BUILDPLATFORM a", "" },
	{ "FROM --platform=linux/amd64 a", "FromPlatformFlagConstDisallowed:1:1" },
	{ "FROM --platform=linux/amd64 a AS build_amd64", "" },
	{ "FROM scratch\nENV API_KEY=1\nARG db_password\nENV KEY_FILE=a PUBLIC_KEY=b MONKEY=c",
		"SecretsUsedInArgOrEnv:2:5 SecretsUsedInArgOrEnv:3:5" },
	{ "FROM scratch\nCOPY secret a /", "CopyIgnoredFile:2:6" },
	{ "FROM scratch AS x\nFROM scratch\nCOPY --from=x secret /", "" },
	{ "FROM scratch\nADD ./secret/x http://x/secret /", "CopyIgnoredFile:2:5" },
	{ "FROM scratch\nEXPOSE 80/TCP 1:2", "ExposeProtoCasing:2:8 ExposeInvalidFormat:2:15" },
	{ "FROM scratch\n# about v\nARG v", "" },
	{ "# check=experimental=all\nFROM scratch\n# about v\nARG v", "InvalidDefinitionDescription:4:1" },
	/* options */
	{ "# check=skip=StageNameCasing,JSONArgsRecommended\nFROM scratch AS Base\nCMD a", "" },
	{ "# check=skip=all\nFROM scratch AS Base\nCMD a", "" },
	{ "FROM scratch\n# check=skip=JSONArgsRecommended\nCMD a\nENTRYPOINT b", "JSONArgsRecommended:4:1" },
};

START_TEST(checks_find_what_buildkit_finds)
{
	_cleanup_problems_ struct problems found = { 0 }, broken = { 0 };
	_cleanup_ignore_ struct ignore ignore = { 0 };
	_cleanup_buf_ struct buf got = { 0 };
	struct built b;
	bool error;
	ck_assert_msg(run_file(&b, lints[_i].text, NULL, NULL) == 0 || strstr(lints[_i].finds, "Undefined"), "%s", b.err.what);
	ck_assert_int_eq(ignore_parse("secret", 6, ".dockerignore", &ignore, &b.err), 0);
	struct lint_input in = { .d = b.d, .args = &b.args, .ignore = &ignore };
	ck_assert_int_eq(dockerfile_lint(&in, &found, &broken, &error, &b.err), 0);
	buf_adds(&got, "");
	for (size_t k = 0; k < found.n; k++)
		buf_addf(&got, "%s%s:%u:%u", k ? " " : "", found.list[k].rule, found.list[k].at.line, found.list[k].at.column);
	ck_assert_msg(!strcmp(got.data, lints[_i].finds), "%s\n--- want %s\n--- got %s", lints[_i].text, lints[_i].finds, got.data);
	built_free(&b);
}
END_TEST

START_TEST(checks_are_printed_as_docker_prints_them)
{
	_cleanup_problems_ struct problems found = { 0 }, broken = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	struct built b;
	bool error = false;
	ck_assert_int_eq(run_file(&b, "# check=error=true\nFROM scratch\nCMD a", NULL, NULL), 0);
	struct lint_input in = { .d = b.d, .args = &b.args };
	ck_assert_int_eq(dockerfile_lint(&in, &found, &broken, &error, &b.err), 0);
	ck_assert(error);
	lints_summary(&found, &out);
	lints_render(b.d, &found, &out);
	ck_assert_str_eq(out.data,
		"Check complete, 1 warning has been found!\n\n"
		"WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/\n"
		"JSON arguments recommended for CMD to prevent unintended behavior related to OS signals\n"
		"D:3\n--------------------\n   1 |     # check=error=true\n   2 |     FROM scratch\n   3 | >>> CMD a\n     |     ^~~\n"
		"--------------------\n");
	in.options = "skip";
	ck_assert_int_eq(dockerfile_lint(&in, &found, &broken, &error, &b.err), -EINVAL);
	built_free(&b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("configure");
	TCase *t = tcase_create("configure");
	tcase_add_loop_test(t, instructions_change_the_configuration, 0, (int)ARRAY_LEN(configs));
	tcase_add_loop_test(t, steps_see_the_right_values, 0, (int)ARRAY_LEN(steps));
	tcase_add_loop_test(t, bad_values_are_refused_with_their_place, 0, (int)ARRAY_LEN(refused));
	tcase_add_test(t, what_the_base_could_mend_waits_for_it);
	tcase_add_test(t, history_reads_as_buildkit_writes_it);
	tcase_add_test(t, build_args_that_nothing_declares_are_named);
	tcase_add_test(t, architecture_and_path_come_from_the_target_and_the_base);
	tcase_add_loop_test(t, checks_find_what_buildkit_finds, 0, (int)ARRAY_LEN(lints));
	tcase_add_test(t, checks_are_printed_as_docker_prints_them);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
