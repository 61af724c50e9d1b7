/*
 * qemu.c - the machine: which parts it has, as qemu's command line.
 *
 * A container is a list of namespaces and limits for one kernel; a machine is a list of parts: processor,
 * memory, a disk, a serial line, nothing else (-nodefaults). qemu(1), `qemu-system-x86_64 -device help`.
 * qemu's own system calls are what the host's kernel sees of the guest, so qemu gets a filter of its own
 * (-sandbox): it may not start programs or change its privileges.
 */
#include "vm/vm.h"

#include <unistd.h>

#if defined(__aarch64__)
#define QEMU_PROGRAM "qemu-system-aarch64"
#define QEMU_PACKAGE "qemu-system-arm"
#define QEMU_MACHINE "virt"
#define QEMU_CONSOLE "ttyAMA0"
#else
#define QEMU_PROGRAM "qemu-system-x86_64"
#define QEMU_PACKAGE "qemu-system-x86"
#define QEMU_MACHINE "q35"
#define QEMU_CONSOLE "ttyS0"
#endif

static const char *first_executable(const char *const places[], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (access(places[i], X_OK) == 0)
			return places[i];
	return NULL;
}

int qemu_find(char **ret, struct mc_err *err)
{
	static const char *const places[] = { "/usr/bin/" QEMU_PROGRAM, "/usr/local/bin/" QEMU_PROGRAM };
	const char *found = first_executable(places, ARRAY_LEN(places));
	if (found) {
		*ret = xstrdup(found);
		return 0;
	}
	err_set(err, ENOENT, "a virtual machine needs qemu, and there is no " QEMU_PROGRAM);
	err_hint(err, "install the package " QEMU_PACKAGE);
	return err_exit(err, 125);
}

static const char *virtiofsd(void)
{
	static const char *const places[] = { "/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd",
		"/usr/libexec/qemu/virtiofsd" };
	return first_executable(places, ARRAY_LEN(places));
}

int qemu_choose_share(struct vm *vm, struct mc_err *err)
{
	int rc = guest_modules_add(&vm->modules, "9pnet_virtio", err);
	if (rc > 0)
		rc = guest_modules_add(&vm->modules, "9p", err);
	if (rc != 0)
		return rc < 0 ? rc : 0;
	/* Only root's virtiofsd can lock itself into the directory that it serves. */
	rc = virtiofsd() && geteuid() == 0 && !vm->host->engine->rootless
		     ? guest_modules_add(&vm->modules, "virtiofs", err)
		     : 0;
	vm->virtiofs = rc > 0;
	if (rc != 0)
		return rc < 0 ? rc : 0;
	err_set(err, ENOTSUP, "-v: the guest's kernel %s has no 9p, and virtiofs needs virtiofsd and root",
		vm->kernel.release);
	err_hint(err, "take a generic kernel (linux-image-amd64) with --kernel: it has 9p");
	return err_exit(err, 125);
}

char *qemu_virtiofs_socket(const struct vm *vm, size_t share)
{
	_cleanup_free_ char *run = engine_run_path(&vm->host->machines, vm->c.id);
	return xasprintf("%s/fs%zu", run, share);
}

/* In qemu's option lists a comma in a value is written twice. */
static char *escape(const char *text)
{
	struct buf b = { 0 };
	for (; *text; text++) {
		buf_addc(&b, *text);
		if (*text == ',')
			buf_addc(&b, ',');
	}
	return buf_take(&b);
}

static void add_processor(struct vm *vm)
{
	bool kvm = vm->accelerator == ACCELERATOR_KVM;
	uint64_t mib = vm->options->run.memory ? vm->options->run.memory >> 20 : VM_MEMORY_DEFAULT;
	strv_push(&vm->qemu, "-machine");
	strv_pushf(&vm->qemu, QEMU_MACHINE "%s", vm->virtiofs ? ",memory-backend=ram" : "");
	strv_push(&vm->qemu, "-accel");
	strv_push(&vm->qemu, kvm ? "kvm" : "tcg,thread=multi,tb-size=64");
	strv_push(&vm->qemu, "-cpu");
	strv_push(&vm->qemu, kvm ? "host" : "max");
	strv_push(&vm->qemu, "-smp");
	strv_pushf(&vm->qemu, "%d", vm->options->cpus ? vm->options->cpus : 1);
	strv_push(&vm->qemu, "-m");
	strv_pushf(&vm->qemu, "%llu", (unsigned long long)mib);
	if (vm->virtiofs) { /* the file server reads and writes the guest's memory itself */
		strv_push(&vm->qemu, "-object");
		strv_pushf(&vm->qemu, "memory-backend-memfd,id=ram,size=%lluM,share=on",
			(unsigned long long)mib);
	}
}

static void add_disk(struct vm *vm)
{
	_cleanup_free_ char *path = escape(vm->disk);
	bool nvme = str_starts(vm->disk_device, "/dev/nvme");
	strv_push(&vm->qemu, "-drive");
	/* snapshot: what the guest writes goes to a file without a name and ends with the machine. */
	strv_pushf(&vm->qemu, "file=%s,format=raw,if=none,id=image,snapshot=on", path);
	strv_push(&vm->qemu, "-device");
	strv_push(&vm->qemu, nvme ? "nvme,drive=image,serial=image" : "virtio-blk-pci,drive=image");
}

static void add_shares(struct vm *vm)
{
	for (size_t i = 0; i < vm->n_shares; i++) {
		const struct vm_share *s = &vm->shares[i];
		_cleanup_free_ char *source = escape(s->source), *socket = qemu_virtiofs_socket(vm, i);
		strv_push(&vm->qemu, vm->virtiofs ? "-chardev" : "-fsdev");
		if (vm->virtiofs)
			strv_pushf(&vm->qemu, "socket,id=fs%zu,path=%s", i, socket);
		else
			strv_pushf(&vm->qemu, "local,id=fs%zu,path=%s,security_model=none,multidevs=remap%s",
				i, source, s->readonly ? ",readonly=on" : "");
		strv_push(&vm->qemu, "-device");
		strv_pushf(&vm->qemu,
			vm->virtiofs ? "vhost-user-fs-pci,chardev=fs%zu,tag=%s"
				     : "virtio-9p-pci,fsdev=fs%zu,mount_tag=%s",
			i, s->tag);
	}
}

/* HostConfig's PortBindings: {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}. */
static int add_forwards(const struct json *bindings, struct buf *card, struct mc_err *err)
{
	struct json_iter it = { 0 };
	while (json_next(bindings, &it))
		for (size_t i = 0; i < json_len(it.value); i++) {
			const struct json *one = json_item(it.value, i);
			const char *ip = json_text_of(json_member(one, "HostIp"));
			const char *port = json_text_of(json_member(one, "HostPort"));
			const char *slash = strchr(it.key, '/');
			if (!port || !*port || !slash) {
				err_set(err, EINVAL, "-p %s: name the host's port too, as in -p 8080:80",
					it.key);
				return err_exit(err, 125);
			}
			buf_addf(card, ",hostfwd=%s:%s:%s-:%.*s", slash + 1, ip ? ip : "", port,
				(int)(slash - it.key), it.key);
		}
	return 0;
}

static int add_network(struct vm *vm, struct mc_err *err)
{
	_cleanup_buf_ struct buf card = { 0 };
	const struct json *bindings = json_member(vm->c.host, "PortBindings");
	if (!vm->options->network && !json_len(bindings))
		return 0;
	buf_adds(&card, "user,id=net");
	int rc = add_forwards(bindings, &card, err);
	strv_push(&vm->qemu, "-netdev");
	strv_push(&vm->qemu, card.data);
	strv_push(&vm->qemu, "-device");
	strv_push(&vm->qemu, "virtio-net-pci,netdev=net,romfile=");
	return rc;
}

static void add_channel(struct vm *vm)
{
	strv_push(&vm->qemu, "-device");
	strv_push(&vm->qemu, "virtio-serial-pci");
	strv_push(&vm->qemu, "-chardev");
	strv_pushf(&vm->qemu, "socket,id=host,fd=%d", QEMU_CHANNEL_FD);
	strv_push(&vm->qemu, "-device");
	strv_push(&vm->qemu, "virtserialport,chardev=host,name=minictr");
}

int qemu_command(struct vm *vm, struct mc_err *err)
{
	static const char *const plain[] = { "-nodefaults", "-no-user-config", "-display", "none",
		"-no-reboot" };
	_cleanup_free_ char *qemu = NULL, *dir = escape(vm->dir);
	int rc = qemu_find(&qemu, err);
	if (rc < 0)
		return rc;
	strv_push(&vm->qemu, qemu);
	strv_push(&vm->qemu, "-name");
	strv_pushf(&vm->qemu, "%s", vm->c.name ? vm->c.name : "machine");
	add_processor(vm);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++)
		strv_push(&vm->qemu, plain[i]);
	strv_push(&vm->qemu, "-sandbox");
	strv_push(&vm->qemu, "on,obsolete=deny,elevateprivileges=deny,spawn=deny");
	/* Appended to, so that the monitor can empty it: a guest may write there without end. */
	strv_push(&vm->qemu, "-chardev");
	strv_pushf(&vm->qemu, "file,id=console,append=on,path=%s/console", dir);
	strv_push(&vm->qemu, "-serial");
	strv_push(&vm->qemu, "chardev:console");
	strv_push(&vm->qemu, "-kernel");
	strv_push(&vm->qemu, vm->kernel.image);
	strv_push(&vm->qemu, "-initrd");
	strv_pushf(&vm->qemu, "%s/initramfs", vm->dir);
	strv_push(&vm->qemu, "-append");
	strv_push(&vm->qemu, "console=" QEMU_CONSOLE " panic=-1 quiet");
	add_disk(vm);
	add_shares(vm);
	add_channel(vm);
	return add_network(vm, err);
}
