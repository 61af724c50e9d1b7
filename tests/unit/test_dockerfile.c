/*
 * test_dockerfile.c - Dockerfiles as BuildKit reads them: lines, directives, quoting, heredocs, flags, and every error
 * with its place. A row is a file and what it is once read, or the message of its first error.
 */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>

#include "base/file.h"
#include "build/configure.h"
#include "build/lexer.h"
#include "build/resolve.h"

static void show(const struct instruction *i, struct buf *out)
{
	buf_adds(out, i->name);
	for (size_t k = 0; k < i->n_flags; k++)
		buf_addf(out, " --%s=%s", i->flags[k].name, i->flags[k].value);
	if (i->exec_form)
		buf_adds(out, " json");
	if (i->none)
		buf_adds(out, " none");
	for (size_t k = 0; k < i->n_words; k++)
		buf_addf(out, " [%s]", i->words[k]);
	for (size_t k = 0; k < i->n_heredocs; k++)
		buf_addf(out, " <%s%s%s>", i->heredocs[k].name, i->heredocs[k].expand ? ":" : "=", i->heredocs[k].body);
	buf_adds(out, ";");
}

/* The file as one line, without its first FROM a; or "LINE:COLUMN: message" of the first problem. */
static char *read_file(const char *text, size_t len)
{
	_cleanup_dockerfile_ struct dockerfile *d = NULL;
	_cleanup_problems_ struct problems p = { 0 };
	struct mc_err err = { 0 };
	struct buf out = { 0 };
	int rc = dockerfile_parse(text, len, "D", &d, &p, &err);
	ck_assert_int_eq(rc < 0, p.n > 0);
	if (rc < 0) {
		ck_assert_int_eq(rc, -EINVAL);
		ck_assert(str_starts(err.what, "D:"));
		buf_adds(&out, err.what + 2);
		return buf_take(&out);
	}
	for (size_t k = 0; k < d->n_args; k++)
		show(&d->args[k], &out);
	for (size_t s = 0; s < d->n_stages; s++)
		for (size_t k = 0; k < d->stages[s].n; k++)
			if (s || k || d->stages[s].list[k].n_words > 1 || d->stages[s].list[k].n_flags)
				show(&d->stages[s].list[k], &out);
	return buf_take(&out);
}

#define F "FROM a\n"
static const struct {
	const char *text, *is;
} rows[] = {
	/* directives */
	{ "# escape=`\n" F "RUN a `\n b\nRUN c \\\n", "RUN [a  b];RUN [c \\];" },
	{ "#  Escape = `\n" F "COPY a` b /c\n", "COPY [a`] [b] [/c];" },
	{ "# escape=x\n" F, "1:1: invalid escape character \"x\" in the escape directive; it is \\ or `" },
	{ "# escape=`\n# escape=`\n" F, "2:1: only one escape parser directive can be used" },
	{ "# syntax=a\n# SYNTAX=b\n" F, "2:1: only one SYNTAX parser directive can be used" },
	{ "# comment\n# escape=`\n" F "RUN a `\nRUN b", "RUN [a `];RUN [b];" },
	{ "\n# escape=`\n" F "RUN a `\nRUN b", "RUN [a `];RUN [b];" },
	{ "# unknown=x\n# escape=`\n" F "RUN a `\nRUN b", "RUN [a `];RUN [b];" },
	{ "\xef\xbb\xbf# escape=`\n" F "RUN a `\n b", "RUN [a  b];" },
	{ "#!/usr/bin/env docker\n# escape=`\n" F "RUN a `\n b", "RUN [a  b];" },
	{ "\xef\xbb\xbf" F "RUN a", "RUN [a];" },
	/* comments and continuations */
	{ F "RUN a \\\n# no\n  # no\n b", "RUN [a  b];" },
	{ F "RUN a \\\n# no \\\n b\nRUN c", "RUN [a  b];RUN [c];" },
	{ F "WORKDIR /x # y", "WORKDIR [/x # y];" },
	{ F "ENV a=b # c", "2:9: no = in \"#\": ENV wants NAME=VALUE (a value with blanks needs quotes)" },
	{ F "RUN a \\\n\n\n  b", "RUN [a   b];" },
	{ F "RUN a \\  \t\n b", "RUN [a  b];" },
	{ F "RUN a \\\\\nRUN b", "RUN [a \\\\];RUN [b];" },
	{ F "RUN a \\\\\\\n b", "RUN [a \\\\ b];" },
	{ F "RUN a \\", "RUN [a];" },
	{ F "RUN a \\\n", "RUN [a];" },
	{ F "\\\nRUN a", "RUN [a];" },
	{ F "  RUN   a  ", "RUN [a];" },
	{ F "\tRUN\ta\n", "RUN [a];" },
	{ F "RU\\\nN a", "RUN [a];" },
	/* line ends */
	{ "FROM a\r\nRUN a \\\r\n b\r\nCOPY <<E /x\r\none\r\nE\r\n", "RUN [a  b];COPY [<<E] [/x] <E:one\n>;" },
	{ "FROM a\rRUN b\r", "1:7: a carriage return in the middle of a line: save the file with LF or CRLF line ends" },
	/* keywords and flags */
	{ "from a\nrun b\nCopy c d\nfrom b as x", "RUN [b];COPY [c] [d];FROM [b] [as] [x];" },
	{ F "COPI a b", "2:1: unknown instruction \"COPI\"; did you mean COPY?" },
	{ F "frobnicate", "2:1: unknown instruction \"frobnicate\"" },
	{ "RUN a\n" F, "1:1: RUN before the first FROM: only ARG may stand there" },
	{ "ARG A=1\n" F, "ARG [A=1];" },
	{ F "COPY --chwon=1 a b", "2:6: unknown flag --chwon for COPY; did you mean --chown?" },
	{ F "COPY \\\n  --chwon=1 a b", "3:3: unknown flag --chwon for COPY; did you mean --chown?" },
	{ F "CMD --x a", "2:5: unknown flag --x for CMD; it takes no flags" },
	{ F "COPY --chown=1 --chown=2 a b", "2:16: --chown is given twice" },
	{ F "COPY --exclude=1 --exclude=2 a b", "COPY --exclude=1 --exclude=2 [a] [b];" },
	{ F "RUN --mount=type=tmpfs,target=/a --mount=target=/b x",
		"RUN --mount=type=tmpfs,target=/a --mount=target=/b [x];" },
	{ F "COPY --chown a b", "2:6: --chown needs a value: --chown=..." },
	{ F "COPY --link= a b", "2:6: --link= has no value: true or false" },
	{ F "COPY --link=maybe a b", "2:6: --link is true or false, not \"maybe\"" },
	{ F "COPY --link --parents=FALSE a b", "COPY --link=true --parents=FALSE [a] [b];" },
	{ F "COPY --chown=\"a b\" c d", "COPY --chown=a b [c] [d];" },
	{ F "COPY --chown=a\\ b c d", "COPY --chown=a b [c] [d];" },
	{ F "COPY -- --a b", "COPY [--a] [b];" },
	{ F "ADD --checksum=sha256:x --keep-git-dir --unpack=false --chmod=u=rwX http://x/ b",
		"ADD --checksum=sha256:x --keep-git-dir=true --unpack=false --chmod=u=rwX [http://x/] [b];" },
	{ F "COPY --from=$x a b",
		"2:6: variables do not work in --from=: write \"FROM $NAME AS alias\" above and use the alias" },
	{ F "RUN --mount=from=$x,target=/a b",
		"2:5: variables do not work in --mount=from=: write \"FROM $NAME AS alias\" above and use the alias" },
	{ F "RUN --mount=type=cahce,target=/a x", "2:5: --mount: unsupported type \"cahce\"; did you mean cache?" },
	{ F "RUN --mount=tpye=cache,target=/a x", "2:5: --mount: unexpected key \"tpye\"; did you mean type?" },
	{ F "RUN --mount=type=$t,target=/a,mode=08 x", "2:5: --mount: mode=08: expected a number" },
	{ F "RUN --network=hots x", "2:5: --network=hots is none of default, none, host" },
	{ F "RUN --network=none --security=insecure x", "RUN --network=none --security=insecure [x];" },
	/* exec form */
	{ F "RUN [\"a b\", \"c\"]", "RUN json [a b] [c];" },
	{ F "RUN  [ \"a\" ,\"\\u0062\\n\" ] ", "RUN json [a] [b\n];" },
	{ F "RUN ['a']", "RUN [['a']];" },
	{ F "RUN [\"a\"] # x", "RUN [[\"a\"] # x];" },
	{ F "RUN [\"c:\\x\"]", "RUN [[\"c:\\x\"]];" },
	{ F "RUN [\"a\"", "RUN [[\"a\"];" },
	{ F "CMD [\"a\", 1]", "2:5: a JSON array may hold strings only: [\"a\", \"b\"]" },
	{ F "CMD [[\"a\"]]", "2:5: a JSON array may hold strings only: [\"a\", \"b\"]" },
	{ F "CMD []", "CMD json;" },
	{ F "CMD", "CMD;" },
	{ F "SHELL /bin/sh -c", "2:7: SHELL needs the JSON form: SHELL [\"/bin/bash\", \"-c\"]" },
	{ F "SHELL []", "2:1: SHELL needs at least one argument" },
	{ F "RUN", "2:1: RUN needs a command" },
	/* lists */
	{ F "COPY \"a b\" c", "COPY [\"a] [b\"] [c];" },
	{ F "COPY [\"a b\", \"c\"]", "COPY json [a b] [c];" },
	{ F "COPY a", "2:1: COPY needs at least one source and a destination" },
	{ F "VOLUME /a /b", "VOLUME [/a] [/b];" },
	{ F "VOLUME [\"/a b\"]", "VOLUME json [/a b];" },
	{ F "VOLUME [\"\"]", "2:9: VOLUME with an empty path" },
	{ F "EXPOSE 80 443/udp", "EXPOSE [80] [443/udp];" },
	{ F "EXPOSE", "2:1: EXPOSE needs at least one argument" },
	{ F "USER", "2:1: USER needs exactly one argument" },
	/* ENV, LABEL, ARG */
	{ F "ENV a=1 b=\"2 3\" c=4\\ 5 d='6 7'", "ENV [a] [1] [b] [\"2 3\"] [c] [4\\ 5] [d] ['6 7'];" },
	{ F "ENV a  b   c  ", "ENV [a] [b   c];" },
	{ F "ENV a b=c", "ENV [a] [b=c];" },
	{ F "ENV a=b c", "2:9: no = in \"c\": ENV wants NAME=VALUE (a value with blanks needs quotes)" },
	{ F "ENV a", "2:5: ENV needs a value: ENV a=..." },
	{ F "ENV =a", "2:5: ENV without a name in front of the =" },
	{ F "ENV a=", "ENV [a] [];" },
	{ F "ENV", "2:1: ENV needs at least one NAME=VALUE" },
	{ F "LABEL \"a b\"=c", "LABEL [\"a b\"] [c];" },
	{ F "ARG a b=1 c=\"2 3\"", "ARG [a] [b=1] [c=\"2 3\"];" },
	{ F "ARG =1", "2:5: ARG without a name in front of the =" },
	{ F "ARG", "2:1: ARG needs a name" },
	/* heredocs */
	{ F "RUN <<E\na\n  b\nE\nRUN c", "RUN [<<E] <E:a\n  b\n>;RUN [c];" },
	{ F "RUN <<E1 cat && <<E2 cat\na\nE1\nb\nE2", "RUN [<<E1 cat && <<E2 cat] <E1:a\n> <E2:b\n>;" },
	{ F "RUN <<-E\n\t\ta\n\tE\n", "RUN [<<-E] <E:a\n>;" },
	{ F "RUN <<E\n\tE\nE\n", "RUN [<<E] <E:\tE\n>;" },
	{ F "RUN 3<<E cat\na\nE", "RUN [3<<E cat] <E:a\n>;" },
	{ F "RUN << E\na\nE", "RUN [<< E] <E:a\n>;" },
	{ F "RUN <<'E F'\na\nE F\n", "RUN [<<'E F'] <E F=a\n>;" },
	{ F "COPY <<\"E\" /x\n$a\nE", "COPY [<<\"E\"] [/x] <E=$a\n>;" },
	{ F "COPY <<a <<b /d/\n1\na\n2\nb", "COPY [<<a] [<<b] [/d/] <a:1\n> <b:2\n>;" },
	{ F "COPY <<E /x\n# no comment \\\n\nE", "COPY [<<E] [/x] <E:# no comment \\\n\n>;" },
	{ F "ADD <<E /x\nE", "ADD [<<E] [/x] <E:>;" },
	{ F "COPY a <<E\nE", "2:8: COPY can't take a heredoc as its destination" },
	{ F "RUN cat <<E\na\n", "2:9: unterminated heredoc: no line \"E\" ends it (quote the << if none was meant)" },
	{ F "RUN cat <<<E", "RUN [cat <<<E];" },
	{ F "RUN echo '<<E'", "RUN [echo '<<E'];" },
	{ F "RUN echo \"a <<E\"", "RUN [echo \"a <<E\"];" },
	{ F "RUN [\"a\", \"<<E\"]", "RUN json [a] [<<E];" },
	{ F "CMD cat <<E", "CMD [cat <<E];" },
	{ F "RUN echo $((1<<4))", "RUN [echo $((1<<4))];" },
	{ F "ONBUILD RUN <<E\na\nE\nRUN b", "ONBUILD [RUN <<E\na\nE];RUN [b];" },
	{ F "RUN <<E \\\n&& b\na\nE", "RUN [<<E && b] <E:a\n>;" },
	/* FROM */
	{ "FROM", "1:1: FROM takes an image, or: FROM image AS name" },
	{ "FROM a b", "1:1: FROM takes an image, or: FROM image AS name" },
	{ "FROM a to b", "1:1: FROM takes an image, or: FROM image AS name" },
	{ "FROM a AS 1b", "1:11: \"1b\" is no stage name: a letter first, then letters, digits, - _ ." },
	{ "FROM --platform=$BUILDPLATFORM a AS b-c_d.e", "FROM --platform=$BUILDPLATFORM [a] [AS] [b-c_d.e];" },
	{ "", "1:1: the file is empty" },
	{ "# a\n\n", "1:1: no stage to build: a Dockerfile needs at least one FROM" },
	{ "ARG a", "1:1: no stage to build: a Dockerfile needs at least one FROM" },
	/* HEALTHCHECK, ONBUILD */
	{ F "HEALTHCHECK NONE", "HEALTHCHECK none;" },
	{ F "HEALTHCHECK none x", "2:18: HEALTHCHECK NONE takes no arguments" },
	{ F "HEALTHCHECK --interval=5m --retries=3 CMD a b",
		"HEALTHCHECK --interval=5m --retries=3 [a b];" },
	{ F "HEALTHCHECK cmd [\"a\"]", "HEALTHCHECK json [a];" },
	{ F "HEALTHCHECK CMD", "2:13: HEALTHCHECK CMD has no command" },
	{ F "HEALTHCHECK a", "2:13: HEALTHCHECK knows CMD and NONE, not \"a\"" },
	{ F "HEALTHCHECK --interval=1us CMD a", "2:13: --interval=1us is less than 1ms, the smallest interval" },
	{ F "HEALTHCHECK --interval=0 CMD a", "HEALTHCHECK --interval=0 [a];" },
	{ F "HEALTHCHECK --timeout=5 CMD a", "2:13: --timeout=5 is no duration like 30s or 1m30s" },
	{ F "HEALTHCHECK --retries=-1 CMD a", "2:13: --retries=-1 is no number from 0 up" },
	{ F "ONBUILD COPY --from=x a b", "ONBUILD [COPY --from=x a b];" },
	{ F "ONBUILD FROM x", "2:9: FROM is not allowed behind ONBUILD" },
	{ F "ONBUILD onbuild RUN x", "2:9: ONBUILD is not allowed behind ONBUILD" },
	{ F "ONBUILD MAINTAINER x", "2:9: MAINTAINER is not allowed behind ONBUILD" },
	{ F "ONBUILD COPY --x a b", "2:14: unknown flag --x for COPY" },
	{ F "ONBUILD", "2:1: ONBUILD needs an instruction" },
};

START_TEST(a_file_is_read_as_buildkit_reads_it)
{
	_cleanup_free_ char *got = read_file(rows[_i].text, strlen(rows[_i].text));
	ck_assert_msg(!strcmp(got, rows[_i].is), "\n--- file\n%s\n--- want\n%s\n--- got\n%s", rows[_i].text, rows[_i].is, got);
}
END_TEST

START_TEST(all_errors_come_at_once_with_line_and_caret)
{
	static const char text[] = "FROM a\nCOPY --chwon=1 a b\nRUN \\\n  x\nEXPOES 80\n\tENV a\n";
	_cleanup_dockerfile_ struct dockerfile *d = NULL;
	_cleanup_problems_ struct problems p = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	struct mc_err err = { 0 };
	ck_assert_int_eq(dockerfile_parse(text, strlen(text), "Dockerfile", &d, &p, &err), -EINVAL);
	problems_render(d, &p, &out);
	ck_assert_str_eq(out.data,
		"Dockerfile:2:6: unknown flag --chwon for COPY; did you mean --chown?\n"
		"     2 | COPY --chwon=1 a b\n"
		"       |      ^~~~~~~\n"
		"Dockerfile:5:1: unknown instruction \"EXPOES\"; did you mean EXPOSE?\n"
		"     5 | EXPOES 80\n"
		"       | ^~~~~~\n"
		"Dockerfile:6:6: ENV needs a value: ENV a=...\n"
		"     6 |  ENV a\n"
		"       |      ^\n");
	ck_assert_str_eq(err.hint, "3 problems in this file");
}
END_TEST

/* U+009B begins a terminal's command as ESC [ does; behind one, the caret still stands below its word. */
START_TEST(bytes_of_the_file_do_not_drive_the_terminal)
{
	static const char text[] = "FROM a\nRUN \xc3\xa9\xc2\x9b" "31m\x1b[3m \x9b" "1m\n";
	_cleanup_dockerfile_ struct dockerfile *d = NULL;
	_cleanup_problems_ struct problems p = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	struct mc_err err = { 0 };
	ck_assert_int_eq(dockerfile_parse(text, strlen(text), "D", &d, &p, &err), -EINVAL);
	problem_add(&p, (struct place){ 2, 5 }, 0, 2, "word %s", "\xc2\x9b" "31m");
	problems_render(d, &p, &out);
	ck_assert_str_eq(out.data,
		"D:2:17: byte 0x9b is not UTF-8: save the file as UTF-8\n"
		"     2 | RUN \xc3\xa9?31m?[3m ?1m\n"
		"       |               ^\n"
		"D:2:5: word \\x9b31m\n"
		"     2 | RUN \xc3\xa9?31m?[3m ?1m\n"
		"       |     ^\n");
}
END_TEST

START_TEST(a_failed_step_is_shown_as_buildkit_does)
{
	static const char text[] = "FROM a\nRUN one\nRUN two \\\n  three\nRUN four\nRUN five\nRUN six";
	_cleanup_dockerfile_ struct dockerfile *d = NULL;
	_cleanup_problems_ struct problems p = { 0 };
	_cleanup_buf_ struct buf out = { 0 };
	struct mc_err err = { 0 };
	ck_assert_int_eq(dockerfile_parse(text, strlen(text), "Dockerfile", &d, &p, &err), 0);
	dockerfile_show(d, 3, 4, &out);
	ck_assert_str_eq(out.data, "Dockerfile:3\n--------------------\n   2 |     RUN one\n   3 | >>> RUN two \\\n"
				   "   4 | >>>   three\n   5 |     RUN four\n--------------------\n");
	buf_clear(&out);
	dockerfile_show(d, 1, 1, &out);
	ck_assert(strstr(out.data, "   1 | >>> FROM a\n   2 |     RUN one\n") != NULL);
	/* A line of a megabyte does not fill the screen. */
	_cleanup_buf_ struct buf b = { 0 };
	buf_adds(&b, "FROM a\nRUN x");
	for (int i = 0; i < 1000; i++)
		buf_adds(&b, " \xc3\xa4");
	_cleanup_dockerfile_ struct dockerfile *wide = NULL;
	ck_assert_int_eq(dockerfile_parse(b.data, b.len, "Dockerfile", &wide, &p, &err), 0);
	buf_clear(&out);
	dockerfile_show(wide, 2, 2, &out);
	ck_assert_uint_lt(out.len, 500);
	ck_assert_ptr_nonnull(strstr(out.data, " \xc3\xa4 ...\n"));
}
END_TEST

START_TEST(hostile_files_are_refused_in_time)
{
	struct buf b = { 0 };
	_cleanup_free_ char *nul = read_file("FROM a\nRUN \0x", 13);
	ck_assert_str_eq(nul, "2:1: a NUL byte: this is no text file (save UTF-16 as UTF-8)");
	/* Beyond the limit of a file, of stages, of kept problems. */
	for (int i = 0; i < 300; i++)
		buf_adds(&b, "FROM a\n");
	_cleanup_free_ char *stages = read_file(b.data, b.len);
	ck_assert_str_eq(stages, "257:1: more than 256 stages");
	buf_clear(&b);
	while (b.len < (2u << 20))
		buf_adds(&b, "RUN aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
	_cleanup_free_ char *big = read_file(b.data, b.len);
	ck_assert(strstr(big, "a Dockerfile has at most 1048576") != NULL);
	/* One word of a megabyte, and a megabyte of continuations: linear work. */
	memset(b.data, 'x', 1000000);
	b.data[1000000] = '\0';
	_cleanup_free_ char *word = read_file(b.data, 1000000);
	ck_assert(str_starts(word, "1:1: unknown instruction \"xxx"));
	for (size_t i = 0; i < 1000000; i += 2)
		memcpy(b.data + i, "\\\n", 2);
	_cleanup_free_ char *lines = read_file(b.data, 1000000);
	ck_assert_str_eq(lines, "1:1: no stage to build: a Dockerfile needs at least one FROM");
	buf_release(&b);
}
END_TEST

/* --- stages --- */

/* As build.c plans: every stage's FROM, then what the last stage needs. */
static struct dockerfile *parsed(const char *text, char *const build_args[], struct args *args, struct mc_err *err)
{
	static const struct build_platform here = { "linux", "amd64", NULL };
	_cleanup_problems_ struct problems p = { 0 };
	struct dockerfile *d = NULL;
	args_init(args, build_args, &here, &here, NULL);
	bool need[DOCKERFILE_MAX_STAGES];
	if (dockerfile_parse(text, strlen(text), "D", &d, &p, err) < 0 || args_global(args, d, NULL, err) < 0 ||
		dockerfile_resolve(d, args, NULL, err) < 0 || stages_needed(d, NULL, need, err) < 0 ||
		stages_check_sources(d, need, NULL, err) < 0)
		dockerfile_free(&d);
	return d;
}

static const struct {
	const char *text, *target, *build_arg, *need;
} stages[] = {
	{ "FROM a AS x\nFROM b AS y\nFROM c", NULL, NULL, "001" },
	{ "FROM a AS x\nFROM b AS y\nFROM c\nCOPY --from=x /1 /", NULL, NULL, "101" },
	{ "FROM a AS x\nFROM x AS y\nFROM c\nCOPY --from=y /1 /", NULL, NULL, "111" },
	{ "FROM a AS x\nFROM b AS y\nFROM c\nCOPY --from=1 /1 /", NULL, NULL, "011" },
	{ "FROM a AS x\nFROM b\nRUN --mount=target=/x,from=x ls", NULL, NULL, "11" },
	{ "FROM a AS x\nFROM b\nONBUILD COPY --from=x /1 /\nFROM c", NULL, NULL, "001" },
	{ "FROM a AS x\nFROM b AS y\nONBUILD COPY --from=x /1 /\nFROM y", NULL, NULL, "111" },
	{ "FROM a AS x\nFROM b AS y\nFROM c", "y", NULL, "010" },
	{ "FROM a AS x\nFROM b AS y\nFROM c", "Y", NULL, "010" },
	{ "FROM a AS x\nFROM b AS y\nFROM c", "0", NULL, "100" },
	{ "FROM a AS x\nFROM b AS x\nFROM x", NULL, NULL, "011" },
	{ "FROM a AS X\nFROM x", NULL, NULL, "11" },
	{ "ARG b=x\nFROM a AS x\nFROM c AS y\nFROM $b", NULL, NULL, "101" },
	{ "ARG b=x\nFROM a AS x\nFROM c AS y\nFROM ${b}", NULL, "b=y", "011" },
	{ "FROM a AS alpine\nFROM alpine", NULL, NULL, "11" },
	/* FROM takes names only, a number is an image. */
	{ "FROM a AS x\nFROM 0", NULL, NULL, "01" },
	{ "FROM a AS x\nFROM b\nCOPY --from=busybox /1 /", NULL, NULL, "01" },
	/* A stage that is not needed never runs: its --from may be wrong. */
	{ "FROM a AS x\nCOPY --from=y /1 /\nRUN --mount=from=9,target=/m a\nFROM b AS y", NULL, NULL, "01" },
};

START_TEST(only_what_the_target_needs_is_built)
{
	struct args args = { 0 };
	struct mc_err err = { 0 };
	bool need[8] = { 0 };
	char *given[] = { (char *)stages[_i].build_arg, NULL };
	_cleanup_dockerfile_ struct dockerfile *d = parsed(stages[_i].text, given, &args, &err);
	ck_assert_msg(d != NULL, "%s: %s", stages[_i].text, err.what);
	ck_assert_int_eq(stages_needed(d, stages[_i].target, need, &err), 0);
	for (size_t k = 0; k < d->n_stages; k++)
		ck_assert_msg(need[k] == (stages[_i].need[k] == '1'), "%s: stage %zu", stages[_i].text, k);
	args_free(&args);
}
END_TEST

static const struct {
	const char *text, *says;
} bad_stages[] = {
	{ "FROM $x", "D:1:6: the base image is empty once its variables are replaced" },
	{ "FROM --platform=$x a", "D:1:6: --platform is empty once its variables are replaced" },
	{ "FROM ${x:?gone}", "D:1:6: x: gone" },
	{ "ARG a=${\nFROM a", "D:1:5: missing '}' behind ${" },
	{ "FROM a AS x\nCOPY --from=x a b", "D:2:6: from=x: a stage can't copy from itself" },
	{ "FROM a AS x\nCOPY --from=y a b\nFROM b AS y\nFROM x", "D:2:6: from=y: that stage comes later; stages copy from earlier ones" },
	{ "FROM a\nRUN --mount=from=9,target=/x a", "D:2:5: from=9: there is no stage of that number" },
};

START_TEST(stages_that_cannot_be_are_refused)
{
	struct args args = { 0 };
	struct mc_err err = { 0 };
	_cleanup_dockerfile_ struct dockerfile *d = parsed(bad_stages[_i].text, NULL, &args, &err);
	ck_assert_msg(!d && !strcmp(err.what, bad_stages[_i].says), "%s: %s", bad_stages[_i].text, err.what);
	args_free(&args);
}
END_TEST

START_TEST(an_unknown_target_gets_a_suggestion)
{
	struct args args = { 0 };
	struct mc_err err = { 0 };
	bool need[2];
	_cleanup_dockerfile_ struct dockerfile *d = parsed("FROM a AS builder\nFROM b AS test", NULL, &args, &err);
	ck_assert_int_eq(stages_needed(d, "bulider", need, &err), -ENOENT);
	ck_assert_str_eq(err.hint, "did you mean builder?");
	args_free(&args);
}
END_TEST

START_TEST(triggers_run_once_in_the_child)
{
	struct args args = { 0 };
	struct mc_err err = { 0 };
	_cleanup_dockerfile_ struct dockerfile *d =
		parsed("FROM a AS p\nONBUILD RUN one\nRUN two\nFROM p AS c\nRUN three\nFROM c\nRUN four", NULL, &args, &err);
	ck_assert_msg(d != NULL, "%s", err.what);
	ck_assert_int_eq((int)d->stages[1].n, 3);
	ck_assert_str_eq(d->stages[1].list[1].words[0], "one");
	ck_assert(d->stages[1].list[1].onbuild);
	ck_assert_int_eq(d->stages[1].list[2].step, 3);
	ck_assert_int_eq((int)d->stages[2].n, 2);
	/* Those of an image, and a broken one. */
	ck_assert_int_eq(stage_add_triggers(d, 0, (char *[]){ "COPY . /app", NULL }, &err), 0);
	ck_assert_str_eq(d->stages[0].list[1].words[1], "/app");
	ck_assert_int_eq(stage_add_triggers(d, 0, (char *[]){ "RUN a", "COPPY . /app", NULL }, &err), -EINVAL);
	ck_assert_int_eq(stage_add_triggers(d, 0, (char *[]){ "FROM x", NULL }, &err), -EINVAL);
	ck_assert_int_eq(stage_add_triggers(d, 0, (char *[]){ "RUN a\nRUN b", NULL }, &err), -EINVAL);
	ck_assert_int_eq(stage_add_triggers(d, 0, (char *[]){ "", NULL }, &err), -EINVAL);
	args_free(&args);
}
END_TEST

/* --- real files --- */

static size_t corpus_walk(const char *dir, size_t *bad)
{
	size_t n = 0;
	DIR *all = opendir(dir);
	for (struct dirent *e; all && (e = readdir(all));) {
		_cleanup_free_ char *path = xasprintf("%s/%s", dir, e->d_name);
		_cleanup_buf_ struct buf text = { 0 };
		struct mc_err err = { 0 };
		if (e->d_name[0] == '.')
			continue;
		if (e->d_type == DT_DIR) {
			n += corpus_walk(path, bad);
			continue;
		}
		if (file_read(AT_FDCWD, path, 4 << 20, &text, &err) < 0)
			continue;
		_cleanup_dockerfile_ struct dockerfile *d = NULL;
		_cleanup_problems_ struct problems p = { 0 };
		n++;
		if (dockerfile_parse(text.data ?: "", text.len, path, &d, &p, &err) < 0) {
			++*bad;
			fprintf(stderr, "%s\n", err.what);
		}
	}
	if (all)
		closedir(all);
	return n;
}

START_TEST(real_dockerfiles_all_parse)
{
	const char *dir = getenv("MINICTR_DOCKERFILES");
	size_t bad = 0;
	if (!dir) {
		fprintf(stderr, "# skipped: MINICTR_DOCKERFILES names no folder of real Dockerfiles\n");
		return;
	}
	size_t n = corpus_walk(dir, &bad);
	ck_assert_msg(n > 0 && !bad, "%zu of %zu files do not parse", bad, n);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dockerfile");
	TCase *t = tcase_create("text");
	tcase_set_timeout(t, 20);
	tcase_add_loop_test(t, a_file_is_read_as_buildkit_reads_it, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(t, all_errors_come_at_once_with_line_and_caret);
	tcase_add_test(t, bytes_of_the_file_do_not_drive_the_terminal);
	tcase_add_test(t, a_failed_step_is_shown_as_buildkit_does);
	tcase_add_test(t, hostile_files_are_refused_in_time);
	tcase_add_loop_test(t, only_what_the_target_needs_is_built, 0, (int)ARRAY_LEN(stages));
	tcase_add_loop_test(t, stages_that_cannot_be_are_refused, 0, (int)ARRAY_LEN(bad_stages));
	tcase_add_test(t, an_unknown_target_gets_a_suggestion);
	tcase_add_test(t, triggers_run_once_in_the_child);
	tcase_add_test(t, real_dockerfiles_all_parse);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
