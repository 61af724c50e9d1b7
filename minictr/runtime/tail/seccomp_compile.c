/*
 * tail/seccomp_compile.c - linux.seccomp of config.json to BPF, by libseccomp.
 *
 * Kernel objects: struct sock_filter programs over struct seccomp_data (seccomp(2)); libseccomp builds them
 * for several ABIs at once (seccomp_rule_add(3)). The tree form (SCMP_FLTATR_CTL_OPTIMIZE = 2) is twice as
 * fast to install as the list, because the kernel runs the filter once for each system call number.
 *
 * Our own program runs before libseccomp's: a call whose number is above all numbers of the profile is newer
 * than the profile. Programs would believe EPERM; ENOSYS makes them fall back to an older call (as in runc).
 *
 * libseccomp knows the calls of its own release only, and a profile may name newer ones: newer_calls[] has
 * their numbers, which are the same for every ABI since 424 (Documentation/process/adding-syscalls.rst). Our
 * program decides them.
 *
 * We undo one rule that libseccomp adds: for any rule for socket(2) it also allows i386's
 * socketcall(SYS_SOCKET) with any family, because a filter cannot read arguments behind a pointer. A profile
 * with its own rules for socketcall keeps those.
 *
 * Runs only during the build, and for profiles that are not in the cache yet (8 ms).
 */
#include "runtime/tail/seccomp_build.h"

#include <ctype.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif
enum { X32_BIT = 0x40000000, ARCHES_MAX = 8, NEWER_MAX = 24, MAX_ERRNO = 4095 };

/* The ABIs of one filter, with the highest call number that a rule names. */
struct abis {
	size_t n;
	struct {
		uint32_t token;
		uint32_t last;
	} abi[ARCHES_MAX];
	bool refuse_unknown; /* calls newer than the profile get ENOSYS; not where the default allows */
	/* Calls of the profile that libseccomp does not know, and what it says of them. */
	size_t n_newer;
	struct {
		uint32_t nr, action;
	} newer[NEWER_MAX];
};

static const struct {
	const char *name;
	uint32_t nr;
} newer_calls[] = { { "cachestat", 451 }, { "fchmodat2", 452 }, { "map_shadow_stack", 453 },
	{ "futex_wake", 454 }, { "futex_wait", 455 }, { "futex_requeue", 456 }, { "statmount", 457 },
	{ "listmount", 458 }, { "lsm_get_self_attr", 459 }, { "lsm_set_self_attr", 460 },
	{ "lsm_list_modules", 461 }, { "mseal", 462 }, { "setxattrat", 463 }, { "getxattrat", 464 },
	{ "listxattrat", 465 }, { "removexattrat", 466 }, { "open_tree_attr", 467 }, { "file_getattr", 468 },
	{ "file_setattr", 469 } };

/*
 * The number of a call that is too new for libseccomp; 0: it is unknown to us too, or another
 * architecture's.
 */
static uint32_t newer_number(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(newer_calls); i++)
		if (str_eq(name, newer_calls[i].name))
			return newer_calls[i].nr;
	return 0;
}

static const struct {
	const char *name;
	uint32_t action;
	bool has_errno;
} actions[] = {
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD, false },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, false },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP, false },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), true },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), true },
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, false },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG, false },
	{ "SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY, false },
};

static int action_of(const struct json *at, const char *action_key, const char *errno_key, uint32_t *ret,
	struct mc_err *err)
{
	const char *name = NULL;
	uint32_t code = EPERM;
	int rc = json_get_string(at, &name, err, "%s", action_key);
	if (rc <= 0)
		return rc < 0 ? err_wrap(err, "linux.seccomp")
			      : err_set(err, EINVAL, "linux.seccomp: a rule has no %s", action_key);
	rc = json_get_u32(at, &code, err, "%s", errno_key);
	if (rc < 0)
		return err_wrap(err, "linux.seccomp");
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		if (!str_eq(name, actions[i].name))
			continue;
		if (rc && !actions[i].has_errno)
			return err_set(err, EINVAL, "linux.seccomp: %s takes no %s", name, errno_key);
		if (rc && str_eq(name, "SCMP_ACT_ERRNO") && code > MAX_ERRNO)
			return err_set(err, EINVAL, "linux.seccomp: %s %u: the kernel knows errors up to %d",
				errno_key, code, MAX_ERRNO);
		*ret = actions[i].action | (actions[i].has_errno ? code & 0xffff : 0);
		return 0;
	}
	return err_set(err, EINVAL, "linux.seccomp: unknown action %s", name);
}

/* "SCMP_ARCH_X86_64" to libseccomp's token; 0 when unknown. */
static uint32_t token_of(const char *name)
{
	char lower[32] = "";
	if (!str_starts(name, "SCMP_ARCH_") || strlen(name + 10) >= sizeof(lower))
		return 0;
	for (size_t i = 0; name[10 + i]; i++)
		lower[i] = (char)tolower((unsigned char)name[10 + i]);
	return seccomp_arch_resolve_name(lower);
}

static int add_arch(scmp_filter_ctx ctx, struct abis *abis, uint32_t token, struct mc_err *err)
{
	for (size_t i = 0; i < abis->n; i++)
		if (abis->abi[i].token == token)
			return 0;
	int rc = seccomp_arch_exist(ctx, token) == -EEXIST ? seccomp_arch_add(ctx, token) : 0;
	if (rc == -EDOM)
		return err_set(err, EINVAL,
			"linux.seccomp.architectures: one of them has another byte order than this machine");
	if (rc < 0 && rc != -EEXIST)
		return err_code(err, rc, "seccomp_arch_add(0x%x)", token);
	if (abis->n < ARCHES_MAX)
		abis->abi[abis->n++].token = token;
	return 0;
}

static int add_arches(scmp_filter_ctx ctx, const struct json *profile, const char *arch, struct abis *abis,
	struct mc_err *err)
{
	const char *own = str_eq(arch, "amd64") ? "x86_64" : str_eq(arch, "arm64") ? "aarch64" : arch;
	uint32_t token = seccomp_arch_resolve_name(own);
	const struct json *list = json_member(profile, "architectures");
	int rc = 0;
	if (token != seccomp_arch_native()) /* a filter for another machine, while cross building */
		rc = seccomp_arch_remove(ctx, seccomp_arch_native());
	if (rc >= 0)
		rc = add_arch(ctx, abis, token, err);
	for (size_t i = 0; rc >= 0 && i < json_len(list); i++) {
		const char *name = json_text_of(json_item(list, i));
		token = name ? token_of(name) : 0;
		rc = token ? add_arch(ctx, abis, token, err)
			   : err_set(err, EINVAL, "linux.seccomp.architectures: unknown %s",
				     name ? name : "value");
	}
	return rc;
}

static int parse_arg(const struct json *a, struct scmp_arg_cmp *ret, struct mc_err *err)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} ops[] = { { "SCMP_CMP_NE", SCMP_CMP_NE }, { "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE }, { "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE }, { "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ } };
	uint32_t index = 0;
	uint64_t value = 0, two = 0;
	const char *op = "";
	if (json_get_u32(a, &index, err, "index") < 0 || json_get_u64(a, &value, err, "value") < 0 ||
		json_get_u64(a, &two, err, "valueTwo") < 0 || json_get_string(a, &op, err, "op") < 0)
		return err_wrap(err, "linux.seccomp.syscalls: args");
	if (index > 5)
		return err_set(
			err, EINVAL, "linux.seccomp: a system call has arguments 0 to 5, not %u", index);
	for (size_t i = 0; i < ARRAY_LEN(ops); i++)
		if (str_eq(op, ops[i].name)) {
			/* MASKED_EQ: (argument & value) == valueTwo */
			*ret = (struct scmp_arg_cmp){ index, ops[i].op, value, two };
			return 0;
		}
	return err_set(err, EINVAL, "linux.seccomp: unknown comparison \"%s\"", op);
}

/* The first rule counts, as libseccomp has it. One with conditions stays with the default action. */
static void add_newer(struct abis *abis, uint32_t nr, uint32_t action)
{
	for (size_t i = 0; i < abis->n_newer; i++)
		if (abis->newer[i].nr == nr)
			return;
	if (nr && abis->n_newer < NEWER_MAX) {
		abis->newer[abis->n_newer].nr = nr;
		abis->newer[abis->n_newer++].action = action;
	}
}

static int add_rule(scmp_filter_ctx ctx, struct abis *abis, uint32_t action, const char *name,
	const struct scmp_arg_cmp *args, unsigned n, struct mc_err *err)
{
	int nr = seccomp_syscall_resolve_name(name);
	if (nr == __NR_SCMP_ERROR) { /* newer than the library, or another architecture's */
		if (!n)
			add_newer(abis, newer_number(name), action);
		return 0;
	}
	int rc = seccomp_rule_add_array(ctx, action, nr, n, args);
	return rc < 0 && rc != -EEXIST ? err_code(err, rc, "linux.seccomp: rule for %s", name) : 0;
}

/* One entry of "syscalls". All conditions must hold, or any one when two name the same argument (runc). */
static int add_rules(scmp_filter_ctx ctx, struct abis *abis, const struct json *rule, uint32_t standard,
	struct mc_err *err)
{
	const struct json *list = json_member(rule, "args"), *names = json_member(rule, "names");
	_cleanup_free_ struct scmp_arg_cmp *args = xcalloc(json_len(list) + 1, sizeof(*args));
	unsigned n = 0, seen = 0;
	bool alternatives = false;
	uint32_t action;
	int rc = action_of(rule, "action", "errnoRet", &action, err);
	if (rc < 0 || action == standard)
		return rc;
	for (; n < json_len(list); n++) {
		if ((rc = parse_arg(json_item(list, n), &args[n], err)) < 0)
			return rc;
		alternatives |= seen >> args[n].arg & 1;
		seen |= 1u << args[n].arg;
	}
	if (!json_len(names))
		return err_set(err, EINVAL, "linux.seccomp.syscalls: names must contain at least one");
	for (size_t i = 0; i < json_len(names); i++) {
		const char *name = json_text_of(json_item(names, i));
		if (!name)
			return err_set(err, EINVAL, "linux.seccomp.syscalls: names must be strings");
		for (unsigned k = 0; rc >= 0 && k < (alternatives ? n : 1); k++)
			rc = add_rule(ctx, abis, action, name, args + k, alternatives ? 1 : n, err);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The highest number a rule names, for each ABI. */
static void find_last(const struct json *rules, struct abis *abis)
{
	for (size_t i = 0; i < json_len(rules); i++) {
		const struct json *names = json_member(json_item(rules, i), "names");
		for (size_t k = 0; k < json_len(names); k++)
			for (size_t a = 0; a < abis->n; a++) {
				const char *name = json_text_of(json_item(names, k));
				int nr = seccomp_syscall_resolve_name_arch(abis->abi[a].token, name);
				if (nr == __NR_SCMP_ERROR)
					nr = (int)newer_number(name);
				if (nr >= 0 && (uint32_t)nr > abis->abi[a].last)
					abis->abi[a].last = (uint32_t)nr;
			}
	}
}

static void emit(struct buf *out, uint16_t code, uint8_t jt, uint8_t jf, uint32_t k)
{
	struct sock_filter f = { code, jt, jf, k };
	buf_add(out, &f, sizeof(f));
}

/*
 * For one ABI, with the call's number loaded: the newer calls that the profile names; then "newer than the
 * profile: ENOSYS".
 */
static void emit_abi(struct buf *out, const struct abis *abis, uint32_t last, uint32_t bit)
{
	for (size_t i = 0; i < abis->n_newer; i++) {
		emit(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, abis->newer[i].nr | bit);
		emit(out, BPF_RET | BPF_K, 0, 0, abis->newer[i].action);
	}
	if (!abis->refuse_unknown)
		return;
	emit(out, BPF_JMP | BPF_JGT | BPF_K, 0, 1, last | bit);
	emit(out, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | ENOSYS);
}

/*
 * One section an architecture; x32 shares x86-64's and is told by a bit of the number. A jump skips 255
 * instructions at most.
 */
static void emit_newer(struct buf *out, const struct abis *abis)
{
	uint8_t one = (uint8_t)(2 * abis->n_newer + (abis->refuse_unknown ? 2 : 0));
	uint32_t x32 = 0;
	for (size_t i = 0; i < abis->n; i++)
		if (abis->abi[i].token == SCMP_ARCH_X32)
			x32 = abis->abi[i].last;
	for (size_t i = 0; i < abis->n; i++) {
		bool both = abis->abi[i].token == SCMP_ARCH_X86_64;
		if (abis->abi[i].token == SCMP_ARCH_X32)
			continue;
		emit(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
		emit(out, BPF_JMP | BPF_JEQ | BPF_K, 0, (uint8_t)(both ? 2 * one + 3 : one + 1),
			abis->abi[i].token);
		emit(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
		if (both) {
			emit(out, BPF_JMP | BPF_JGE | BPF_K, 0, (uint8_t)(one + 1), X32_BIT);
			emit_abi(out, abis, x32, X32_BIT);
			emit(out, BPF_JMP | BPF_JA, 0, 0, one);
		}
		emit_abi(out, abis, abis->abi[i].last, 0);
	}
}

/* Does one rule of the profile hold for socketcall(SYS_SOCKET)? One without conditions does. */
static bool allows_socket(const struct json *rule)
{
	struct scmp_arg_cmp c;
	struct mc_err ignored = { 0 };
	const struct json *args = json_member(rule, "args");
	for (size_t i = 0; i < json_len(args); i++)
		if (parse_arg(json_item(args, i), &c, &ignored) < 0 || c.arg != 0 ||
			c.op != SCMP_CMP_MASKED_EQ || (1 & c.datum_a) != c.datum_b)
			return false;
	return true;
}

/* Has the profile rules for socketcall(2), none of which allows SYS_SOCKET? */
static bool refuses_socketcall(const struct json *rules)
{
	bool named = false;
	for (size_t i = 0; i < json_len(rules); i++) {
		const struct json *rule = json_item(rules, i), *names = json_member(rule, "names");
		for (size_t k = 0; k < json_len(names); k++) {
			if (!str_eq(json_text_of(json_item(names, k)), "socketcall"))
				continue;
			if (allows_socket(rule))
				return false;
			named = true;
		}
	}
	return named;
}

static void emit_socketcall(struct buf *out, uint32_t refuse)
{
	enum { I386_SOCKETCALL = 102, SYS_SOCKET = 1 };
	emit(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
	emit(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 5, SCMP_ARCH_X86);
	emit(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
	emit(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 3, I386_SOCKETCALL);
	/* The low half alone: the kernel ignores the other one of an int. x86 is little endian. */
	emit(out, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, args[0]));
	emit(out, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_SOCKET);
	emit(out, BPF_RET | BPF_K, 0, 0, refuse);
}

static int parse_flags(const struct json *profile, unsigned *ret, struct mc_err *err)
{
	static const struct {
		const char *name;
		unsigned flag;
	} known[] = { { "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
		{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
		{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
		{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV } };
	const struct json *list = json_member(profile, "flags");
	*ret = 0;
	for (size_t i = 0; i < json_len(list); i++) {
		const char *name = json_text_of(json_item(list, i));
		size_t k = 0;
		while (k < ARRAY_LEN(known) && !str_eq(name, known[k].name))
			k++;
		if (k == ARRAY_LEN(known))
			return err_set(err, EINVAL, "linux.seccomp.flags: unknown %s", name ? name : "value");
		*ret |= known[k].flag;
	}
	return 0;
}

/* libseccomp writes its program into a descriptor; a memory file gives it back. */
static int export(scmp_filter_ctx ctx, struct buf *ret, struct mc_err *err)
{
	_cleanup_close_ int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct buf program = { 0 };
	if (fd < 0)
		return err_sys(err, "memfd_create");
	int rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return err_code(err, rc, "seccomp_export_bpf");
	lseek(fd, 0, SEEK_SET);
	rc = file_read_fd(fd, "BPF", 1 << 20, &program, err);
	if (rc >= 0)
		buf_add(ret, program.data, program.len);
	buf_release(&program);
	return rc;
}

static bool has_notify(const struct json *rules)
{
	for (size_t i = 0; i < json_len(rules); i++)
		if (str_eq(json_text_of(json_member(json_item(rules, i), "action")), "SCMP_ACT_NOTIFY"))
			return true;
	return false;
}

static int build(scmp_filter_ctx ctx, const struct json *profile, const char *arch, uint32_t standard,
	struct buf *ret, struct mc_err *err)
{
	struct abis abis = { 0 };
	const struct json *rules = json_member(profile, "syscalls");
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0); /* ours to decide: seccomp_apply() */
	seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	int rc = add_arches(ctx, profile, arch, &abis, err);
	for (size_t i = 0; rc >= 0 && i < json_len(rules); i++)
		rc = add_rules(ctx, &abis, json_item(rules, i), standard, err);
	if (rc < 0)
		return rc;
	find_last(rules, &abis);
	abis.refuse_unknown =
		standard != SCMP_ACT_ALLOW && standard != SCMP_ACT_LOG && standard != SCMP_ACT_ERRNO(ENOSYS);
	if (abis.refuse_unknown || abis.n_newer)
		emit_newer(ret, &abis);
	if (refuses_socketcall(rules) && seccomp_arch_exist(ctx, SCMP_ARCH_X86) == 0)
		emit_socketcall(ret, standard);
	return export(ctx, ret, err);
}

int seccomp_compile(const struct json *profile, const char *arch, struct buf *ret, unsigned *ret_flags,
	struct mc_err *err)
{
	uint32_t standard;
	int rc = action_of(profile, "defaultAction", "defaultErrnoRet", &standard, err);
	if (rc < 0 || (rc = parse_flags(profile, ret_flags, err)) < 0)
		return rc;
	if (standard == SCMP_ACT_NOTIFY)
		return err_set(err, EINVAL,
			"linux.seccomp: SCMP_ACT_NOTIFY cannot be the default: no program could start under "
			"it");
	scmp_filter_ctx ctx = seccomp_init(standard);
	if (!ctx)
		return err_set(err, EINVAL, "linux.seccomp: libseccomp refuses this default action");
	rc = build(ctx, profile, arch, standard, ret, err);
	seccomp_release(ctx);
	if (has_notify(json_member(profile, "syscalls")))
		*ret_flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	if (rc >= 0 && ret->len / sizeof(struct sock_filter) > BPF_MAXINSNS)
		return err_set(err, E2BIG, "linux.seccomp: %zu instructions, the kernel takes %d",
			ret->len / sizeof(struct sock_filter), BPF_MAXINSNS);
	return rc < 0 ? rc : 0;
}
