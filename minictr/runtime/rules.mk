PROGRAMS += minictr-oci
minictr-oci_main := runtime/oci/oci_main
minictr-oci_libs := -lseccomp -lcap -ljson-c
minictr-oci_ldflags := $(STATIC)

# Docker's default filter as ready BPF, for the machine that CC builds for. The generator runs on this one, so HOSTCC compiles it:
# make CC=aarch64-linux-gnu-gcc HOSTCC=gcc
SECCOMP_ARCH ?= $(patsubst x86_64,amd64,$(patsubst aarch64,arm64,$(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))))
seccomp_gen_sources := $(addprefix minictr/runtime/,tail/seccomp_gen_main.c tail/seccomp_compile.c tail/seccomp_resolve.c caps_names.c) \
	$(filter-out %/yaml.c,$(wildcard minictr/base/*.c))  # libyaml of this machine is of no use to it
$(O)/gen/seccomp_gen: $(seccomp_gen_sources) minictr/runtime/tail/seccomp_build.h $(wildcard minictr/base/*.h)
	@mkdir -p $(@D)
	@echo "  HOST $(@F)"
	@$(HOSTCC) $(CPPFLAGS) -std=gnu11 -O1 -w -o $@ $(seccomp_gen_sources) -lseccomp -ljson-c
$(O)/gen/seccomp_default.h: $(O)/gen/seccomp_gen minictr/runtime/tail/seccomp_default.json
	@echo "  GEN  $(@F)"
	@$(O)/gen/seccomp_gen minictr/runtime/tail/seccomp_default.json $(SECCOMP_ARCH) >$@.new && mv $@.new $@
$(O)/obj/runtime/tail/seccomp_profile.o: $(O)/gen/seccomp_default.h

# Asks systemd for scopes; only where its library is installed.
ifneq ($(wildcard /usr/include/systemd/sd-bus.h),)
PROGRAMS += minictr-systemd
minictr-systemd_main := runtime/tail/systemd_main
minictr-systemd_libs := -lsystemd -ljson-c
endif
