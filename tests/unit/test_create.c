/*
 * test_create.c - create and start: a container that cannot be made leaves nothing, one that is made waits, and its program's end is
 * what the parent reads. In a user namespace, so that neither root nor a cgroup is needed.
 */
#include <stdlib.h>
#include <sys/wait.h>

#include "base/file.h"
#include "runtime/create.h"
#include "runtime/delete.h"
#include "runtime/start.h"
#include "runtime/state.h"
#include "inside.h"
#include "qemu.h"

static struct create plan(void)
{
	return (struct create){ .root = "/tmp/states", .id = "c1", .bundle = "/tmp/bundle", .rootfs_fd = -1, .no_cgroup = true };
}

/* A bundle whose root has the host's /usr; `process` and `more` are parts of its config.json. */
static void make_bundle(const char *process, const char *more)
{
	static const char *const links[] = { "bin", "lib", "lib64", "sbin" };
	OK(dir_make(AT_FDCWD, "/tmp/bundle/rootfs/usr", 0755, &err));
	OK(dir_make(AT_FDCWD, "/tmp/bundle/rootfs/proc", 0755, &err));
	OK(dir_make(AT_FDCWD, "/tmp/bundle/rootfs/dev", 0755, &err));
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		_cleanup_free_ char *path = xasprintf("/tmp/bundle/rootfs/%s", links[i]), *to = xasprintf("usr/%s", links[i]);
		(void)!symlink(to, path);
	}
	_cleanup_free_ char *text = xasprintf(
		"{\"ociVersion\":\"1.2.0\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0,\"gid\":0},"
		"\"env\":[\"PATH=/usr/bin:/bin\",\"HOME=/\"],%s},\"mounts\":[{\"destination\":\"/usr\",\"type\":\"bind\","
		"\"source\":\"/usr\",\"options\":[\"rbind\",\"ro\"]}]%s,"
		"\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"},{\"type\":\"uts\"}]}}",
		process, more);
	OK(file_write_atomic(AT_FDCWD, "/tmp/bundle/config.json", text, strlen(text), 0644, 0, &err));
}

/* No state directory and no child: what a failed create leaves. */
static void nothing_is_left(void)
{
	ck_assert_msg(!path_exists(AT_FDCWD, "/tmp/states/c1"), "a state directory is left");
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}

START_TEST(what_fails_leaves_nothing)
{
	static const struct {
		const char *process, *more;
		int code;
	} rows[] = {
		{ "\"args\":[\"no-such-program\"]", "", -ENOENT },
		{ "\"args\":[\"/etc\"]", "", 0 },
		{ "\"args\":[\"true\"],\"terminal\":true", "", -EINVAL },
		{ "\"args\":[]", "", -EINVAL },
		{ "\"args\":[\"true\"]", ",\"hostname\":\"01234567890123456789012345678901234567890123456789012345678901234\"",
			-ENAMETOOLONG },
	};
	if (!inside() || qemu_lacks("openat2(2)"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct create o = plan();
		make_bundle(rows[i].process, rows[i].more);
		memset(&err, 0, sizeof(err));
		int rc = create_container(&o, &err);
		ck_assert_msg(rc < 0 && *err.what, "row %zu: %d", i, rc);
		if (rows[i].code)
			ck_assert_msg(rc == rows[i].code, "row %zu: %d, %s", i, rc, err.what);
		nothing_is_left();
	}
	struct create o = plan();
	o.bundle = "/tmp/none";
	ck_assert_int_eq(create_container(&o, &err), -ENOENT);
	nothing_is_left();
	o = plan();
	o.id = "../c1";
	ck_assert_int_eq(create_container(&o, &err), -EINVAL);
}
END_TEST

/* Is the container `status` now? */
static void is(enum container_status status)
{
	_cleanup_state_ struct state s = { 0 };
	_cleanup_close_ int dir = state_load("/tmp/states", "c1", &s, &err);
	OK(dir);
	ck_assert_str_eq(state_status_name(s.status), state_status_name(status));
}

/* The whole life. */
START_TEST(created_waits_for_start)
{
	int status;
	struct create o = plan();
	if (!inside() || qemu_lacks("openat2(2)"))
		return;
	make_bundle("\"args\":[\"sh\",\"-c\",\"exit 7\"]", ",\"hostname\":\"unit\"");
	OK(create_container(&o, &err));
	ck_assert_int_gt(o.pid, 0);
	is(STATUS_CREATED);
	ck_assert_int_eq(waitpid(o.pid, &status, WNOHANG), 0);
	struct create twice = plan();
	ck_assert_int_eq(create_container(&twice, &err), -EEXIST);
	is(STATUS_CREATED); /* the second create took nothing away */
	OK(start_container("/tmp/states", "c1", &err));
	ck_assert_int_eq(waitpid(o.pid, &status, 0), o.pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 7, "status %x", status);
	is(STATUS_STOPPED);
	ck_assert_int_eq(start_container("/tmp/states", "c1", &err), -EINVAL);
	OK(delete_container("/tmp/states", "c1", false, &err));
	nothing_is_left();
	ck_assert_int_eq(start_container("/tmp/states", "c1", &err), -ENOENT);
	OK(delete_container("/tmp/states", "c1", true, &err));
}
END_TEST

/* The program was found at create and is gone at start: the error of the exec reaches the starter. */
START_TEST(an_exec_that_fails_is_told)
{
	struct create o = plan();
	if (!inside() || qemu_lacks("openat2(2)"))
		return;
	make_bundle("\"args\":[\"/script\"]", "");
	OK(file_write_atomic(AT_FDCWD, "/tmp/bundle/rootfs/script", "#!/none\n", 8, 0755, 0, &err));
	OK(create_container(&o, &err));
	ck_assert_int_eq(start_container("/tmp/states", "c1", &err), -ENOENT);
	ck_assert_ptr_nonnull(strstr(err.what, "/script"));
	is(STATUS_STOPPED);
	OK(delete_container("/tmp/states", "c1", false, &err));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("create");
	TCase *t = tcase_create("create");
	tcase_add_test(t, what_fails_leaves_nothing);
	tcase_add_test(t, created_waits_for_start);
	tcase_add_test(t, an_exec_that_fails_is_told);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
