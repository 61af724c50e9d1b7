/*
 * accelerator.c - KVM or emulation, found out by behaviour.
 *
 * /dev/kvm may exist and still be of no use: inside many cloud machines it is a software implementation
 * that runs a guest's kernel code by interpreting it, a hundred times slower than the processor would and
 * without some instructions; a distribution's kernel does not boot there. So a guest of four instructions
 * counts to 100,000 by kvm_loop() (kvm.c, lab 13.5) and we look at the clock: hardware needs well under a
 * millisecond, an interpreter fifty and more.
 */
#include "vm/accelerator.h"

#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "vm/kvm.h"

/* A slow run is tried once more: another process may have held the processor. */
enum { PROBE_RUNS = 2, PROBE_LIMIT_US = 20000 };

#if defined(__x86_64__)
/* mov ecx, 100000; again: dec ecx; jnz again; hlt - with operand-size prefixes, because this is real mode. */
static const unsigned char count_down[] = { 0x66, 0xb9, 0xa0, 0x86, 0x01, 0x00, 0x66, 0x49, 0x75, 0xfc,
	0xf4 };

/* Microseconds that the guest needed, or -errno. */
static int64_t time_guest(struct mc_err *err)
{
	struct kvm_machine m;
	_cleanup_buf_ struct buf out = { 0 };
	int rc = kvm_machine_open(&m, count_down, sizeof(count_down), err);
	if (rc < 0)
		return rc;
	uint64_t start = now_ns(CLOCK_MONOTONIC);
	rc = kvm_loop(m.vcpu, m.run, &out, err);
	uint64_t end = now_ns(CLOCK_MONOTONIC);
	kvm_machine_close(&m);
	return rc < 0 ? rc : (int64_t)((end - start) / 1000);
}

static enum accelerator measure(const char **why)
{
	static char text[160];
	struct mc_err err = { 0 };
	int64_t best = INT64_MAX;
	for (int i = 0; i < PROBE_RUNS && best >= PROBE_LIMIT_US; i++) {
		int64_t us = time_guest(&err);
		if (us < 0) {
			snprintf(text, sizeof(text), "%.150s", err.what);
			*why = text;
			return ACCELERATOR_TCG;
		}
		best = us < best ? us : best;
	}
	bool fast = best < PROBE_LIMIT_US;
	snprintf(text, sizeof(text), "a guest's loop of 100,000 turns took %lld microseconds: %s",
		(long long)best,
		fast ? "the processor runs guests itself" : "/dev/kvm here interprets kernel code");
	*why = text;
	return fast ? ACCELERATOR_KVM : ACCELERATOR_TCG;
}
#else
static enum accelerator measure(const char **why)
{
	bool usable = access("/dev/kvm", R_OK | W_OK) == 0;
	*why = usable ? "/dev/kvm can be opened" : "no /dev/kvm for us";
	return usable ? ACCELERATOR_KVM : ACCELERATOR_TCG;
}
#endif

enum accelerator accelerator_detect(const char **why)
{
	static const char *kept;
	static enum accelerator answer;
	if (!kept)
		answer = measure(&kept);
	*why = kept;
	return answer;
}

int accelerator_parse(const char *word, enum accelerator *ret, const char **why, struct mc_err *err)
{
	*why = "asked for by --accel";
	if (!word || str_eq(word, "auto"))
		*ret = accelerator_detect(why);
	else if (str_eq(word, "kvm"))
		*ret = ACCELERATOR_KVM;
	else if (str_eq(word, "tcg"))
		*ret = ACCELERATOR_TCG;
	else {
		err_set(err, EINVAL, "invalid argument \"%s\" for \"--accel\" flag: auto, kvm or tcg", word);
		return err_exit(err, 125);
	}
	return 0;
}

const char *accelerator_name(enum accelerator a)
{
	return a == ACCELERATOR_KVM ? "KVM, the processor runs the guest"
				    : "TCG, qemu emulates the processor";
}
