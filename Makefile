# minictr: one archive per floor, one line per executable. `make help` lists what can be asked for.
#
# Floors are linked as archives from the top down, so an executable carries only the objects it uses:
# that is how `minictr` stays free of curl, libarchive and readline (an empty program with all of them
# starts in 7 ms, the kernel's whole work for a container takes 2 to 4).

CC      ?= gcc
# For programs that run while we build; another one than CC when CC builds for another machine.
HOSTCC  ?= $(if $(filter default,$(origin CC)),gcc,$(if $(findstring -linux-gnu,$(CC)),gcc,$(CC)))
AR      ?= ar
O       ?= build
OPT     ?= -O2 -g
CFLAGS  ?=
WARN    := -Wall -Wextra -Wconversion -Wno-sign-conversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wno-unused-parameter
# What distributions build such a program with (dpkg-buildflags, hardening=+all): positions by chance, no writable table of
# functions, checked buffers, stacks that cannot jump over their guard, CET on x86. `make asan` goes without: HARDEN= HARDEN_LD=
HARDEN  ?= -fPIE -D_FORTIFY_SOURCE=3 -fstack-clash-protection $(if $(findstring x86_64,$(shell $(CC) -dumpmachine)),-fcf-protection)
HARDEN_LD ?= -Wl,-z,relro -Wl,-z,now
CPPFLAGS := -D_GNU_SOURCE -Iminictr -I$(O)/gen
ALL_CFLAGS := -std=gnu11 $(OPT) $(WARN) -fno-strict-aliasing -fstack-protector-strong $(HARDEN) $(CFLAGS)
LDFLAGS ?=

# Top floor first: an archive may use only those to its right (`make lint` checks the includes).
FLOORS  := learn cli daemon vm pipeline compose build engine volume network registry image runtime base
FLOORS  := $(foreach f,$(FLOORS),$(if $(wildcard minictr/$(f)/*.c),$(f)))
LIBS    := $(FLOORS:%=$(O)/lib/lib%.a)
STATIC  ?= -static-pie
# CORE=1 (`make core`) swaps the runtime's shelf tail/ for tail_none.c, where each entry of the tail returns 0.
sources_of = $(filter-out $(if $(CORE),minictr/runtime/tail/%,%/tail_none.c),$(wildcard minictr/$(1)/*.c minictr/$(1)/*/*.c))
floor_objects = $(patsubst minictr/%.c,$(O)/obj/%.o,$(filter-out %_main.c,$(call sources_of,$(1))))

all: programs

# Each minictr/FLOOR/rules.mk names its executables (PROGRAMS +=), their libraries and generated files.
include $(wildcard minictr/*/rules.mk) $(wildcard labs/rules.mk) $(wildcard tests/rules.mk)

programs: $(PROGRAMS:%=$(O)/bin/%)

# The Makefile too: it decides which files belong to an archive.
$(foreach f,$(FLOORS),$(eval $(O)/lib/lib$(f).a: $(call floor_objects,$(f)) Makefile))

$(O)/lib/%.a:
	@mkdir -p $(@D) && rm -f $@
	@echo "  AR   $(@F)"
	@$(AR) rcs $@ $(filter %.o,$^)

$(O)/obj/%.o: minictr/%.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

# PROGRAM_main: object with main(); PROGRAM_libs: -l flags; PROGRAM_ldflags: -static and the like.
define program
$(O)/bin/$(1): $(O)/obj/$($(1)_main).o $$(LIBS)
	@mkdir -p $$(@D)
	@echo "  LD   $(1)"
	@$$(CC) $$(ALL_CFLAGS) $$(LDFLAGS) $$(HARDEN_LD) $(or $($(1)_ldflags),$(if $(HARDEN),-pie)) -o $$@ $$< $$(LIBS) -Wl,--as-needed $($(1)_libs)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

help:
	@echo "make            build everything into build/bin"
	@echo "make run        packages, build, starter images, then the prompt (sudo)"
	@echo "make test       every test this machine can run (sudo); T=NAME runs part of them"
	@echo "make check      unit tests: no root, seconds          make core   the core alone, without its tail"
	@echo "make asan       tests under sanitizers                 make fuzz   a short round of every fuzz target"
	@echo "make test-next the tests in a tree of Debian 13 (sudo) make test-vm  in a virtual machine with systemd"
	@echo "make lint       floors, sizes, budgets, style          make map    where to find and change what"
	@echo "make bench      speed next to real peers               make peers  install those peers (docker, podman ...)"
	@echo "make install    into PREFIX (/usr/local)              make deb    a Debian package in build/ (test-deb tries it)"
	@echo "make vm-kernel  a kernel for \`minictr vm\`, unpacked beside the programs, not installed"
	@echo "make clean      remove build/                          make clean-host  remove every trace from the host (sudo)"

clean:
	rm -rf $(O)

.PHONY: all programs help clean
.DELETE_ON_ERROR:
-include $(shell find $(O)/obj -name '*.d' 2>/dev/null)
