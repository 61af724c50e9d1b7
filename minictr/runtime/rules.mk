PROGRAMS += minictr-oci
minictr-oci_main := runtime/oci/oci_main
minictr-oci_libs := -lseccomp -lcap -ljson-c
minictr-oci_ldflags := $(STATIC)

# Docker's default filter as ready BPF, for the machine we build on; SECCOMP_ARCH=arm64 for another one.
SECCOMP_ARCH ?=
seccomp_gen_sources := $(addprefix minictr/runtime/,tail/seccomp_gen_main.c tail/seccomp_compile.c tail/seccomp_resolve.c caps_names.c)
$(O)/gen/seccomp_gen: $(seccomp_gen_sources) minictr/runtime/tail/seccomp_build.h $(O)/lib/libbase.a
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -o $@ $(seccomp_gen_sources) $(O)/lib/libbase.a -lseccomp -ljson-c
$(O)/gen/seccomp_default.h: $(O)/gen/seccomp_gen minictr/runtime/tail/seccomp_default.json
	@echo "  GEN  $(@F)"
	@ASAN_OPTIONS=detect_leaks=0 $(O)/gen/seccomp_gen minictr/runtime/tail/seccomp_default.json $(SECCOMP_ARCH) >$@.new && mv $@.new $@
$(O)/obj/runtime/tail/seccomp_profile.o: $(O)/gen/seccomp_default.h

# Asks systemd for scopes; only where its library is installed.
ifneq ($(wildcard /usr/include/systemd/sd-bus.h),)
PROGRAMS += minictr-systemd
minictr-systemd_main := runtime/tail/systemd_main
minictr-systemd_libs := -lsystemd -ljson-c
endif
