/*
 * kvm.c - the loop that every virtual machine monitor has at its heart.
 *
 * The kernel lets the guest run on the real processor until it does what it may not do alone: touch a
 * device, or halt. Then KVM_RUN returns, and we play the device. qemu is this loop with ten thousand
 * devices. Compare with clone3(2) in runtime/namespace.c: there the host's kernel itself serves the
 * program's system calls; here the guest makes no system call at all, and what reaches us is one byte
 * for one port. Documentation/virt/kvm/api.rst, sections "KVM_RUN" and "The kvm_run structure".
 */
#include "vm/kvm.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

enum { MEMORY = 64 << 10 };

/*
 * Runs the guest behind vcpu until it executes HLT (KVM_EXIT_HLT): then 0. While it runs,
 * - each byte that it writes to port KVM_SERIAL is appended to *out, in order; one exit may carry several
 *   items (run->io.count) of several bytes (run->io.size), which begin at run->io.data_offset;
 * - a read of port KVM_SERIAL_STATUS is answered with KVM_SERIAL_READY, a read of any other port with 0xff
 *   in each byte; writes to other ports have no effect;
 * - a signal (EINTR) changes nothing: the guest goes on.
 * Any other exit reason ends it with -EIO; a KVM_RUN that fails with -errno.
 * Lab 13.5: the guest runs until it needs us; what it needs stands in *run.
 */
int kvm_loop(int vcpu, struct kvm_run *run, struct buf *out, struct mc_err *err)
{
	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(err, "ioctl(KVM_RUN)");
		}
		if (run->exit_reason == KVM_EXIT_HLT)
			return 0;
		if (run->exit_reason != KVM_EXIT_IO)
			return err_set(err, EIO, "the guest stopped: KVM exit reason %u", run->exit_reason);
		/* The data lie behind the structure, in the same shared pages. */
		unsigned char *data = (unsigned char *)run + run->io.data_offset;
		size_t len = (size_t)run->io.size * run->io.count;
		if (run->io.direction == KVM_EXIT_IO_IN)
			memset(data, run->io.port == KVM_SERIAL_STATUS ? KVM_SERIAL_READY : 0xff, len);
		else if (run->io.port == KVM_SERIAL)
			buf_add(out, data, len);
	}
}

#if defined(__x86_64__)
/* Real mode, as a processor is after power on, but with all segments at 0. */
static int set_registers(int vcpu, struct mc_err *err)
{
	struct kvm_sregs s;
	struct kvm_regs r = { .rip = KVM_CODE_AT, .rsp = MEMORY - 16, .rflags = 2 };
	if (ioctl(vcpu, KVM_GET_SREGS, &s) < 0)
		return err_sys(err, "ioctl(KVM_GET_SREGS)");
	struct kvm_segment *segments[] = { &s.cs, &s.ds, &s.es, &s.ss };
	for (size_t i = 0; i < ARRAY_LEN(segments); i++) {
		segments[i]->base = 0;
		segments[i]->selector = 0;
	}
	if (ioctl(vcpu, KVM_SET_SREGS, &s) < 0 || ioctl(vcpu, KVM_SET_REGS, &r) < 0)
		return err_sys(err, "ioctl(KVM_SET_REGS)");
	return 0;
}
#else
static int set_registers(int vcpu, struct mc_err *err)
{
	return err_set(err, ENOTSUP, "the tiny guest is x86 code: this processor is another one");
}
#endif

static int make_machine(struct kvm_machine *m, int kvm, struct mc_err *err)
{
	m->vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (m->vm < 0)
		return err_sys(err, "ioctl(KVM_CREATE_VM)");
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = 0, .memory_size = MEMORY, .userspace_addr = (uint64_t)(uintptr_t)m->memory
	};
	if (ioctl(m->vm, KVM_SET_USER_MEMORY_REGION, &region) < 0)
		return err_sys(err, "ioctl(KVM_SET_USER_MEMORY_REGION)");
	m->vcpu = ioctl(m->vm, KVM_CREATE_VCPU, 0);
	if (m->vcpu < 0)
		return err_sys(err, "ioctl(KVM_CREATE_VCPU)");
	int size = ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	m->run = size <= 0 ? MAP_FAILED
			   : mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE, MAP_SHARED, m->vcpu, 0);
	if (m->run == MAP_FAILED)
		return err_sys(err, "mmap of the processor's page");
	m->run_size = (size_t)size;
	return set_registers(m->vcpu, err);
}

int kvm_machine_open(struct kvm_machine *m, const void *code, size_t len, struct mc_err *err)
{
	*m = (struct kvm_machine){ .vm = -1, .vcpu = -1, .run = MAP_FAILED };
	if (len > MEMORY - KVM_CODE_AT)
		return err_set(err, E2BIG, "%zu bytes of code do not fit into the machine's memory", len);
	_cleanup_close_ int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		err_sys(err, "open(\"/dev/kvm\")");
		return err_hint(err,
			"virtualisation is off in the firmware, the module kvm_intel or kvm_amd is "
			"not loaded, or you are not in the group kvm");
	}
	m->memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->memory == MAP_FAILED)
		return err_sys(err, "mmap of the machine's memory");
	memcpy(m->memory + KVM_CODE_AT, code, len);
	int rc = make_machine(m, kvm, err);
	if (rc < 0)
		kvm_machine_close(m);
	return rc;
}

void kvm_machine_close(struct kvm_machine *m)
{
	if (m->run && m->run != MAP_FAILED)
		munmap(m->run, m->run_size);
	if (m->memory && m->memory != MAP_FAILED)
		munmap(m->memory, MEMORY);
	close_fd(m->vcpu);
	close_fd(m->vm);
	*m = (struct kvm_machine){ .vm = -1, .vcpu = -1 };
}
