/*
 * tail/cgroup_bpf.c - device rules of cgroup2: a small BPF program, asked at each open and mknod of a device.
 *
 * Kernel objects: bpf(2) BPF_PROG_LOAD of type BPF_PROG_TYPE_CGROUP_DEVICE, BPF_PROG_ATTACH to the cgroup's
 * directory. The program gets struct bpf_cgroup_dev_ctx { access_type (type in the low 16 bits, access
 * above), major, minor } and returns 1 to allow. Attached with BPF_F_ALLOW_MULTI, all programs from here to
 * the root must agree.
 *
 * The rules are tried from the last to the first; the first that fits decides. Where no rule fits, all is
 * allowed, as in an untouched v1 cgroup.
 */
#include "runtime/tail/config_keys.h"

#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/explain.h"

enum {
	RULES_MAX = 400
}; /* ten instructions each, the kernel takes 4096 from the unprivileged, more from root */

struct program {
	struct bpf_insn *insn;
	size_t n;
};

static void add(struct program *p, uint8_t code, uint8_t dst, uint8_t src, int16_t off, int32_t imm)
{
	p->insn[p->n++] = (struct bpf_insn){
		.code = code, .dst_reg = dst & 15u, .src_reg = src & 15u, .off = off, .imm = imm
	};
}

/* r2 = type, r3 = access wanted, r4 = major, r5 = minor. */
static void load_context(struct program *p)
{
	add(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, 0, 0);
	add(p, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_2, 0, 0);
	add(p, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
	add(p, BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 16);
	add(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_4, BPF_REG_1, 4, 0);
	add(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_5, BPF_REG_1, 8, 0);
}

/* A mismatch jumps behind the rule; the distances are known once the rule is complete. */
static void add_rule(struct program *p, const struct device_rule *r)
{
	size_t first = p->n;
	if (r->type != 'a')
		add(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 0,
			r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (r->access != 7) {
		/* Allow only when the rule has all wanted bits; deny when it has any of them. */
		add(p, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
		add(p, BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_1, 0, 0,
			(int32_t)(r->allow ? ~r->access & 7 : r->access));
		add(p, BPF_JMP | (r->allow ? BPF_JNE : BPF_JEQ) | BPF_K, BPF_REG_1, 0, 0, 0);
	}
	if (r->major >= 0)
		add(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 0, 0, (int32_t)r->major);
	if (r->minor >= 0)
		add(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 0, (int32_t)r->minor);
	add(p, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, r->allow);
	add(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (size_t i = first; i < p->n; i++)
		if (BPF_CLASS(p->insn[i].code) == BPF_JMP && p->insn[i].code != (BPF_JMP | BPF_EXIT))
			p->insn[i].off = (int16_t)(p->n - i - 1);
}

static int load(const struct program *p, struct mc_err *err)
{
	char log[4096] = "";
	union bpf_attr a = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insn_cnt = (uint32_t)p->n,
		.insns = (uintptr_t)p->insn,
		.license = (uintptr_t) "GPL" };
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof(a));
	if (fd >= 0)
		return fd;
	int code = errno;
	a.log_buf = (uintptr_t)log;
	a.log_size = sizeof(log);
	a.log_level = 1;
	if (code == EINVAL || code == EACCES)
		syscall(SYS_bpf, BPF_PROG_LOAD, &a, sizeof(a)); /* once more, for the reason */
	errno = code;
	err_sys(err, "bpf(BPF_PROG_LOAD, CGROUP_DEVICE, %zu instructions)", p->n);
	if (*log)
		err_hint(err, "%.300s", log);
	return -code;
}

int cgroup_devices_bpf(int cgroup, const struct device_rule *rules, size_t n, struct mc_err *err)
{
	if (n > RULES_MAX)
		return err_set(err, E2BIG, "%zu device rules, at most %d", n, RULES_MAX);
	_cleanup_free_ struct bpf_insn *insn = xcalloc(n * 10 + 10, sizeof(*insn));
	struct program p = { .insn = insn };
	load_context(&p);
	for (size_t i = n; i > 0; i--) {
		add_rule(&p, &rules[i - 1]);
		if (rules[i - 1].type == 'a' && rules[i - 1].major < 0 && rules[i - 1].minor < 0 &&
			rules[i - 1].access == 7)
			break; /* matches everything: the verifier refuses unreachable instructions */
		if (i > 1)
			continue;
		add(&p, BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1);
		add(&p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	}
	_cleanup_close_ int program = load(&p, err);
	if (program < 0)
		return program;
	union bpf_attr a = { .target_fd = (uint32_t)cgroup,
		.attach_bpf_fd = (uint32_t)program,
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI };
	long rc = syscall(SYS_bpf, BPF_PROG_ATTACH, &a, sizeof(a));
	if (rc < 0)
		return err_sys(err, "bpf(BPF_PROG_ATTACH, BPF_CGROUP_DEVICE)");
	explain_call(rc, "bpf(BPF_PROG_ATTACH, BPF_CGROUP_DEVICE, %zu rules)", n);
	return 0;
}
