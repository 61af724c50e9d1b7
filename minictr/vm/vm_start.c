/*
 * vm_start.c - `vm run`: the steps from an image's name to a machine that boots.
 *
 * Compare with engine/start.c, the same road for a container. There the kernel is the host's and each step
 * makes a wall within it; here the steps gather the parts of a computer: a kernel, its drivers, a disk, a
 * first program. Order and why: the table. What can be refused is refused before anything is made.
 */
#include "vm/vm.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/program.h"
#include "base/road.h"
#include "engine/draft.h"
#include "engine/names.h"
#include "engine/spec/options.h"
#include "engine/volumes.h"
#include "vm/channel.h"
#include "vm/guest_disk.h"

static road_run check_options, find_kernel, get_image, draft_record, make_disk, choose_drivers,
	make_directory, plan_shares, write_initramfs, claim_name, plan_qemu, save_record, start_monitor;
static road_undo remove_directory, free_name;
static road_needed has_volumes;

static const struct road_step steps[] = {
	{ check_options, NULL, NULL, "vm.options", 13, "what is wrong is refused before anything is made" },
	{ find_kernel, NULL, NULL, "vm.kernel", 13,
		"a machine brings its own kernel; a container uses ours" },
	{ get_image, NULL, NULL, "vm.image", 13, "the same image that `run` starts as a container" },
	{ draft_record, NULL, NULL, "vm.draft", 13, "entrypoint, variables, user: as for a container" },
	{ make_disk, NULL, NULL, "vm.disk", 13, "the guest's kernel knows disks, not our directories" },
	{ choose_drivers, NULL, NULL, "vm.drivers", 13, "a kernel without its drivers sees no disk" },
	{ make_directory, remove_directory, NULL, "vm.directory", 13,
		"before the name: a name without a directory counts as left over" },
	{ claim_name, free_name, NULL, "vm.name", 13, "symlink(2) fails when the name is taken: no race" },
	{ plan_shares, NULL, has_volumes, "vm.shares", 13,
		"a directory crosses as messages, not as a mount" },
	{ write_initramfs, NULL, NULL, "vm.initramfs", 13,
		"the first file system: our init and the drivers" },
	{ plan_qemu, NULL, NULL, "vm.machine", 13, "processor, memory, disk, one port to us, nothing else" },
	{ save_record, NULL, NULL, "vm.record", 13, "lists show it from here on" },
	{ start_monitor, NULL, NULL, "vm.power", 13,
		"qemu runs as our child; the host sees this one process and none of the guest's" },
};
/* `vm run --dry-run` goes as far as the command line. */
enum { STEPS_RECORD = ARRAY_LEN(steps) - 2 };

int vm_host_open(struct vm_host *h, struct engine *e, struct mc_err *err)
{
	*h = (struct vm_host){ .engine = e };
	_cleanup_free_ char *root = xasprintf("%s/vm", e->root);
	/* Made by us with the engine's own mode, so that opening it as an engine finds it private. */
	int rc = dir_make(e->dir, "vm", 0700, err);
	if (rc >= 0)
		rc = engine_open(&h->machines, root, err);
	if (rc >= 0)
		rc = engine_store(e, err);
	return rc < 0 ? rc : 0;
}

void vm_host_close(struct vm_host *h) { engine_close(&h->machines); }

static void vm_release(struct vm *vm)
{
	for (size_t i = 0; i < vm->n_shares; i++) {
		free(vm->shares[i].source);
		free(vm->shares[i].target);
		free(vm->shares[i].tag);
	}
	free(vm->shares);
	free(vm->dir);
	free(vm->disk);
	json_free(vm->spec);
	buf_release(&vm->start);
	strv_free(vm->qemu);
	close_fd(vm->pin);
	guest_kernel_release(&vm->kernel);
	guest_modules_release(&vm->modules);
	image_free(&vm->image);
	container_release(&vm->c);
}

static int walk(struct vm *vm, size_t n, struct mc_err *err)
{
	random_hex(vm->c.id, CONTAINER_ID_LEN / 2);
	vm->pin = -1;
	return road_walk(steps, n, vm, err);
}

int vm_start(
	struct vm_host *h, const struct vm_options *o, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err)
{
	struct vm vm = { .host = h, .options = o };
	int rc = walk(&vm, ARRAY_LEN(steps), err);
	snprintf(ret_id, CONTAINER_ID_LEN + 1, "%s", vm.c.id);
	vm_release(&vm);
	return rc < 0 ? rc : 0;
}

int vm_plan(struct vm_host *h, const struct vm_options *o, char ***ret_argv, struct mc_err *err)
{
	struct vm vm = { .host = h, .options = o };
	int rc = walk(&vm, STEPS_RECORD, err);
	if (rc >= 0)
		*ret_argv = take_ptr(&vm.qemu);
	if (rc >= 0) {
		free_name(&vm);
		remove_directory(&vm);
	}
	vm_release(&vm);
	return rc < 0 ? rc : 0;
}

/* --- the steps --- */

static int check_options(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	const struct vm_options *o = vm->options;
	_cleanup_free_ char *qemu = NULL;
	uint64_t least = (uint64_t)VM_MEMORY_MIN << 20;
	if (o->run.memory && o->run.memory < least) {
		err_set(err, EINVAL,
			"--memory: %llu MiB is too little for a kernel of its own: %d MiB at least",
			(unsigned long long)(o->run.memory >> 20), VM_MEMORY_MIN);
		return err_exit(err, 125);
	}
	int rc = qemu_find(&qemu, err);
	if (rc >= 0)
		rc = accelerator_parse(o->accel, &vm->accelerator, &vm->accelerator_why, err);
	return rc < 0 ? rc : options_check(&o->run, err);
}

static int find_kernel(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	int rc = guest_kernel_find(vm->options->kernel, &vm->kernel, err);
	return rc < 0 ? rc : guest_modules_open(&vm->kernel, &vm->modules, err);
}

static int get_image(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	const struct run_options *o = &vm->options->run;
	struct image_wish wish = { .name = o->image,
		.platform = o->platform,
		.pull = o->pull,
		.quiet = o->quiet_pull,
		.absent = o->image_absent };
	int rc = ensure_image(vm->host->engine, &wish, &vm->image, &vm->pin, err);
	return rc < 0 ? rc : options_check_platform(o, vm->image.config, err);
}

static int draft_record(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	_cleanup_id_maps_ struct id_maps ids = { 0 };
	int rc = draft_container(vm->host->engine, &vm->options->run, &vm->image, &vm->c, &ids, err);
	if (rc >= 0)
		rc = vm_spec(vm->host, &vm->c, &vm->spec, err);
	if (rc >= 0)
		vm_start_words(vm->spec, vm->options->run.interactive, &vm->start);
	return rc;
}

static int make_disk(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	return guest_disk_make(vm->host->engine, &vm->image, &vm->disk, err);
}

/* The driver that the machine cannot do without, or a sentence. */
static int require(struct vm *vm, const char *module, struct mc_err *err)
{
	int rc = guest_modules_add(&vm->modules, module, err);
	if (rc != 0)
		return rc;
	err_set(err, ENOTSUP, "the kernel %s has no driver %s: it cannot be a guest", vm->kernel.release,
		module);
	err_hint(err, "--kernel takes another one; the package linux-image-cloud-amd64 is made for guests");
	return err_exit(err, 125);
}

static int choose_drivers(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	bool network = vm->options->network || json_len(json_member(vm->c.host, "PortBindings"));
	int rc = require(vm, "virtio_pci", err);
	if (rc > 0)
		rc = require(vm, "virtio_console", err);
	if (rc > 0)
		rc = require(vm, "ext4", err);
	/* ext4 asks for it by name at mount; no "depends=" tells. Kernels that have it built in say so. */
	if (rc > 0)
		rc = guest_modules_add(&vm->modules, "crc32c_generic", err);
	if (rc >= 0)
		rc = guest_modules_add(&vm->modules, "nvme", err);
	vm->disk_device = rc > 0 ? "/dev/nvme0n1" : "/dev/vda";
	if (rc == 0)
		rc = require(vm, "virtio_blk", err);
	if (rc > 0 && network)
		rc = require(vm, "virtio_net", err);
	return rc < 0 ? rc : 0;
}

static int make_directory(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	_cleanup_free_ char *dir = xasprintf("containers/%s", vm->c.id);
	_cleanup_free_ char *run = engine_run_path(&vm->host->machines, vm->c.id);
	vm->dir = container_path(&vm->host->machines, vm->c.id, ".");
	vm->dir[strlen(vm->dir) - 2] = '\0';
	int rc = dir_make(vm->host->machines.dir, dir, 0700, err);
	return rc < 0 ? rc : dir_make(AT_FDCWD, run, 0700, err);
}

static void remove_directory(void *trip)
{
	struct vm *vm = trip;
	vm_forget(vm->host, &vm->c);
}

static int claim_name(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	const char *name = vm->options->run.name;
	int rc = name ? name_claim(&vm->host->machines, name, vm->c.id, err)
		      : name_claim_new(&vm->host->machines, vm->c.id, &vm->c.name, err);
	if (rc >= 0 && name)
		vm->c.name = xstrdup(name);
	return rc;
}

static void free_name(void *trip)
{
	struct vm *vm = trip;
	if (vm->c.name)
		name_free(&vm->host->machines, vm->c.name, vm->c.id);
}

static bool has_volumes(const void *trip) { return ((const struct vm *)trip)->options->run.volumes != NULL; }

static int add_share(struct vm *vm, const struct json *point, struct mc_err *err)
{
	const char *source = json_text_of(json_member(point, "Source"));
	const char *target = json_text_of(json_member(point, "Destination"));
	struct stat st;
	bool rw = true;
	struct mc_err ignored = { 0 };
	json_get_bool(point, &rw, &ignored, "RW");
	if (!source || !target || json_member(point, "Anonymous"))
		return 0;
	if (stat(source, &st) < 0 && str_eq(json_text_of(json_member(point, "Type")), "bind"))
		dir_make(AT_FDCWD, source, 0755, &ignored);
	if (stat(source, &st) < 0 || !S_ISDIR(st.st_mode)) {
		err_set(err, ENOTDIR, "-v %s: a virtual machine can be given directories only", source);
		return err_exit(err, 125);
	}
	if (strpbrk(target, "\t\n"))
		return err_set(err, EINVAL, "-v: a tab or a line end in the path %s", target);
	vm->shares = xrealloc(vm->shares, (vm->n_shares + 1) * sizeof(*vm->shares));
	vm->shares[vm->n_shares] = (struct vm_share){ xstrdup(source), xstrdup(target),
		xasprintf("share%zu", vm->n_shares), !rw };
	vm->n_shares++;
	return 0;
}

static int plan_shares(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	struct json *points = json_sub(vm->c.doc, "Mounts");
	_cleanup_close_ int store = volume_store_open(vm->host->engine->dir, err);
	_cleanup_close_ int lock = store < 0 ? store : volume_store_lock(store, err);
	int rc = lock < 0 ? lock : volumes_make(vm->host->engine, store, points, err);
	if (rc >= 0)
		rc = qemu_choose_share(vm, err);
	for (size_t i = 0; rc >= 0 && i < json_len(points); i++)
		rc = add_share(vm, json_item(points, i), err);
	return rc;
}

/* --- the initramfs --- */

static int add_host_file(struct buf *archive, const char *from, const char *path, struct mc_err *err)
{
	_cleanup_buf_ struct buf content = { 0 };
	int rc = file_read(AT_FDCWD, from, 64 << 20, &content, err);
	if (rc >= 0)
		initramfs_file(archive, path, 0755, content.data, content.len);
	return rc;
}

static int add_modules(struct vm *vm, struct buf *archive, struct buf *conf, struct mc_err *err)
{
	int rc = 0;
	initramfs_dir(archive, "mods");
	for (size_t i = 0; rc >= 0 && vm->modules.chosen && vm->modules.chosen[i]; i++) {
		_cleanup_buf_ struct buf content = { 0 };
		_cleanup_free_ char *name = xasprintf("mods/%zu.ko", i);
		rc = guest_module_read(vm->modules.chosen[i], &content, err);
		if (rc >= 0)
			initramfs_file(archive, name, 0644, content.data, content.len);
		buf_addf(conf, "module\t/%s\n", name);
	}
	return rc;
}

static int add_given_files(struct vm *vm, struct buf *archive, struct buf *conf, struct mc_err *err)
{
	int rc = 0;
	for (size_t i = 0; rc >= 0 && vm->options->files && vm->options->files[i]; i++) {
		_cleanup_free_ char *from = xstrdup(vm->options->files[i]), *name = xasprintf("file%zu", i);
		char *to = strrchr(from, ':');
		if (!to)
			continue;
		*to++ = '\0';
		rc = add_host_file(archive, from, name, err);
		buf_addf(conf, "file\t/%s\t%s\n", name, to);
	}
	return rc;
}

static void add_settings(struct vm *vm, struct buf *conf)
{
	const char *hostname = json_text_of(json_member(vm->spec, "hostname"));
	buf_addf(conf, "channel\nroot\t%s\nhostname\t%s\n", vm->disk_device, hostname ? hostname : "vm");
	for (size_t i = 0; i < vm->n_shares; i++)
		buf_addf(conf, "share\t%s\t%s\t%s\t%s\n", vm->shares[i].tag, vm->virtiofs ? "virtiofs" : "9p",
			vm->shares[i].target, vm->shares[i].readonly ? "ro" : "rw");
	if (vm->options->network || json_len(json_member(vm->c.host, "PortBindings")))
		buf_adds(conf, "address\t10.0.2.15\t10.0.2.2\t10.0.2.3\n");
}

static int write_initramfs(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	_cleanup_buf_ struct buf archive = { 0 }, conf = { 0 };
	_cleanup_free_ char *guest = NULL, *path = xasprintf("%s/initramfs", vm->dir);
	static const char *const dirs[] = { "dev", "proc", "sys", "image" };
	int rc = program_path("minictr-guest", &guest, err);
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
		initramfs_dir(&archive, dirs[i]);
	/* The kernel opens it as standard output of /init before any file system is mounted. */
	initramfs_device(&archive, "dev/console", 5, 1);
	if (rc >= 0)
		rc = add_host_file(&archive, guest, "init", err);
	if (rc >= 0)
		rc = add_modules(vm, &archive, &conf, err);
	if (rc >= 0)
		rc = add_given_files(vm, &archive, &conf, err);
	if (rc < 0)
		return rc;
	add_settings(vm, &conf);
	initramfs_file(&archive, "boot.conf", 0644, conf.data, conf.len);
	initramfs_end(&archive);
	return file_write_atomic(AT_FDCWD, path, archive.data, archive.len, 0600, 0, err);
}

/* --- the machine --- */

static int plan_qemu(void *trip, struct mc_err *err) { return qemu_command(trip, err); }

static int save_record(void *trip, struct mc_err *err)
{
	struct vm *vm = trip;
	struct json *about = json_sub(vm->c.doc, "VM");
	json_set_string(about, "Kernel", vm->kernel.image);
	json_set_string(about, "KernelRelease", vm->kernel.release);
	json_set_string(about, "Accelerator", vm->accelerator == ACCELERATOR_KVM ? "kvm" : "tcg");
	json_set_string(about, "AcceleratorWhy", vm->accelerator_why);
	json_set_string(about, "Disk", vm->disk);
	json_set_strv(about, "Command", vm->qemu);
	return container_save(&vm->host->machines, &vm->c, err);
}

static int start_monitor(void *trip, struct mc_err *err) { return vm_monitor_start(trip, err); }
