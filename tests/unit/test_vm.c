/*
 * test_vm.c - what crosses to a guest: frames on the wire, whatever the other end sends, and the archive that its
 * kernel unpacks; and what lab 13 measures.
 */
#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/channel.h"
#include "vm/compare.h"
#include "vm/guest_kernel.h"
#include "vm/kvm.h"

START_TEST(frames_come_out_as_they_went_in)
{
	_cleanup_buf_ struct buf b = { 0 };
	struct frame_head head;
	const char *data;
	frame_add(&b, FRAME_OUT, 3, "hello", 5);
	frame_add(&b, FRAME_INPUT, 0, NULL, 0); /* the end of input is a frame without bytes */
	ck_assert_int_eq(frame_next(&b, &head, &data), 1);
	ck_assert(head.type == FRAME_OUT && head.session == 3 && head.len == 5 && !memcmp(data, "hello", 5));
	frame_done(&b, &head);
	ck_assert_int_eq(frame_next(&b, &head, &data), 1);
	ck_assert(head.type == FRAME_INPUT && head.session == 0 && head.len == 0);
	frame_done(&b, &head);
	ck_assert_int_eq(frame_next(&b, &head, &data), 0);
}
END_TEST

START_TEST(a_frame_is_taken_whole_or_not_at_all)
{
	_cleanup_buf_ struct buf whole = { 0 };
	struct frame_head head;
	const char *data;
	frame_add(&whole, FRAME_ERR, 63, "0123456789", 10);
	for (size_t n = 0; n < whole.len; n++) {
		_cleanup_buf_ struct buf part = { 0 };
		buf_add(&part, whole.data, n);
		ck_assert_msg(frame_next(&part, &head, &data) == 0, "%zu bytes were a frame", n);
	}
}
END_TEST

START_TEST(long_output_is_cut_into_frames)
{
	_cleanup_buf_ struct buf b = { 0 }, back = { 0 };
	_cleanup_free_ char *big = malloc(3 * FRAME_MAX + 7);
	struct frame_head head;
	const char *data;
	int frames = 0;
	for (size_t i = 0; i < 3 * FRAME_MAX + 7; i++)
		big[i] = (char)(i * 31 % 251);
	frame_add(&b, FRAME_OUT, 1, big, 3 * FRAME_MAX + 7);
	for (; frame_next(&b, &head, &data) == 1; frames++) {
		buf_add(&back, data, head.len);
		frame_done(&b, &head);
	}
	ck_assert_int_eq(frames, 4);
	ck_assert(back.len == 3 * FRAME_MAX + 7 && !memcmp(back.data, big, back.len));
}
END_TEST

/* A guest is not trusted: each of these must end the connection, not wait for bytes that never come. */
START_TEST(nonsense_is_refused_by_its_head)
{
	static const struct frame_head bad[] = { { FRAME_MAX + 1, FRAME_OUT, 0, 0 }, { UINT32_MAX, FRAME_OUT, 0, 0 },
		{ 0, 0, 0, 0 }, { 0, FRAME_ATTACH + 1, 0, 0 }, { 0, FRAME_OUT, SESSION_MAX, 0 },
		{ 0, FRAME_OUT, 0, 1 } };
	struct frame_head head;
	const char *data;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		_cleanup_buf_ struct buf b = { 0 };
		buf_add(&b, &bad[i], sizeof(bad[i]));
		ck_assert_msg(frame_next(&b, &head, &data) == -EPROTO, "head %zu was taken", i);
	}
}
END_TEST

START_TEST(a_pipe_carries_more_than_it_holds)
{
	_cleanup_buf_ struct buf out = { 0 }, in = { 0 };
	struct frame_head head;
	const char *data;
	static const char much[8000];
	int ends[2], frames = 0;
	ck_assert_int_eq(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0);
	for (int i = 0; i < 40; i++)
		frame_add(&out, FRAME_OUT, (unsigned)i, i % 2 ? "x" : much, i % 2 ? 1 : sizeof(much));
	while (out.len) {
		ck_assert_int_eq(channel_write(ends[1], &out), 0); /* a full pipe is no error */
		ck_assert_int_gt(channel_read(ends[0], &in), 0);
	}
	while (channel_read(ends[0], &in) > 0)
		;
	for (; frame_next(&in, &head, &data) == 1; frames++)
		frame_done(&in, &head);
	ck_assert_int_eq(frames, 40);
	close(ends[0]);
	frame_add(&out, FRAME_OUT, 0, "x", 1);
	signal(SIGPIPE, SIG_IGN);
	ck_assert_int_eq(channel_write(ends[1], &out), -EPIPE);
	close(ends[1]);
}
END_TEST

/* cpio(1) reads the same format as the kernel. */
START_TEST(the_archive_unpacks)
{
	_cleanup_buf_ struct buf archive = { 0 };
	char dir[] = "/tmp/test-vm-XXXXXX", command[300];
	struct stat st;
	ck_assert_ptr_nonnull(mkdtemp(dir));
	initramfs_dir(&archive, "mods");
	initramfs_file(&archive, "mods/a", 0755, "odd", 3); /* three bytes: the padding counts */
	initramfs_file(&archive, "empty", 0644, "", 0);
	initramfs_file(&archive, "last", 0600, "12345678", 8);
	initramfs_end(&archive);
	ck_assert_int_eq((int)(archive.len % 4), 0);
	snprintf(command, sizeof(command), "cd %s && busybox cpio -idm 2>/dev/null", dir);
	FILE *cpio = popen(command, "w");
	fwrite(archive.data, 1, archive.len, cpio);
	ck_assert_int_eq(pclose(cpio), 0);
	snprintf(command, sizeof(command), "%s/mods/a", dir);
	ck_assert(stat(command, &st) == 0 && st.st_size == 3 && (st.st_mode & 07777) == 0755);
	snprintf(command, sizeof(command), "%s/empty", dir);
	ck_assert(stat(command, &st) == 0 && st.st_size == 0);
	snprintf(command, sizeof(command), "cd %s && [ \"$(cat mods/a last)\" = odd12345678 ]; rc=$?; cd / && rm -r %s; exit $rc",
		dir, dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

static struct mc_err err;

static struct probe a_probe(const char *script)
{
	static char *argv[] = { (char *)"/bin/sh", (char *)"-c", NULL, (char *)"probe", NULL };
	argv[2] = (char *)script;
	return (struct probe){ .name = "unit", .argv = argv, .root = getpid(), .mark = "unit-mark" };
}

/* The probe is a shell here; its words are the ones that the contracts name. */
START_TEST(two_sides_are_compared)
{
	static struct series s;
	struct kernel_id id;
	struct pids pids;
	uint64_t pss = 0, odd[] = { 9, 1, 5 };
	struct probe p = a_probe("echo x");
	ck_assert_int_eq(compare_time(&p, 3, &s, &err), 0);
	ck_assert(s.n == 3 && s.median_first > 0 && s.median_end >= s.median_first && s.median_end < 60000000000ULL);
	ck_assert_int_eq(compare_time(&p, 0, &s, &err), -EINVAL);
	ck_assert_int_eq(compare_time(&p, SERIES_MAX + 1, &s, &err), -EINVAL);
	p = a_probe("echo x; exit 3");
	ck_assert_int_eq(compare_time(&p, 1, &s, &err), -EIO);
	p = a_probe("exit 0");
	ck_assert_int_eq(compare_time(&p, 1, &s, &err), -EIO);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1); /* no process is left */
	p = a_probe("uname -r; cat /proc/sys/kernel/random/boot_id");
	ck_assert_int_eq(kernel_identity(&p, &id, &err), 0);
	ck_assert(id.is_host && id.release[0]);
	p = a_probe("uname -r; echo another-one");
	ck_assert_int_eq(kernel_identity(&p, &id, &err), 0);
	ck_assert(!id.is_host);
	p = a_probe("uname -r");
	ck_assert_int_eq(kernel_identity(&p, &id, &err), -EPROTO);
	ck_assert_uint_eq(median_of(odd, 3), 5);
	ck_assert_uint_eq(odd[0], 9);
	pid_t child = fork();
	if (child == 0) {
		execl("/bin/sh", "sh", "-c", "sleep 60 & wait", "unit-mark", NULL);
		_exit(1);
	}
	for (int i = 0; i < 300; i++, usleep(10000)) {
		ck_assert_int_eq(host_processes(&p, &pids, &err), 0);
		if (pids.n >= 3 && pids.sees_program)
			break;
	}
	ck_assert(pids.pid[0] == getpid() && pids.n == 3 && pids.sees_program);
	ck_assert(host_memory(&pids, &pss, &err) == 0 && pss > 0);
	kill(pids.pid[2], SIGKILL);
	waitpid(child, NULL, 0);
	p.root = child;
	ck_assert_int_eq(host_processes(&p, &pids, &err), -ESRCH);
}
END_TEST

/* A guest of five instructions, where the machine has /dev/kvm; its edges everywhere. */
START_TEST(a_machine_is_descriptors)
{
	struct kvm_machine m;
	/* mov dx, 0x3f8; mov al, 'k'; out dx, al; hlt */
	static const unsigned char code[] = { 0xba, 0xf8, 0x03, 0xb0, 'k', 0xee, 0xf4 };
	static const unsigned char large[1 << 16];
	_cleanup_buf_ struct buf out = { 0 };
	ck_assert_int_eq(kvm_machine_open(&m, large, sizeof(large), &err), -E2BIG);
	kvm_machine_close(&m);
	int rc = kvm_machine_open(&m, code, sizeof(code), &err);
	if (rc < 0) {
		ck_assert_str_ne(err.what, "");
		ck_assert(m.vm == -1 && m.vcpu == -1);
		return;
	}
	ck_assert_int_eq(kvm_loop(m.vcpu, m.run, &out, &err), 0);
	ck_assert_str_eq(out.data, "k");
	kvm_machine_close(&m);
	kvm_machine_close(&m);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vm");
	TCase *c = tcase_create("vm");
	suite_add_tcase(s, c);
	tcase_add_test(c, frames_come_out_as_they_went_in);
	tcase_add_test(c, a_frame_is_taken_whole_or_not_at_all);
	tcase_add_test(c, long_output_is_cut_into_frames);
	tcase_add_test(c, nonsense_is_refused_by_its_head);
	tcase_add_test(c, a_pipe_carries_more_than_it_holds);
	tcase_add_test(c, the_archive_unpacks);
	tcase_add_test(c, two_sides_are_compared);
	tcase_add_test(c, a_machine_is_descriptors);
	SRunner *runner = srunner_create(s);
	srunner_run_all(runner, CK_ENV);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
