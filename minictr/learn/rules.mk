# The lab tool, the probe, and what the tool must know of this build: generated, never written by hand.
PROGRAMS += minictr-lab minictr-probe
minictr-lab_main := learn/lab_main
minictr-lab_libs := $(shell pkg-config --libs check 2>/dev/null || echo -lcheck -lsubunit -lm -lrt -lpthread) -lseccomp -ljson-c
minictr-probe_main := learn/probe_main
minictr-probe_ldflags = $(STATIC)

# Each lab's checks.c is compiled into the tool; a generated table names them.
LAB_CHECKS := $(sort $(wildcard labs/[0-9][0-9]-*/checks.c))
LAB_OBJECTS := $(LAB_CHECKS:labs/%.c=$(O)/obj/labs/%.o)

$(O)/obj/labs/%.o: labs/%.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	@$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(O)/gen/lab_table.c: $(LAB_CHECKS) minictr/learn/rules.mk
	@mkdir -p $(@D)
	@{ echo '/* generated: the checks of all labs */'; echo '#include "learn/lab.h"'; \
	   for f in $(LAB_CHECKS); do n=$${f#labs/}; n=$${n%%-*}; echo "extern const struct check_entry lab_$${n}_checks[];"; done; \
	   echo 'const struct check_entry *lab_checks(const char *number)'; echo '{'; \
	   for f in $(LAB_CHECKS); do n=$${f#labs/}; n=$${n%%-*}; echo "	if (str_eq(number, \"$$n\"))"; echo "		return lab_$${n}_checks;"; done; \
	   echo '	return NULL;'; echo '}'; } >$@

$(O)/obj/gen/lab_table.o: $(O)/gen/lab_table.c
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(O)/lib/liblearn.a: $(LAB_OBJECTS) $(O)/obj/gen/lab_table.o

# How to compile a learner's file and link it into each executable (mine.c).
programs: $(O)/gen/lab-link.ini
$(O)/gen/lab-link.ini: Makefile $(wildcard minictr/*/rules.mk)
	@mkdir -p $(@D)
	@{ echo '[compile]'; echo 'cc = $(CC)'; echo 'flags = $(CPPFLAGS) $(ALL_CFLAGS)'; echo 'archives = $(LIBS)'; \
	   $(foreach p,$(PROGRAMS),echo '[$(p)]'; echo 'main = $(O)/obj/$($(p)_main).o'; \
	   echo 'libs = -Wl,--as-needed $($(p)_libs)'; echo 'ldflags = $($(p)_ldflags)';) } >$@
