# oci.sh - bundles for tests that drive minictr-oci itself; sourced after lib.sh.
#
#   bundle NAME ['python statements on c, the config']   makes $T/NAME; the root file system is shared by all
#   run NAME                                             runs it; its output, and the exit status in $RC
needs busybox python3 || skip_all "needs busybox and python3"
bundle() {
	mkdir -p "$T/$1"
	[ -d "$T/rootfs" ] || busybox_rootfs "$T/rootfs"
	python3 - "$T" "$1" "${2:-pass}" <<-'PY'
		import json, os, sys
		T, name, change = sys.argv[1:4]
		caps = ["CAP_" + x for x in "CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE".split()]
		c = {"ociVersion": "1.2.0", "process": {"args": ["sh", "-c", "true"], "env": ["PATH=/bin"], "cwd": "/", "user": {"uid": 0, "gid": 0},
		     "capabilities": {k: list(caps) for k in ("bounding", "effective", "permitted")}},
		     "root": {"path": T + "/rootfs"}, "hostname": "box",
		     "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
		                {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]}],
		     "linux": {"cgroupsPath": "/minictr-test-%s/%s" % (os.path.basename(T), name), "resources": {},
		               "namespaces": [{"type": t} for t in ("pid", "mount", "uts", "ipc", "network", "cgroup")]}}
		def sh(text): c["process"]["args"] = ["sh", "-c", text]
		exec(change)
		json.dump(c, open(T + "/" + name + "/config.json", "w"))
	PY
}
run() { oci run --bundle "$T/$1" "$1" 2>"$T/$1.err" </dev/null; RC=$?; return $RC; }
# Directory of a test's cgroup in the tree of a controller (v1), or the one tree (v2).
cgroup_dir() {  # CONTROLLER NAME
	if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo "/sys/fs/cgroup/minictr-test-$(basename "$T")/$2"
	else echo "/sys/fs/cgroup/$1/minictr-test-$(basename "$T")/$2"; fi
}
cleanup() {
	find /sys/fs/cgroup -depth -type d -path "*/minictr-test-$(basename "$T")*" -exec rmdir {} \; 2>/dev/null
	rmdir /sys/fs/cgroup/*/minictr-oci 2>/dev/null
}
