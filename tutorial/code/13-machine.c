/*
 * 13-machine.c: the smallest virtual machine. One processor, 4 KiB of
 * memory, one instruction: hlt. Needs /dev/kvm.
 * Build: gcc -o machine 13-machine.c
 */
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

int main(void)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0) {
		perror("no /dev/kvm for us");
		return 1;
	}
	/* Descriptor 2: the machine. Descriptor 3: its processor. */
	int vm = ioctl(kvm, KVM_CREATE_VM, 0),
		cpu = ioctl(vm, KVM_CREATE_VCPU, 0);
	/* The guest's memory is a page of ours: it believes that it begins
	 * at address 0. */
	unsigned char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct kvm_userspace_memory_region region = { .memory_size = 4096,
		.userspace_addr = (unsigned long)memory };
	ioctl(vm, KVM_SET_USER_MEMORY_REGION, &region);
	memory[0] = 0xf4;
	struct kvm_sregs segments;
	ioctl(cpu, KVM_GET_SREGS, &segments);
	segments.cs.base = segments.cs.selector = 0;
	ioctl(cpu, KVM_SET_SREGS, &segments);
	ioctl(cpu, KVM_SET_REGS, &(struct kvm_regs){ .rip = 0, .rflags = 2 });
	/* The kernel and we share a page about this processor: there it says
	 * why the guest came back. */
	struct kvm_run *run =
		mmap(NULL, (size_t)ioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, 0),
			PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	int rc = run == MAP_FAILED ? -1 : ioctl(cpu, KVM_RUN, 0);
	printf("KVM_RUN gave %d, exit reason %u (KVM_EXIT_HLT is %d)\n", rc,
		rc < 0 ? 0 : run->exit_reason, KVM_EXIT_HLT);
	return rc < 0 || run->exit_reason != KVM_EXIT_HLT;
}
