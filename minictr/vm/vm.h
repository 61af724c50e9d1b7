/*
 * vm.h - the same image that `run` starts as a container, in a virtual machine.
 *
 * A machine's record has the shape of a container's (engine/container.h) and is kept in an engine directory
 * of its own, ROOT/vm, so that lists, names, logs and states are the engine's. Its process 1 on the host is
 * qemu; beside it stands a monitor (vm_monitor.c) that holds the wire to the guest.
 * Typical: struct vm_host h; vm_host_open(&h, &engine, &err); vm_start(&h, &options, id, &err);
 * vm_attach(&h, id, ...); vm_host_close(&h);
 */
#ifndef MC_VM_VM_H
#define MC_VM_VM_H

#include "engine/run.h"
#include "vm/accelerator.h"
#include "vm/guest_kernel.h"

enum { VM_MEMORY_DEFAULT = 256, VM_MEMORY_MIN = 96, VM_BOOT_SECONDS = 120, VM_STOP_SECONDS = 10 };

struct vm_host {
	struct engine *engine;  /* images and volumes; borrowed */
	struct engine machines; /* ROOT/vm: records of machines */
};
int vm_host_open(struct vm_host *h, struct engine *e, struct mc_err *err);
void vm_host_close(struct vm_host *h);
#define _cleanup_vm_host_ __attribute__((cleanup(vm_host_close)))

struct vm_options {
	struct run_options
		run; /* name, image, command, env, workdir, user, hostname, tty, interactive, rm, volumes,
				   memory, publish: as `run` has them */
	const char *kernel; /* file or directory; NULL: guest_kernel_find() looks */
	const char *accel;  /* "kvm", "tcg", "auto" or NULL */
	int cpus;           /* processors of the machine; 0: one */
	bool network;       /* a card behind qemu's user network; -p means it too */
	char **files;       /* "FROM:TO": files of the host, copied into the guest's file system */
};

/* A machine about to run: what the steps of vm_start.c fill in, and qemu.c and vm_monitor.c read. */
struct vm_share {
	char *source, *target, *tag; /* owned */
	bool readonly;
};
struct vm {
	struct vm_host *host;
	const struct vm_options *options;
	struct container c; /* the record */
	struct image image;
	int pin; /* the image stays until its disk is made */
	struct guest_kernel kernel;
	struct guest_modules modules;
	enum accelerator accelerator;
	const char *accelerator_why;
	char *dir;               /* ROOT/vm/containers/ID; owned */
	char *disk;              /* the image's disk; owned */
	const char *disk_device; /* as the guest's kernel names it */
	struct vm_share *shares; /* owned */
	size_t n_shares;
	bool virtiofs;     /* else 9p */
	struct json *spec; /* config.json, as for a container; owned */
	struct buf start;  /* FRAME_START of the image's program */
	char **qemu;       /* argv; owned */
};

/*
 * Boots a machine and returns once its monitor stands and qemu runs. ret_id is its id. The boot goes on:
 * vm_attach() sees it through. On failure nothing is left behind.
 */
int vm_start(
	struct vm_host *h, const struct vm_options *o, char ret_id[CONTAINER_ID_LEN + 1], struct mc_err *err);
/* The command line of qemu for these options, one word an item; nothing is started. Caller strv_free()s. */
int vm_plan(struct vm_host *h, const struct vm_options *o, char ***ret_argv, struct mc_err *err);

/* --- qemu.c --- */
enum { QEMU_CHANNEL_FD = 3 };
/* The path of qemu; -ENOENT with the package's name. Caller frees. */
int qemu_find(char **ret, struct mc_err *err);
/* Makes vm->qemu of all that is decided. channel_fd is QEMU_CHANNEL_FD. */
int qemu_command(struct vm *vm, struct mc_err *err);
/* Does this kernel have what a -v needs: 9p, else virtiofs (and the host virtiofsd)? Sets vm->virtiofs. */
int qemu_choose_share(struct vm *vm, struct mc_err *err);
char *qemu_virtiofs_socket(const struct vm *vm, size_t share); /* caller frees */

/* --- vm_monitor.c --- */
/* Forks the monitor, which starts qemu. Returns when qemu runs and the record says so. */
int vm_monitor_start(struct vm *vm, struct mc_err *err);

/* --- vm_client.c --- */
struct vm_words; /* what to run, vm_words.c */
/*
 * Carries input and output of session 0 until it ends; *ret_exit its exit code. no_stdin: its input ends at
 * once unless it was made without -i.
 */
int vm_attach(struct vm_host *h, const char *id, bool stdin_too, bool tty, int *ret_exit, struct mc_err *err);
struct vm_exec_options {
	char *const *command, *const *env;
	const char *user, *workdir;
	bool tty, interactive;
};
int vm_exec(struct vm_host *h, const char *name, const struct vm_exec_options *o, int *ret_exit,
	struct mc_err *err);

/* --- vm_life.c --- */
/* container_find(), with "virtual machine" in its words. */
int vm_find(struct vm_host *h, const char *name, struct container *ret, struct mc_err *err);
/* Sends a signal to the image's program in a machine that runs. */
int vm_signal(struct vm_host *h, const struct container *c, int signal, struct mc_err *err);
/* TERM to the image's program, after `seconds` the machine is switched off. */
int vm_stop(struct vm_host *h, const char *name, int seconds, struct mc_err *err);
int vm_remove(struct vm_host *h, const char *name, bool force, struct mc_err *err);
/* Takes away the directory, the name and the sockets of a machine that does not run. */
void vm_forget(struct vm_host *h, const struct container *c);
/* Socket of the monitor. Caller frees. */
char *vm_socket(struct vm_host *h, const char *id);

/* --- vm_words.c --- */
/* FRAME_START of the program that config.json names, for session n. */
void vm_start_words(const struct json *spec, bool input, struct buf *ret);
/* The same with another command, user, directory, more variables: `vm exec`. */
int vm_exec_words(struct vm_host *h, const struct container *c, const struct vm_exec_options *o,
	struct buf *ret, struct mc_err *err);
/* config.json of the record; the users are looked up in the image's own file system. Caller frees *ret. */
int vm_spec(struct vm_host *h, const struct container *c, struct json **ret, struct mc_err *err);

#endif
