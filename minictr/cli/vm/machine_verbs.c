/*
 * vm/machine_verbs.c - `vm ps`, `vm stop`, `vm rm`, `vm exec`, `vm logs`, `vm info`.
 */
#include "cli/vm/machine.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/file.h"
#include "cli/format/format.h"
#include "cli/format/table.h"
#include "engine/logs.h"

#define OPEN_MACHINES _cleanup_machine_ struct machine_use u = { .engine.dir = -1, .host.machines.dir = -1 }

/* --- ps --- */

struct vm_ps_values {
	bool all, quiet, no_trunc;
	const char *format;
};

static const struct option_def ps_options[] = {
	{ 'a', "all", OPT_FLAG, offsetof(struct vm_ps_values, all), NULL,
		"All of them, not only running ones" },
	{ 0, "format", OPT_STRING, offsetof(struct vm_ps_values, format), "string",
		"'table TEMPLATE', 'json' or a template: {{.ID}} {{.Names}} {{.Status}}" },
	{ 0, "no-trunc", OPT_FLAG, offsetof(struct vm_ps_values, no_trunc), NULL, "Nothing shortened" },
	{ 'q', "quiet", OPT_FLAG, offsetof(struct vm_ps_values, quiet), NULL, "Only ids" },
	{ 0 },
};

static const struct format_title ps_titles[] = { { "ID", "VM ID" }, { "KernelRelease", "KERNEL" },
	{ "Accelerator", "ACCEL" }, { "Pid", "QEMU PID" }, { NULL, NULL } };

static struct json *ps_row_of(const struct container *c, bool no_trunc)
{
	struct json *row = json_new_object();
	const struct json *vm = json_member(c->doc, "VM");
	_cleanup_free_ char *status = container_status_text(c), *command = container_command_text(c);
	_cleanup_free_ char *id = no_trunc ? xstrdup(c->id) : text_short_id(c->id);
	_cleanup_free_ char *shown = no_trunc ? xstrdup(command) : text_ellipsis(command, 20);
	json_set_string(row, "ID", id);
	json_set_string(row, "Names", c->name);
	json_set_string(row, "Image", c->image);
	json_set_string(row, "Command", shown);
	json_set_string(row, "Status", status);
	json_set_string(row, "State", container_status_name(c->status));
	json_set_i64(row, "Pid", c->init.pid);
	json_set_i64(row, "ExitCode", c->exit_code);
	json_set_string(row, "Error", c->error ? c->error : "");
	json_set_string(row, "KernelRelease", json_text_of(json_member(vm, "KernelRelease")));
	json_set_string(row, "Accelerator", json_text_of(json_member(vm, "Accelerator")));
	return row;
}

static int vm_ps_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct vm_ps_values *v = values;
	_cleanup_container_list_ struct container_list list = { 0 };
	_cleanup_json_ struct json *rows = json_new_array();
	OPEN_MACHINES;
	int rc = machine_open(cli, &u, err);
	if (rc >= 0)
		rc = container_list(&u.host.machines, &list, err);
	if (rc < 0)
		return rc;
	for (size_t i = 0; i < list.count; i++)
		if (v->all || container_is_active(&list.items[i]))
			json_add(rows, ps_row_of(&list.items[i], v->no_trunc));
	return format_list(v->quiet ? "{{.ID}}" : v->format,
		"table "
		"{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.Status}}\t{{.KernelRelease}}\t{{.Accelerator}}\t{{."
		"Pid}}\t{{.Names}}",
		ps_titles, rows, stdout, err);
}

const struct command cmd_vm_ps = {
	.name = "vm ps",
	.aliases = "vm ls, vm list",
	.group = GROUP_MANY,
	.usage = "[OPTIONS]",
	.summary = "List virtual machines",
	.example = "minictr vm ps -a",
	.options = ps_options,
	.values_size = sizeof(struct vm_ps_values),
	.run = vm_ps_run,
};

/* --- stop, rm --- */

struct vm_end_values {
	int time;
	bool force;
};

static const struct vm_end_values end_defaults = { .time = VM_STOP_SECONDS };

static const struct option_def stop_options[] = {
	{ 't', "time", OPT_INT, offsetof(struct vm_end_values, time), "int",
		"Seconds until it is switched off (10)" },
	{ 0 },
};

static const struct option_def rm_options[] = {
	{ 'f', "force", OPT_FLAG, offsetof(struct vm_end_values, force), NULL,
		"Switch a running one off first" },
	{ 0 },
};

/* One name after the other, as docker: what worked is said on stdout, what not on stderr. */
static int each_machine(struct cli *cli, int argc, char **argv,
	int (*act)(struct vm_host *h, const char *name, const struct vm_end_values *v, struct mc_err *err),
	const struct vm_end_values *v, struct mc_err *err)
{
	OPEN_MACHINES;
	int status = 0, rc = machine_open(cli, &u, err);
	for (int i = 0; rc >= 0 && i < argc; i++) {
		struct mc_err one = { 0 };
		if (act(&u.host, argv[i], v, &one) < 0) {
			err_print(&one, "minictr");
			status = 1;
		} else {
			printf("%s\n", argv[i]);
		}
		fflush(stdout);
	}
	return rc < 0 ? rc : status;
}

static int stop_one(struct vm_host *h, const char *name, const struct vm_end_values *v, struct mc_err *err)
{
	return vm_stop(h, name, v->time < 0 ? VM_STOP_SECONDS : v->time, err);
}

static int remove_one(struct vm_host *h, const char *name, const struct vm_end_values *v, struct mc_err *err)
{
	return vm_remove(h, name, v->force, err);
}

static int vm_stop_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return each_machine(cli, argc, argv, stop_one, values, err);
}

static int vm_rm_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	return each_machine(cli, argc, argv, remove_one, values, err);
}

const struct command cmd_vm_stop = {
	.name = "vm stop",
	.group = GROUP_MANY,
	.usage = "[OPTIONS] VM [VM...]",
	.summary = "Ask a virtual machine's program to end, then switch it off",
	.example = "minictr vm stop -t 3 web",
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = stop_options,
	.values_size = sizeof(struct vm_end_values),
	.defaults = &end_defaults,
	.run = vm_stop_run,
};

const struct command cmd_vm_rm = {
	.name = "vm rm",
	.group = GROUP_MANY,
	.usage = "[OPTIONS] VM [VM...]",
	.summary = "Remove virtual machines",
	.example = "minictr vm rm -f web",
	.min_args = 1,
	.max_args = ANY_ARGS,
	.options = rm_options,
	.values_size = sizeof(struct vm_end_values),
	.defaults = &end_defaults,
	.run = vm_rm_run,
};

/* --- exec --- */

struct vm_exec_values {
	bool interactive, tty;
	char **env;
	const char *user, *workdir;
};

static const struct option_def exec_options[] = {
	{ 'e', "env", OPT_LIST, offsetof(struct vm_exec_values, env), "list", "Set a variable" },
	{ 'i', "interactive", OPT_FLAG, offsetof(struct vm_exec_values, interactive), NULL,
		"Keep stdin open" },
	{ 't', "tty", OPT_FLAG, offsetof(struct vm_exec_values, tty), NULL, "Give it a terminal" },
	{ 'u', "user", OPT_STRING, offsetof(struct vm_exec_values, user), "string",
		"User: name or id[:group]" },
	{ 'w', "workdir", OPT_STRING, offsetof(struct vm_exec_values, workdir), "string",
		"Directory it starts in" },
	{ 0 },
};

static int vm_exec_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct vm_exec_values *v = values;
	int exit_code = 0;
	const struct vm_exec_options o = { .command = argv + 1,
		.env = v->env,
		.user = v->user,
		.workdir = v->workdir,
		.tty = v->tty,
		.interactive = v->interactive };
	OPEN_MACHINES;
	if (v->tty && v->interactive && !isatty(STDIN_FILENO))
		return err_set(err, ENOTTY, "the input device is not a TTY");
	int rc = machine_open(cli, &u, err);
	if (rc >= 0)
		rc = vm_exec(&u.host, argv[0], &o, &exit_code, err);
	return rc < 0 ? rc : exit_code;
}

const struct command cmd_vm_exec = {
	.name = "vm exec",
	.group = GROUP_MANY,
	.usage = "[OPTIONS] VM COMMAND [ARG...]",
	.summary = "Run one more program in a running virtual machine",
	.example = "minictr vm exec -it web sh",
	.min_args = 2,
	.max_args = ANY_ARGS,
	.stop_at_operand = true,
	.options = exec_options,
	.values_size = sizeof(struct vm_exec_values),
	.run = vm_exec_run,
};

/* --- logs --- */

struct vm_logs_values {
	bool follow, timestamps, console;
	const char *tail;
};

static const struct option_def logs_options[] = {
	{ 0, "console", OPT_FLAG, offsetof(struct vm_logs_values, console), NULL,
		"What the guest's kernel said instead" },
	{ 'f', "follow", OPT_FLAG, offsetof(struct vm_logs_values, follow), NULL, "Go on with what comes" },
	{ 'n', "tail", OPT_STRING, offsetof(struct vm_logs_values, tail), "string",
		"Only the last lines (all)" },
	{ 't', "timestamps", OPT_FLAG, offsetof(struct vm_logs_values, timestamps), NULL,
		"Each line with its time" },
	{ 0 },
};

static int print_console(struct vm_host *h, const struct container *c, struct mc_err *err)
{
	_cleanup_buf_ struct buf b = { 0 };
	_cleanup_free_ char *path = container_path(&h->machines, c->id, "console");
	int rc = file_read(AT_FDCWD, path, 64 << 20, &b, err);
	if (rc >= 0)
		fwrite(b.data ? b.data : "", 1, b.len, stdout);
	return rc;
}

static int vm_logs_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct vm_logs_values *v = values;
	struct logs_options o = { .follow = v->follow, .timestamps = v->timestamps, .tail = -1 };
	_cleanup_container_ struct container c = { 0 };
	OPEN_MACHINES;
	if (v->tail && !str_eq(v->tail, "all") && (parse_i64(v->tail, &o.tail) < 0 || o.tail < -1))
		return err_set(err, EINVAL, "invalid value for --tail: '%s': a number or 'all'", v->tail);
	int rc = machine_open(cli, &u, err);
	if (rc >= 0)
		rc = vm_find(&u.host, argv[0], &c, err);
	if (rc < 0)
		return rc;
	return v->console ? print_console(&u.host, &c, err)
			  : container_logs_print(&u.host.machines, c.id, &o, err);
}

const struct command cmd_vm_logs = {
	.name = "vm logs",
	.group = GROUP_MANY,
	.usage = "[OPTIONS] VM",
	.summary = "Show what a virtual machine's program has written",
	.example = "minictr vm logs -f web\nminictr vm logs --console web",
	.min_args = 1,
	.max_args = 1,
	.options = logs_options,
	.values_size = sizeof(struct vm_logs_values),
	.run = vm_logs_run,
};

/* --- info --- */

struct vm_info_values {
	const char *kernel;
};

static const struct option_def info_options[] = {
	{ 0, "kernel", OPT_STRING, offsetof(struct vm_info_values, kernel), "path", "Look at this kernel" },
	{ 0 },
};

/* Says each lack; the exit status is 1 when one keeps machines from running. */
static int vm_info_run(struct cli *cli, const void *values, int argc, char **argv, struct mc_err *err)
{
	const struct vm_info_values *v = values;
	_cleanup_free_ char *qemu = NULL;
	_cleanup_guest_kernel_ struct guest_kernel k = { 0 };
	struct mc_err lack = { 0 };
	const char *why;
	int status = 0;
	enum accelerator a = accelerator_detect(&why);
	if (qemu_find(&qemu, &lack) < 0)
		status = 1;
	printf("qemu:         %s%s%s\n", qemu ? qemu : lack.what, qemu ? "" : "; ", qemu ? "" : lack.hint);
	lack = (struct mc_err){ 0 };
	if (guest_kernel_find(v->kernel, &k, &lack) < 0)
		status = 1;
	printf("kernel:       %s%s%s\n", k.image ? k.image : lack.what, k.image ? "" : "; ",
		k.image ? "" : lack.hint);
	printf("accelerator:  %s\n              %s\n", accelerator_name(a), why);
	return status;
}

const struct command cmd_vm_info = {
	.name = "vm info",
	.group = GROUP_MANY,
	.usage = "[OPTIONS]",
	.summary = "What virtual machines would run with here: qemu, kernel, accelerator",
	.example = "minictr vm info",
	.options = info_options,
	.values_size = sizeof(struct vm_info_values),
	.run = vm_info_run,
};
