/*
 * ci_source.c - git is asked, as a person would ask it.
 *
 * Kernel objects and man pages: git-ls-files(1), git-log(1), git-diff(1); fork(2), setresuid(2).
 * A repository's own configuration can name programs that git runs. Git therefore refuses another user's
 * repository to root; we ask as the user to whom the directory belongs, so the repository gets no power
 * that its owner does not have.
 */
#include "pipeline/ci_source.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/warn.h"
#include "image/tree.h"
#include "pipeline/path_set.h"

enum { GIT_OUTPUT_MAX = 64 << 20 };

/* --- running git --- */

static void git_exec(const char *dir, int out, char *const words[])
{
	static const char *const set[] = { "git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false",
		"-C" };
	char **argv = NULL;
	struct stat st;
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, 0);
	dup2(null, 2);
	dup2(out, 1);
	for (size_t i = 0; i < ARRAY_LEN(set); i++)
		strv_push(&argv, set[i]);
	strv_push(&argv, dir);
	for (size_t i = 0; words[i]; i++)
		strv_push(&argv, words[i]);
	if (geteuid() == 0 && stat(dir, &st) == 0 && st.st_uid != 0 &&
		(setgroups(0, NULL) < 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 ||
			setresuid(st.st_uid, st.st_uid, st.st_uid) < 0))
		_exit(126);
	setenv("GIT_OPTIONAL_LOCKS", "0", 1);
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	execvp("git", argv);
	_exit(127);
}

/* Its standard output; false: git failed or is not there. */
static bool git(const char *dir, char *const words[], struct buf *out)
{
	struct mc_err ignored = { 0 };
	int ends[2], status = 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	pid_t pid = fork();
	if (pid == 0)
		git_exec(dir, ends[1], words);
	close(ends[1]);
	int rc = pid < 0 ? -1 : file_read_fd(ends[0], "git", GIT_OUTPUT_MAX, out, &ignored);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return rc >= 0 && pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

#define GIT(dir, out, ...) git((dir), (char *const[]){ __VA_ARGS__, NULL }, (out))

/* One line of output, without its end; "" when git failed. Caller frees. */
static char *git_line(const char *dir, char *const words[])
{
	_cleanup_buf_ struct buf out = { 0 };
	if (!git(dir, words, &out) || !out.data)
		return xstrdup("");
	return xstrndup(out.data, strcspn(out.data, "\n"));
}

#define GIT_LINE(dir, ...) git_line((dir), (char *const[]){ __VA_ARGS__, NULL })

/* strv_push() that does not count what is there: a repository has many files. */
static void push(char ***list, size_t *n, const char *path)
{
	if ((*n & (*n + 1)) == 0)
		*list = xrealloc(*list, (2 * *n + 2) * sizeof(**list));
	(*list)[(*n)++] = xstrdup(path);
	(*list)[*n] = NULL;
}

static char **split_nul(const struct buf *out)
{
	char **list = NULL;
	size_t n = 0;
	for (size_t i = 0; out->data && i < out->len; i += strlen(out->data + i) + 1)
		push(&list, &n, out->data + i);
	return list;
}

/* --- files --- */

/* "100644 HASH 0\tpath": a 160000 is a submodule, which has files of its own. */
static void list_tracked(struct ci_source *s, const struct buf *out)
{
	size_t n = 0;
	for (size_t i = 0; out->data && i < out->len; i += strlen(out->data + i) + 1) {
		const char *line = out->data + i, *tab = strchr(line, '\t');
		struct stat st;
		if (!tab || (n && str_eq(s->files[n - 1], tab + 1)))
			continue; /* a file in conflict stands three times */
		if (str_starts(line, "160000"))
			warn_user("%s is a submodule: jobs do not see its files", tab + 1);
		else if (fstatat(s->fd, tab + 1, &st, AT_SYMLINK_NOFOLLOW) == 0)
			push(&s->files, &n, tab + 1);
	}
}

static int list_directory(struct ci_source *s, struct mc_err *err)
{
	struct tree *t = NULL;
	const struct tree_item *i;
	size_t n = 0;
	int rc = tree_open(s->fd, &t, err);
	while (rc >= 0 && (rc = tree_next(t, &i, err)) > 0) {
		if (str_eq(i->path, ".git"))
			tree_skip(t);
		else if (S_ISREG(i->st.st_mode) || S_ISLNK(i->st.st_mode))
			push(&s->files, &n, i->path);
	}
	tree_close(t);
	return rc < 0 ? rc : 0;
}

/* "https://user:token@host/path": jobs print it and runs keep it, so the token must not come along. */
static void hide_token(char *url)
{
	char *from = str_starts(url, "http") ? strstr(url, "://") : NULL;
	char *at = from ? memrchr(from + 3, '@', strcspn(from + 3, "/")) : NULL;
	if (at)
		memmove(from + 3, at + 1, strlen(at));
}

/* --- what git knows of the commit --- */

static void read_commit(struct ci_source *s)
{
	_cleanup_buf_ struct buf out = { 0 };
	char *fields[5] = { 0 };
	if (GIT(s->dir, &out, "log", "-1", "--no-show-signature", "--format=%H%x00%an <%ae>%x00%cI%x00%B")) {
		_cleanup_strv_ char **parts = split_nul(&out);
		for (size_t i = 0; i < 4 && parts && i < strv_len(parts); i++)
			fields[i] = xstrdup(parts[i]);
	}
	s->sha = fields[0] ? fields[0] : xstrdup("");
	s->author = fields[1] ? fields[1] : xstrdup("");
	s->timestamp = fields[2] ? fields[2] : xstrdup("");
	s->message = fields[3] ? fields[3] : xstrdup("");
	for (size_t n = strlen(s->message); n && s->message[n - 1] == '\n'; n--)
		s->message[n - 1] = '\0';
	s->before = GIT_LINE(s->dir, "rev-parse", "-q", "--verify", "HEAD~1");
	s->branch = GIT_LINE(s->dir, "symbolic-ref", "-q", "--short", "HEAD");
	s->tag = *s->branch ? xstrdup("") : GIT_LINE(s->dir, "describe", "--exact-match", "--tags", "HEAD");
	s->url = GIT_LINE(s->dir, "config", "--get", "remote.origin.url");
	hide_token(s->url);
	_cleanup_free_ char *origin = GIT_LINE(
				    s->dir, "symbolic-ref", "-q", "--short", "refs/remotes/origin/HEAD"),
			    *main_branch = GIT_LINE(s->dir, "rev-parse", "-q", "--verify", "refs/heads/main"),
			    *master = GIT_LINE(s->dir, "rev-parse", "-q", "--verify", "refs/heads/master");
	s->default_branch = xstrdup(str_starts(origin, "origin/") ? origin + strlen("origin/")
				    : *main_branch                ? "main"
				    : *master                     ? "master"
				    : *s->branch                  ? s->branch
								  : "main");
}

int ci_source_compare(const struct ci_source *s, const char *ref, char ***ret, struct mc_err *err)
{
	_cleanup_buf_ struct buf out = { 0 };
	if (*ref == '-' ||
		!GIT(s->dir, &out, "diff", "--no-ext-diff", "--name-only", "-z", (char *)ref, "--"))
		return err_set(err, EINVAL, "git cannot compare with \"%s\"", ref);
	*ret = split_nul(&out);
	if (!*ret)
		*ret = xcalloc(1, sizeof(**ret));
	return 0;
}

static void without_git(struct ci_source *s)
{
	char **const fields[] = { &s->sha, &s->before, &s->tag, &s->message, &s->author, &s->timestamp,
		&s->url };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		*fields[i] = xstrdup("");
	s->branch = xstrdup("main");
	s->default_branch = xstrdup("main");
}

static int open_git(struct ci_source *s, struct mc_err *err)
{
	_cleanup_buf_ struct buf tracked = { 0 }, others = { 0 };
	struct mc_err ignored = { 0 };
	if (!GIT(s->dir, &tracked, "ls-files", "-z", "-s"))
		return err_set(err, EIO, "git ls-files failed in %s", s->dir);
	list_tracked(s, &tracked);
	if (GIT(s->dir, &others, "ls-files", "-z", "-o", "--exclude-standard"))
		s->untracked = split_nul(&others);
	read_commit(s);
	if (*s->before)
		ci_source_compare(s, "HEAD~1", &s->changed, &ignored);
	return 0;
}

int ci_source_top(const char *dir, char **ret, struct mc_err *err)
{
	_cleanup_free_ char *top = GIT_LINE(dir, "rev-parse", "--show-toplevel"), *real = realpath(dir, NULL);
	if (!real)
		return err_sys(err, "%s", dir);
	*ret = xstrdup(*top == '/' ? top : real);
	return *top == '/';
}

int ci_source_open(const char *dir, struct ci_source *s, struct mc_err *err)
{
	*s = (struct ci_source){ .fd = -1 };
	int rc = ci_source_top(dir, &s->dir, err);
	if (rc < 0)
		return rc;
	s->git = rc == 1;
	s->fd = dir_open(AT_FDCWD, s->dir, err);
	if (s->fd < 0)
		return s->fd;
	if (s->git)
		return open_git(s, err);
	without_git(s);
	return list_directory(s, err);
}

/* --- kept with a run --- */

/* The texts of a source, by the name that they have in the record. */
struct source_text {
	const char *key;
	char **field;
};

enum { SOURCE_TEXTS = 10 };

static void source_texts(struct ci_source *s, struct source_text ret[SOURCE_TEXTS])
{
	const struct source_text all[SOURCE_TEXTS] = { { "Dir", &s->dir }, { "Sha", &s->sha },
		{ "Before", &s->before }, { "Branch", &s->branch }, { "Tag", &s->tag },
		{ "DefaultBranch", &s->default_branch }, { "Message", &s->message }, { "Author", &s->author },
		{ "Timestamp", &s->timestamp }, { "Url", &s->url } };
	memcpy(ret, all, sizeof(all));
}

struct json *ci_source_save(const struct ci_source *s)
{
	struct json *doc = json_new_object();
	struct source_text texts[SOURCE_TEXTS];
	source_texts((struct ci_source *)s, texts);
	for (size_t i = 0; i < SOURCE_TEXTS; i++)
		json_set_string(doc, texts[i].key, *texts[i].field);
	json_set_strv(doc, "Changed", s->changed);
	return doc;
}

int ci_source_load(const struct json *saved, int files, struct ci_source *s, struct mc_err *err)
{
	struct source_text texts[SOURCE_TEXTS];
	*s = (struct ci_source){ .fd = fcntl(files, F_DUPFD_CLOEXEC, 3) };
	source_texts(s, texts);
	for (size_t i = 0; i < SOURCE_TEXTS; i++) {
		const char *text = json_text_of(json_member(saved, texts[i].key));
		*texts[i].field = xstrdup(text ? text : "");
	}
	int rc = json_get_strv(saved, &s->changed, err, "Changed");
	return rc < 0 ? rc : list_directory(s, err);
}

void ci_source_release(struct ci_source *s)
{
	char *const owned[] = { s->dir, s->sha, s->before, s->branch, s->tag, s->default_branch, s->message,
		s->author, s->timestamp, s->url };
	for (size_t i = 0; i < ARRAY_LEN(owned); i++)
		free(owned[i]);
	strv_free(s->files);
	strv_free(s->untracked);
	strv_free(s->changed);
	close_fd(s->fd);
	*s = (struct ci_source){ .fd = -1 };
}

int ci_source_snapshot(const struct ci_source *s, char *const also[], int to, struct mc_err *err)
{
	int rc = 0;
	for (char **f = s->files; rc >= 0 && f && *f; f++)
		rc = path_take(s->fd, *f, to, true, err);
	for (size_t i = 0; rc >= 0 && also && also[i]; i++)
		if (!strv_has(s->files, also[i]))
			rc = path_take(s->fd, also[i], to, true, err);
	return rc < 0 ? err_wrap(err, "copying %s", s->dir) : 0;
}

/* Sections that jobs need; all others may hold a password, as [credential], [http] extraheader and [url]. */
static bool config_section_stays(const char *line)
{
	static const char *const stay[] = { "core", "extensions", "remote", "branch", "submodule", "user" };
	size_t n = strspn(line, "[ \t"), len = strcspn(line + n, " \t]\".");
	for (size_t i = 0; i < ARRAY_LEN(stay); i++)
		if (strlen(stay[i]) == len && !strncasecmp(line + n, stay[i], len))
			return true;
	return false;
}

/* git-config(1) of a person holds tokens: "https://name:token@host/x" of a remote, a header for a server. A
 * job of a stranger's pipeline must not read them. */
static int config_without_passwords(int git_dir, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 }, out = { 0 };
	struct mc_err absent = { 0 };
	bool stays = false;
	if (file_read(git_dir, "config", 1 << 20, &text, &absent) < 0)
		return absent.code == ENOENT ? 0 : (*err = absent, -absent.code);
	char *save = NULL;
	for (char *line = strtok_r(text.data, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (line[strspn(line, " \t")] == '[')
			stays = config_section_stays(line);
		char *scheme = strstr(line, "://"), *host = scheme ? strchr(scheme, '@') : NULL;
		if (host && host > scheme + 3 + strcspn(scheme + 3, "/"))
			host = NULL; /* an @ in the path */
		if (stays)
			buf_addf(&out, "%.*s%s\n", host ? (int)(scheme + 3 - line) : (int)strlen(line), line,
				host ? host + 1 : "");
	}
	return file_write_atomic(git_dir, "config", out.data ? out.data : "", out.len, 0644, 0, err);
}

int ci_source_add_git(const struct ci_source *s, int to, struct mc_err *err)
{
	_cleanup_close_ int from = s->git ? file_open_plain(s->fd, ".git", O_RDONLY | O_DIRECTORY, err) : -1;
	if (!s->git || from < 0) {
		*err = (struct mc_err){ 0 };
		err_set(err, ENOENT, "--git: %s has no directory .git of its own", s->dir);
		return err_hint(err, "a linked work tree or a submodule keeps it elsewhere: clone it first");
	}
	_cleanup_close_ int target = dir_make_open(to, ".git", 0777, err);
	int rc = target < 0 ? target : path_take_all(from, target, true, err);
	return rc < 0 ? rc : config_without_passwords(target, err);
}
