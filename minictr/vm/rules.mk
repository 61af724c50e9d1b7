# `minictr vm`, `minictr compare`; and the first program of every virtual machine, static: it has nothing beside it; and the
# program that runs on both sides of a comparison.
PROGRAMS += minictr-vm minictr-guest minictr-compare-probe
minictr-vm_main := cli/vm/vm_main
minictr-vm_libs := -lm -ljson-c -larchive -lcrypto -lpthread
minictr-guest_main := vm/guest/guest_main
minictr-compare-probe_main := vm/compare_probe_main
minictr-compare-probe_ldflags := $(STATIC)
minictr-guest_ldflags := $(STATIC)

# A kernel for virtual machines without installing one: unpacked beside the executables, where `vm run` finds it.
vm-kernel:
	@sh minictr/vm/scripts/kernel.sh $(O)/vm-kernel
.PHONY: vm-kernel
