# Unit tests (Check), the runner, and the ways to run it all.
UNIT_TESTS := $(patsubst tests/unit/%.c,$(O)/test/%,$(wildcard tests/unit/test_*.c))
# Tests of the runtime's tail; `make core` has none.
UNIT_TESTS := $(if $(CORE),$(filter-out %/test_seccomp %/test_tail,$(UNIT_TESTS)),$(UNIT_TESTS))
UNIT_LIBS  := -lyaml -lcheck -lsubunit -lm -lrt -lpthread -ljson-c -lseccomp -larchive -lcrypto -lcurl -lmicrohttpd

$(O)/test/%: tests/unit/%.c $(LIBS)
	@mkdir -p $(@D)
	@echo "  TEST $*"
	@$(CC) $(CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(LDFLAGS) -MMD -MP -MF $(O)/test/$*.d -o $@ $< $(LIBS) -Wl,--as-needed $(UNIT_LIBS)
-include $(wildcard $(O)/test/*.d)

unit: $(UNIT_TESTS)

# Everything this machine can run, as root. Installs what the tests need, never a package that starts a service.
test: test-packages
	@$(MAKE) --no-print-directory -s all unit
	@sh tests/runner.sh --bin $(O)/bin --unit $(O)/test $(T)

# No root, under a minute.
check: all unit
	@sh tests/runner.sh --bin $(O)/bin --unit $(O)/test test_

# The book alone: core files of the runtime with an empty tail must pass the tests of their labs.
core:
	@$(MAKE) --no-print-directory -s CORE=1 O=build/core all unit
	@LABS="00 01 02 03 04" sh tests/runner.sh --bin build/core/bin --unit build/core/test $(or $(T),test_ 10-oci 62-lab)

# Address and undefined-behaviour sanitizers over the unit and behaviour tests. Not over those that build learners' programs,
# and not in programs that run where no library is (a job's container, a guest).
ASAN_PLAIN := minictr-job minictr-guest
ASAN_TESTS := test_ $(patsubst tests/run/%.sh,%,$(filter-out tests/run/6% tests/run/7[0-2]%,$(wildcard tests/run/[0-9]*.sh)))
asan:
	@$(MAKE) --no-print-directory -s O=build/asan STATIC= HARDEN= HARDEN_LD= OPT="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined" all unit
	@$(MAKE) --no-print-directory -s $(ASAN_PLAIN:%=$(O)/bin/%) && cp $(ASAN_PLAIN:%=$(O)/bin/%) build/asan/bin
	@CK_TIMEOUT_MULTIPLIER=10 ASAN_OPTIONS=detect_leaks=0 LIMIT=3000 sh tests/runner.sh --bin build/asan/bin --unit build/asan/test $(or $(T),$(ASAN_TESTS))

# Next to crun, runc, podman, docker where they are installed; B=start.sh runs one script, RUNS=10 fewer rounds.
bench: all
	@for s in $(or $(B),calls.sh start.sh exec.sh rss.sh pull.sh net.sh build.sh compose.sh daemon.sh); do BIN=$(abspath $(O)/bin) bash tests/bench/$$s || exit 1; done

# A short round of every fuzz target under sanitizers (clang's libFuzzer); SECONDS_EACH=60 for longer ones.
fuzz: all
	@sh tests/fuzz/run.sh $(or $(SECONDS_EACH),10)

# The same tests in a virtual machine with systemd and cgroup v2; T="10- 11-" runs part of them.
test-vm: all unit
	@sh tests/vm/run.sh $(T)

# The same tests in a tree of Debian 13, with newer libraries and peers; T="test_ 10- 30-" runs part of them.
test-next:
	@sh tests/next.sh $(T)

lint:
	@sh tests/lint.sh
map:
	@sh tests/map.sh
# What the chapters include: programs, and the picture of a start, drawn from a recorded walk.
book: all
	@python3 tests/book.py
	@$(O)/bin/minictr explain --replay tutorial/walks/02-start.walk --svg tutorial/pictures/02-start.svg

test-packages:
	@sh tests/packages.sh build test
peers:
	@sh tests/packages.sh build test peers

.PHONY: book unit test check core asan bench fuzz test-vm test-next lint map test-packages peers
