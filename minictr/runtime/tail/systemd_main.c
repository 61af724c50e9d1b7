/*
 * tail/systemd_main.c - minictr-systemd: asks systemd for a scope, holds it until the container is inside.
 *
 *     minictr-systemd UNIT SLICE DESCRIPTION [PROPERTY=NUMBER ...] [PID=NUMBER]
 * Prints the scope's cgroup path and a line end, then waits for end of file on standard input. With
 * MINICTR_SYSTEMD_USER set the user's own systemd is asked. With PID, that process goes into the scope
 * instead of this one.
 *
 * Why: on a host with systemd the cgroup tree is systemd's; sooner or later it removes cgroups that others
 * make. A scope with Delegate=yes is a place that systemd promises not to touch. A scope lives while a
 * process is in it: first this one, then the container's init, which starts there.
 *
 * Interfaces: sd-bus(3), org.freedesktop.systemd1(5) StartTransientUnit, "Control Group APIs and
 * Delegation". The one program that links libsystemd, started only on such hosts.
 */
#include <systemd/sd-bus.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"
#include "base/file.h"

/* The answer to a job comes as a signal; state while waiting for it. */
struct wait {
	const char *job; /* object path of our job */
	const char *unit;
	char result[32]; /* "done", "failed" ... */
};

static int on_job_removed(sd_bus_message *m, void *data, sd_bus_error *unused)
{
	struct wait *w = data;
	const char *path, *unit, *result;
	uint32_t id;
	(void)unused;
	if (sd_bus_message_read(m, "uoss", &id, &path, &unit, &result) >= 0 && str_eq(unit, w->unit) &&
		(!w->job || str_eq(path, w->job)))
		snprintf(w->result, sizeof(w->result), "%s", result);
	return 0;
}

/* CPUQuotaPerSecUSec and the like are 64-bit; "infinity" is UINT64_MAX. */
static int add_property(sd_bus_message *m, const char *text)
{
	const char *equals = strchr(text, '=');
	uint64_t value;
	if (!equals || parse_u64(equals + 1, &value) < 0)
		return -EINVAL;
	_cleanup_free_ char *name = xstrndup(text, (size_t)(equals - text));
	return sd_bus_message_append(m, "(sv)", name, "t", value);
}

/* The process for the scope: "PID=NUMBER", else this one. */
static uint32_t member(char **argv, int argc)
{
	uint64_t pid;
	for (int i = 4; i < argc; i++)
		if (str_starts(argv[i], "PID=") && parse_u64(argv[i] + 4, &pid) == 0)
			return (uint32_t)pid;
	return (uint32_t)getpid();
}

static int fill(sd_bus_message *m, char **argv, int argc)
{
	int rc = sd_bus_message_append(m, "ss", argv[1], "fail");
	if (rc < 0 || (rc = sd_bus_message_open_container(m, 'a', "(sv)")) < 0)
		return rc;
	if ((rc = sd_bus_message_append(m, "(sv)", "Description", "s", argv[3])) < 0 ||
		(*argv[2] && (rc = sd_bus_message_append(m, "(sv)", "Slice", "s", argv[2])) < 0) ||
		(rc = sd_bus_message_append(m, "(sv)", "Delegate", "b", 1)) < 0 ||
		(rc = sd_bus_message_append(m, "(sv)", "DefaultDependencies", "b", 0)) < 0 ||
		(rc = sd_bus_message_append(m, "(sv)", "CollectMode", "s", "inactive-or-failed")) < 0 ||
		(rc = sd_bus_message_append(m, "(sv)", "PIDs", "au", 1, member(argv, argc))) < 0)
		return rc;
	for (int i = 4; i < argc && rc >= 0; i++)
		rc = str_starts(argv[i], "PID=") ? 0 : add_property(m, argv[i]);
	if (rc < 0 || (rc = sd_bus_message_close_container(m)) < 0)
		return rc;
	return sd_bus_message_append(m, "a(sa(sv))", 0);
}

static int start_scope(sd_bus *bus, char **argv, int argc, struct mc_err *err)
{
	struct wait w = { .unit = argv[1] };
	sd_bus_message *m = NULL, *reply = NULL;
	sd_bus_error e = SD_BUS_ERROR_NULL;
	int rc = sd_bus_match_signal(bus, NULL, "org.freedesktop.systemd1", "/org/freedesktop/systemd1",
		"org.freedesktop.systemd1.Manager", "JobRemoved", on_job_removed, &w);
	if (rc >= 0)
		rc = sd_bus_message_new_method_call(bus, &m, "org.freedesktop.systemd1",
			"/org/freedesktop/systemd1", "org.freedesktop.systemd1.Manager",
			"StartTransientUnit");
	if (rc >= 0)
		rc = fill(m, argv, argc);
	if (rc >= 0)
		rc = sd_bus_call(bus, m, 10000000, &e, &reply);
	if (rc >= 0)
		rc = sd_bus_message_read(reply, "o", &w.job);
	if (rc < 0)
		return err_code(err, rc, "systemd refuses the scope %s (%s)", argv[1],
			e.message ? e.message : "no reason");
	while (!w.result[0])
		if ((rc = sd_bus_process(bus, NULL)) < 0 ||
			(rc == 0 && (rc = sd_bus_wait(bus, 10000000)) <= 0))
			return err_code(err, rc ? rc : -ETIMEDOUT, "waiting for systemd to make %s", argv[1]);
	return str_eq(w.result, "done")
		       ? 0
		       : err_set(err, EIO, "systemd could not make %s: %s", argv[1], w.result);
}

/* Our own cgroup is the scope now: v2's line "0::/path", else that of systemd's own v1 tree. */
static int own_cgroup(char *out, size_t size, struct mc_err *err)
{
	_cleanup_buf_ struct buf text = { 0 };
	int rc = file_read(AT_FDCWD, "/proc/self/cgroup", 1 << 16, &text, err);
	*out = '\0';
	for (char *rest = text.data, *line; rc >= 0 && rest && (line = strsep(&rest, "\n"));) {
		char *v1 = strstr(line, ":name=systemd:");
		if (v1)
			snprintf(out, size, "%s", v1 + 14);
		else if (str_starts(line, "0::") && !*out)
			snprintf(out, size, "%s", line + 3);
	}
	return rc;
}

int main(int argc, char **argv)
{
	struct mc_err err = { 0 };
	sd_bus *bus = NULL;
	char path[4096], c;
	if (argc < 4)
		die(2, "usage: minictr-systemd UNIT SLICE DESCRIPTION [PROPERTY=NUMBER ...] [PID=NUMBER]");
	int rc = getenv("MINICTR_SYSTEMD_USER") ? sd_bus_open_user(&bus) : sd_bus_open_system(&bus);
	if (rc < 0) {
		err_code(&err, rc, "reaching systemd over D-Bus");
		err_hint(&err, "is this host run by systemd? Without it, leave --systemd-cgroup out");
	}
	if (rc < 0 || (rc = start_scope(bus, argv, argc, &err)) < 0 ||
		(rc = own_cgroup(path, sizeof(path), &err)) < 0) {
		err_print(&err, "minictr-systemd");
		return 1;
	}
	printf("%s\n", path);
	fflush(stdout);
	while (read(0, &c, 1) > 0) /* until the container's init is inside, or its maker is gone */
		;
	return 0;
}
