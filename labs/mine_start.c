/*
 * mine_start.c - stands in every executable that holds a learner's code: tells explain when that code runs, and where it
 * crashed.
 *
 * The compiler makes each function of a learner's file call __cyg_profile_func_enter() (gcc and clang,
 * -finstrument-functions), so a step is "yours" only when the code ran, whoever called it. A signal that means a fault writes
 * one line, "lab-crash: SIGNAL OFFSET OFFSET ...", code addresses from the fault outwards, relative to crash_anchor();
 * minictr/learn/crash.c finds file and line. Everything here may run between clone(2) and execve(2): no malloc, no stdio.
 */
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <unwind.h>
#include "base/explain.h"
#include "learn/crash.h"

#define NOT_TRACED __attribute__((no_instrument_function))

void __cyg_profile_func_enter(void *function, void *caller);
void __cyg_profile_func_exit(void *function, void *caller);
void crash_anchor(void);

NOT_TRACED void __cyg_profile_func_enter(void *function, void *caller)
{
	for (const struct mine_task *t = mine_tasks; t->task; t++)
		if (t->function == function && function)
			explain_mine(t->task);
}

NOT_TRACED void __cyg_profile_func_exit(void *function, void *caller) {}

/* The place that offsets are counted from. */
void crash_anchor(void) { __asm__ volatile(""); }

struct frames {
	uintptr_t at[CRASH_FRAMES];
	int n;
};

static _Unwind_Reason_Code crash_frame(struct _Unwind_Context *context, void *room)
{
	struct frames *f = room;
	int before = 0;
	uintptr_t at = _Unwind_GetIPInfo(context, &before);
	/* A return address stands behind its call; the call's line is what is wanted. */
	if (at && f->n < CRASH_FRAMES)
		f->at[f->n++] = before ? at : at - 1;
	return at && f->n < CRASH_FRAMES ? _URC_NO_REASON : _URC_END_OF_STACK;
}

static size_t put_number(char *out, uint64_t value, unsigned base)
{
	char digits[24];
	size_t n = 0, len = 0;
	do
		digits[n++] = "0123456789abcdef"[value % base];
	while ((value /= base) != 0);
	while (n)
		out[len++] = digits[--n];
	return len;
}

static void crash_tell(int signal)
{
	struct frames f = { .n = 0 };
	char line[64 + CRASH_FRAMES * 20] = "\n" CRASH_WORD;
	size_t n = strlen(line);
	_Unwind_Backtrace(crash_frame, &f);
	n += put_number(line + n, (uint64_t)signal, 10);
	for (int i = 0; i < f.n; i++) {
		int64_t offset = (int64_t)(f.at[i] - (uintptr_t)crash_anchor);
		line[n++] = ' ';
		if (offset < 0)
			line[n++] = '-';
		n += put_number(line + n, (uint64_t)(offset < 0 ? -offset : offset), 16);
	}
	line[n++] = '\n';
	(void)!write(STDERR_FILENO, line, n);
}

static const int faults[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT };

/* The default comes back first: the faulting instruction runs again and ends the process as it would have. */
static void crashed(int number)
{
	int keep = errno;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		signal(faults[i], SIG_DFL);
	crash_tell(number);
	errno = keep;
}

/* A stack of its own: the usual one may be what has run out. */
static char crash_stack[64 << 10];

static void __attribute__((constructor)) crash_watch(void)
{
	stack_t stack = { .ss_sp = crash_stack, .ss_size = sizeof(crash_stack) };
	struct sigaction act = { .sa_handler = crashed, .sa_flags = SA_ONSTACK | SA_NODEFER };
	if (sigaltstack(&stack, NULL) < 0)
		return;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		sigaction(faults[i], &act, NULL);
}
