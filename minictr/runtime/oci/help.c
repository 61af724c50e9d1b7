/*
 * oci/help.c - what `minictr-oci --help` and `minictr-oci VERB --help` print.
 *
 * One text per verb. The flags themselves are in tables in oci/VERB.c: a new flag needs its line here
 * (tests/run/26-oci-flags.sh compares the two). Names and meanings are runc's; "crun" marks crun's own.
 */
#include "runtime/oci/cmd.h"

#include "base/util.h"

static const char global_flags[] =
	"      --root DIR               where states are kept (/run/minictr-oci; $XDG_RUNTIME_DIR without "
	"root)\n"
	"      --log FILE               warnings and errors go there too, one line each\n"
	"      --log-format text|json   form of these lines\n"
	"      --debug                  log also which command ran, and how it ended\n"
	"      --systemd-cgroup         cgroups are scopes of systemd; cgroupsPath is SLICE:PREFIX:NAME\n"
	"      --cgroup-manager NAME    cgroupfs, systemd, or disabled: no cgroup at all (crun)\n"
	"      --rootless true|false|auto  runc's; found out by itself here\n"
	"      --criu FILE              runc's; there are no checkpoints here\n"
	"  -h, --help                   this text; behind a verb: the verb's flags\n"
	"  -v, --version                versions of the program and of the spec\n";

#define CREATE_FLAGS                                                                                         \
	"  -b, --bundle DIR             where config.json is (.)\n"                                          \
	"      --pid-file FILE          write the first process's pid there\n"                               \
	"      --console-socket SOCKET  send the terminal's descriptor there\n"                              \
	"      --pidfd-socket SOCKET    send a pidfd of the first process there\n"                           \
	"      --preserve-fds N         the program keeps N descriptors behind 0, 1, 2\n"                    \
	"      --no-pivot               chroot instead of pivot_root (for an initramfs)\n"                   \
	"      --no-new-keyring         share the caller's session keyring\n"                                \
	"      --rootfs-fd N            a detached mount to use as root (our engine's)\n"

static const struct {
	const char *verb, *flags;
} verbs[] = {
	{ "create", CREATE_FLAGS "      --no-subreaper           runc's; nothing to do here\n" },
	{ "run", CREATE_FLAGS "  -d, --detach                 do not wait for the end\n"
			      "      --keep                   do not delete at the end\n"
			      "      --no-subreaper           runc's; nothing to do here\n" },
	{ "exec", "  -p, --process FILE           the process object to run, as JSON\n"
		  "  -d, --detach                 do not wait for the end\n"
		  "  -t, --tty                    with a terminal\n"
		  "  -e, --env NAME=VALUE         one more variable\n"
		  "  -u, --user UID[:GID]         as this user\n"
		  "  -g, --additional-gids N,...  groups besides\n"
		  "  -c, --cap CAP                one more capability\n"
		  "      --cwd DIR                start there\n"
		  "      --pid-file FILE          write the new process's pid there\n"
		  "      --console-socket SOCKET  send the terminal's descriptor there\n"
		  "      --pidfd-socket SOCKET    send a pidfd of the new process there\n"
		  "      --preserve-fds N         the program keeps N descriptors behind 0, 1, 2\n"
		  "      --no-new-privs           set-uid files give no privileges\n"
		  "      --apparmor PROFILE       AppArmor profile of the program\n"
		  "      --process-label LABEL    SELinux label of the program\n"
		  "      --cgroup PATH            a cgroup below the container's\n"
		  "      --no-subreaper           runc's; nothing to do here\n"
		  "      --ignore-paused          runc's; refused in a paused container: the program could "
		  "not run\n" },
	{ "list", "  -f, --format table|json      form of the list\n"
		  "  -q, --quiet                  ids alone\n" },
	{ "ps", "  -f, --format table|json      form of the list\n" },
	{ "kill", "  -a, --all                    to all processes, not the first alone\n" },
	{ "delete", "  -f, --force                  kill it first; one that is missing is no error\n" },
	{ "update", "  -r, --resources FILE         a linux.resources object as JSON, - for standard input;\n"
		    "                               the flags below change what it says\n"
		    "      --memory BYTES           sizes may end with k, m or g; -1: no limit\n"
		    "      --memory-swap BYTES      memory and swap together\n"
		    "      --memory-reservation BYTES\n"
		    "      --kernel-memory BYTES    taken, told and left out: kernels have no such limit any "
		    "more\n"
		    "      --kernel-memory-tcp BYTES\n"
		    "      --cpu-quota US           microseconds a period\n"
		    "      --cpu-period US\n"
		    "      --cpu-burst US\n"
		    "      --cpu-share N            also --cpu-shares\n"
		    "      --cpu-idle 0|1\n"
		    "      --cpu-rt-period US\n"
		    "      --cpu-rt-runtime US\n"
		    "      --cpuset-cpus LIST\n"
		    "      --cpuset-mems LIST\n"
		    "      --pids-limit N\n"
		    "      --blkio-weight N         10 to 1000\n" },
	{ "events", "      --stats                  print the figures once\n"
		    "      --interval TIME          between two lines: 5s, 1m, 500ms\n" },
	{ "spec", "  -b, --bundle DIR             where to write config.json (.)\n"
		  "      --rootless               for a user without root\n" },
};

void oci_help(FILE *to, const struct oci_command *commands, size_t n)
{
	fprintf(to, "minictr-oci: one container from one config.json (OCI runtime-spec 1.2)\n\n"
		    "usage: minictr-oci [FLAGS] VERB [FLAGS OF THE VERB] ...\n\nverbs:\n");
	for (size_t i = 0; i < n; i++)
		fprintf(to, "  %-9s %-40s %s\n", commands[i].name, commands[i].usage, commands[i].summary);
	fprintf(to, "\nflags:\n%s", global_flags);
}

void oci_help_verb(FILE *to, const struct oci_command *c)
{
	fprintf(to, "usage: minictr-oci %s %s\n\n%s\n", c->name, c->usage, c->summary);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_eq(verbs[i].verb, c->name))
			fprintf(to, "\n%s", verbs[i].flags);
}
