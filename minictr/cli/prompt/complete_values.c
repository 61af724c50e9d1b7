/*
 * complete_values.c - what could stand behind a flag (`--filter status=`, `--cap-add SYS_`), and paths
 * inside a container (`cp web:/et`).
 *
 * To teach a flag its words: a row in flags[]. Filters and states come in two steps: first the key with its
 * '=', then the values of that key.
 */
#include "cli/prompt/complete_values.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "engine/container_root.h"
#include "runtime/caps.h"

static void say(const char *word, const char *partial)
{
	if (str_starts(word, partial))
		printf("%s\n", word);
}

/* --- words of flags --- */

#define FILTERS                                                                                              \
	"status=created|status=running|status=paused|status=restarting|status=exited|status=dead|name=|id=|" \
	"label=|"                                                                                            \
	"ancestor=|before=|since=|exited=|volume=|network=|publish=|expose=|health=healthy|health="          \
	"unhealthy|"                                                                                         \
	"health=starting|health=none|dangling=true|dangling=false|reference=|until=|type=container|type="    \
	"image|"                                                                                             \
	"type=volume|type=network|event=start|event=die|event=create|event=destroy|event=stop|event=kill|"   \
	"container=|image=|driver=local|is-official=true|stars=|is-task=false"
#define SIGNALS "TERM|KILL|HUP|INT|QUIT|USR1|USR2|STOP|CONT|WINCH"

static const struct {
	const char *flag, *words;
} flags[] = {
	{ "filter", FILTERS },
	{ "restart", "no|always|unless-stopped|on-failure|on-failure:3" },
	{ "network", "none|host|bridge|private|container:" },
	{ "net", "none|host|bridge|private|container:" },
	{ "pid", "host|container:" },
	{ "ipc", "none|private|shareable|host|container:" },
	{ "uts", "host" },
	{ "cgroupns", "private|host" },
	{ "userns", "host|keep-id|nomap|auto" },
	{ "pull", "missing|always|never" },
	{ "log-driver", "json-file|local|none" },
	{ "log-opt", "max-size=|max-file=" },
	{ "security-opt", "seccomp=unconfined|seccomp=|no-new-privileges|apparmor=unconfined|label=disable|"
			  "systempaths=unconfined" },
	{ "runtime", "crun|runc" },
	{ "mount", "type=bind,src=|type=volume,src=|type=tmpfs,dst=" },
	{ "platform", "linux/amd64|linux/arm64|linux/arm/v7|linux/riscv64|linux/s390x|linux/ppc64le" },
	{ "signal", SIGNALS },
	{ "stop-signal", SIGNALS },
	{ "ulimit", "nofile=|nproc=|core=|memlock=|stack=|fsize=|cpu=|as=|rtprio=" },
	{ "format", "table|json|raw|{{json" },
	{ "type", "container|image" },
	{ "sort", "created|names|id|image|command|status|runningfor|size" },
	{ "condition", "stopped|running|paused|created|exited|healthy|unhealthy|removed" },
	{ "progress", "auto|plain|tty|quiet" },
	{ "attach", "stdin|stdout|stderr" },
	{ "tail", "all|10|100" },
};

/* Up to the next '=' or end: "sta" is offered "status=", "status=" its values. */
static void say_steps(const char *words, const char *partial)
{
	size_t typed = strlen(partial);
	_cleanup_strv_ char **said = NULL;
	for (const char *p = words; *p; p += strcspn(p, "|"), p += *p == '|') {
		size_t n = strcspn(p, "|"), step = strcspn(p, "=|");
		bool key_only = step < n && typed <= step;
		_cleanup_free_ char *word = xstrndup(p, key_only ? step + 1 : n);
		if (!str_starts(word, partial) || strv_has(said, word))
			continue;
		strv_push(&said, word);
		printf("%s\n", word);
	}
}

static void say_capabilities(const char *partial)
{
	bool full = !strncasecmp(partial, "CAP_", 4);
	say("ALL", partial);
	for (int i = 0; i < 64; i++) {
		const char *name = cap_name(i);
		if (name)
			say(full ? name : name + strlen("CAP_"), partial);
	}
}

const char *complete_waiting(const struct command *cmd, const char *word)
{
	if (word[0] != '-' || !word[1] || strchr(word, '='))
		return NULL;
	for (const struct option_def *o = cmd->options; o && (o->name || o->short_name); o++) {
		bool is = word[1] == '-' ? str_eq(o->name, word + 2)
					 : o->short_name && word[strlen(word) - 1] == o->short_name;
		if (is)
			return o->kind == OPT_FLAG || o->kind == OPT_YES_NO ? NULL : o->name;
	}
	/* another executable's flags are not known here: the long ones that always have a value */
	for (size_t i = 0; !cmd->run && i < ARRAY_LEN(flags); i++)
		if (word[1] == '-' && str_eq(flags[i].flag, word + 2))
			return flags[i].flag;
	return NULL;
}

bool complete_value(const struct command *cmd, const char *before, const char *partial)
{
	const char *flag = complete_waiting(cmd, before);
	if (!flag)
		return false;
	if (str_eq(flag, "cap-add") || str_eq(flag, "cap-drop"))
		say_capabilities(partial);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (str_eq(flags[i].flag, flag))
			say_steps(flags[i].words, partial);
	return true;
}

/* --- paths inside a container --- */

static void say_entries(int dir, const char *front, const char *start)
{
	_cleanup_close_ int own = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *d = own < 0 ? NULL : fdopendir(own);
	if (d)
		own = -1; /* closedir(3) closes it */
	for (struct dirent *e; d && (e = readdir(d));) {
		struct stat st;
		bool hidden = *e->d_name == '.' && *start != '.';
		if (hidden || str_eq(e->d_name, ".") || str_eq(e->d_name, "..") ||
			!str_starts(e->d_name, start) || strpbrk(e->d_name, "\n\t "))
			continue;
		bool folder = fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
		printf("%s%s%s\n", front, e->d_name, folder ? "/" : "");
	}
}

bool complete_inside(struct engine *e, const char *partial)
{
	const char *colon = strchr(partial, ':'), *slash = strrchr(partial, '/');
	struct mc_err ignored = { 0 };
	_cleanup_container_ struct container c = { 0 };
	if (!colon || colon == partial)
		return false;
	_cleanup_free_ char *name = xstrndup(partial, (size_t)(colon - partial));
	if (container_find(e, name, &c, &ignored) < 0)
		return false;
	const char *path = colon + 1;
	if (!slash || slash < path) {
		printf("%s:/\n", name);
		return true;
	}
	_cleanup_free_ char *folder = xstrndup(path, (size_t)(slash - path) + 1);
	_cleanup_free_ char *front = xstrndup(partial, (size_t)(slash - partial) + 1);
	_cleanup_close_ int root = container_root(e, &c, &ignored);
	_cleanup_close_ int dir =
		root < 0 ? -1
			 : file_open_beneath(root, folder, O_RDONLY | O_DIRECTORY | O_NONBLOCK, 0, &ignored);
	if (dir >= 0)
		say_entries(dir, front, slash + 1);
	return true;
}
