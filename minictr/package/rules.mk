# Installing, and the Debian package. What people type goes to bin, the daemon to sbin, helpers to libexec/minictr,
# which each executable looks for beside its own directory. DESTDIR for packages.
PREFIX ?= /usr/local
UNITDIR ?= /etc/systemd/system
INSTALLED_BIN  := minictr minictr-oci
INSTALLED_SBIN := $(filter minictrd,$(PROGRAMS))

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(PREFIX)/libexec/minictr $(DESTDIR)$(UNITDIR)
	install -m 755 $(INSTALLED_BIN:%=$(O)/bin/%) $(DESTDIR)$(PREFIX)/bin
	[ -z "$(INSTALLED_SBIN)" ] || install -m 755 $(INSTALLED_SBIN:%=$(O)/bin/%) $(DESTDIR)$(PREFIX)/sbin
	install -m 755 $(patsubst %,$(O)/bin/%,$(filter-out $(INSTALLED_BIN) $(INSTALLED_SBIN),$(PROGRAMS))) $(DESTDIR)$(PREFIX)/libexec/minictr
	ln -sf $(INSTALLED_BIN:%=../../bin/%) $(INSTALLED_SBIN:%=../../sbin/%) $(DESTDIR)$(PREFIX)/libexec/minictr
	install -D -m 644 minictr/cli/scripts/completion.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/minictr
	sed 's,@bindir@,$(PREFIX)/bin,' minictr/engine/minictr-restore.service.in >$(DESTDIR)$(UNITDIR)/minictr-restore.service
	sed 's,@sbindir@,$(PREFIX)/sbin,' minictr/package/minictr.service.in >$(DESTDIR)$(UNITDIR)/minictr.service
	install -m 644 minictr/package/minictr.socket $(DESTDIR)$(UNITDIR)
	install -D -m 644 minictr/package/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/minictr.conf
	install -D -m 644 minictr/package/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/minictr.conf
	sh minictr/package/man.sh $(O)/bin $(DESTDIR)$(PREFIX)/share/man

uninstall:
	rm -rf $(INSTALLED_BIN:%=$(DESTDIR)$(PREFIX)/bin/%) $(INSTALLED_SBIN:%=$(DESTDIR)$(PREFIX)/sbin/%) $(DESTDIR)$(PREFIX)/libexec/minictr
	rm -rf $(DESTDIR)$(PREFIX)/share/bash-completion/completions/minictr $(DESTDIR)$(PREFIX)/share/man/man1/minictr*.1.gz
	rm -f $(DESTDIR)$(PREFIX)/lib/sysusers.d/minictr.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/minictr.conf
	rm -rf $(DESTDIR)$(PREFIX)/share/man/man8/minictr*.8.gz $(foreach u,minictr.socket minictr.service minictr-restore.service,$(DESTDIR)$(UNITDIR)/$(u))

# build/minictr_VERSION_ARCH.deb
deb: all
	+@sh minictr/package/deb.sh $(O)

# Installs, uses, removes and purges it in a root file system made by mmdebstrap (kept as build/deb-root.tar).
test-deb: all unit
	@sh minictr/package/root.sh $(O)/deb-root.tar
	@sh tests/runner.sh --bin $(O)/bin --unit $(O)/test 95-package

.PHONY: install uninstall deb test-deb
