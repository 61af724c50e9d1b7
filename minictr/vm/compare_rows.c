/*
 * compare_rows.c - what the rows of a comparison mean: titles, units, one plain sentence each.
 *
 * The published figures are from A. Agache et al., "Firecracker: Lightweight Virtualization for Serverless
 * Applications", NSDI 2020: a monitor made for speed, on servers with hardware virtualisation. They stand
 * beside our own numbers, marked as published: nothing here has measured them.
 */
#include "vm/measure.h"

const char compare_source[] = "published, not measured here: Agache et al., Firecracker, NSDI 2020";

/* clang-format off */
const struct compare_row compare_rows[] = {
	{ "first", "start to first instruction", "ms", true, true,
		"A container is a process with its own view: starting one is some system calls. A machine boots a kernel first.",
		"at most 125 ms to user code" },
	{ "end", "start to exit", "ms", true, true,
		"The same until all of it is gone again; the machine has a kernel to shut down.", NULL },
	{ "command", "your command, to its exit", "ms", true, false,
		"What you asked for, start and end included.", NULL },
	{ "memory", "memory the host gives", "MiB", true, true,
		"Shared pages counted once. The machine's number holds a whole kernel, qemu, and with emulation its translated code.",
		"less than 5 MiB for each machine, beside the guest's own memory" },
	{ "disk", "disk for the first one", "MiB", false, false,
		"Both start from one image; the machine needs it as a file system of its own, and a kernel with drivers.", NULL },
	{ "ten", "disk for ten, 1 MiB each", "MiB", false, true,
		"Containers share the image's layers, ten times one file is all they add. Ten separate disks share nothing.", NULL },
	{ "release", "kernel release inside", "", false, false,
		"uname(2) inside a container is answered by the host's own kernel.", NULL },
	{ "boot", "boot id inside", "", false, false,
		"A random number that each kernel makes when it starts: the same number is the same kernel.", NULL },
	{ "processes", "processes the host has", "", false, false,
		"The probe and its 5 children: the host schedules, sees and can kill each of them, or sees qemu only.", NULL },
	{ "visible", "seen in the host's /proc", "", false, false,
		"What root on the host can look into without any tool.", NULL },
	{ "calls", "system calls the host serves", "", false, true,
		"For the same work of the probe. Each call is a way into the host's kernel; the guest's calls end in its own.", NULL },
	{ "kinds", "different ones among them", "", false, false,
		"The width of the wall: a filter can narrow it for both.", NULL },
	{ "cpu", "a CPU loop", "ms", true, true,
		"Plain arithmetic runs at full speed in both, unless the processor is emulated.", NULL },
	{ "file", "write and read 16 MiB", "ms", true, false,
		"The container's write is the host's write; the machine's goes through two kernels and a virtual disk.", NULL },
	{ "bomb", "neighbour under a fork bomb", "%", false, false,
		"The speed of a process beside it, 100 in peace. The container had --pids-limit 200 (chapter 3); without a limit its bomb fills the host's own process table.", NULL },
	{ "bombed", "processes the bomb got", "", false, false,
		"The limit stopped the container's bomb; the machine's bomb filled its own kernel only.", NULL },
	{ "hog", "memory that a hog got", "MiB", false, false,
		"Each can take what it was given: the container its --memory 64m, the machine the memory it was started with.", NULL },
	{ "hogged", "how the hog ended", "", false, false,
		"137 is SIGKILL: the kernel that ran out of its limit killed it, the host's or the guest's.", NULL },
	{ "fit", "how many fit", "", true, true,
		"Started one after the other until the memory budget or the time was used up.", NULL },
	{ "rate", "of them started a second", "/s", true, false,
		"Why services that scale in seconds use containers, or machines made for it.", "150 machines a second on one host" },
};
/* clang-format on */
const size_t compare_rows_count = ARRAY_LEN(compare_rows);

const struct json *compare_find(const struct json *doc, const char *key)
{
	const struct json *rows = json_member(doc, "rows");
	for (size_t i = 0; i < json_len(rows); i++)
		if (str_eq(json_text_of(json_member(json_item(rows, i), "key")), key))
			return json_item(rows, i);
	return NULL;
}

bool compare_number(const struct json *row, const char *side, double *ret)
{
	struct mc_err ignored = { 0 };
	return row && json_get_double(row, ret, &ignored, "%s", side) > 0;
}

int compare_check(const struct json *doc, struct mc_err *err)
{
	static const char *const texts[] = { "image", "accelerator", "accelerator_why", "host_release",
		"time" };
	uint64_t version = 0;
	const char *text;
	size_t n = 0;
	int rc = json_get_u64(doc, &version, err, "version");
	if (rc > 0 && version != 1)
		return err_set(err, EINVAL, "a comparison of version %llu: this program knows version 1",
			(unsigned long long)version);
	for (size_t i = 0; rc > 0 && i < ARRAY_LEN(texts); i++)
		rc = json_get_string(doc, &text, err, "%s", texts[i]);
	if (rc > 0)
		rc = json_get_array(doc, &n, err, "rows");
	if (rc == 0)
		return err_set(err, EINVAL, "no comparison: version, image, accelerator or rows are missing");
	for (size_t i = 0; rc >= 0 && i < n; i++) {
		double number;
		rc = json_get_string(doc, &text, err, "rows[%zu].key", i);
		for (int side = 0; rc >= 0 && side < SIDES; side++) {
			rc = json_get_double(doc, &number, err, "rows[%zu].%s", i, side_names[side]);
			if (rc >= 0)
				rc = json_get_string(
					doc, &text, err, "rows[%zu].%s_text", i, side_names[side]);
		}
	}
	return rc < 0 ? rc : 0;
}
