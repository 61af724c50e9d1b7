/*
 * test_ids.c - maps of ids: both directions, owners in archives and on disk, what --userns accepts.
 */
#include <check.h>
#include <endian.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/spec/user_ids.h"
#include "image/layer.h"
#include "image/owners.h"
#include "runtime/userns.h"

static struct mc_err err;

/* keep-id of user 1000 with subordinate ids: root is 1, he himself 0. */
static void fill(struct id_maps *m)
{
	*m = (struct id_maps){ 0 };
	struct id_map *both[] = { &m->uids, &m->gids };
	for (size_t i = 0; i < 2; i++) {
		id_map_add(both[i], 0, 1, 1000);
		id_map_add(both[i], 1000, 0, 1);
		id_map_add(both[i], 1001, 1001, 64536);
	}
}

START_TEST(both_directions)
{
	_cleanup_id_maps_ struct id_maps m;
	fill(&m);
	static const uint32_t pairs[][2] = { { 0, 1 }, { 999, 1000 }, { 1000, 0 }, { 1001, 1001 },
		{ 65536, 65536 } };
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
		ck_assert_int_eq(id_map_outside(&m.uids, pairs[i][0]), pairs[i][1]);
		ck_assert_int_eq(id_map_inside(&m.uids, pairs[i][1]), pairs[i][0]);
	}
	ck_assert_int_eq(id_map_outside(&m.uids, 65537), -1);
	ck_assert_int_eq(id_map_inside(&m.uids, 65537), -1);
	ck_assert_uint_eq(id_map_root(&m.uids), 0);
	struct id_map one = { 0 };
	ck_assert_uint_eq(id_map_root(&one), 0);
	id_map_add(&one, 1000, 0, 1);
	ck_assert_uint_eq(id_map_root(&one), 1000);
	id_map_release(&one);
}
END_TEST

START_TEST(a_range_at_the_end_of_all_ids)
{
	struct id_map m = { 0 };
	id_map_add(&m, 4294967290u, 10, 6);
	ck_assert_int_eq(id_map_outside(&m, 4294967295u), 15);
	ck_assert_int_eq(id_map_outside(&m, 4), -1);
	ck_assert_int_eq(id_map_inside(&m, 15), 4294967295);
	id_map_release(&m);
}
END_TEST

START_TEST(owners_there_and_back)
{
	_cleanup_id_maps_ struct id_maps m;
	fill(&m);
	for (uid_t id = 0; id < 65537; id += 7) {
		struct stat st = { .st_uid = id, .st_gid = 65536 - id };
		owners_to_disk(&m, &st);
		owners_from_disk(&m, &st);
		ck_assert_uint_eq(st.st_uid, id);
		ck_assert_uint_eq(st.st_gid, 65536 - id);
	}
	struct stat far = { .st_uid = 200000, .st_gid = 4000000000u };
	owners_to_disk(&m, &far); /* no place: nobody, who has one */
	ck_assert_uint_eq(far.st_uid, 65534);
	ck_assert_uint_eq(far.st_gid, 65534);
}
END_TEST

START_TEST(file_capabilities_lose_their_namespace)
{
	_cleanup_id_maps_ struct id_maps m;
	struct vfs_ns_cap_data caps = { .magic_etc = htole32(VFS_CAP_REVISION_3 | VFS_CAP_FLAGS_EFFECTIVE),
		.data = { { htole32(0x400), 0 } },
		.rootid = htole32(1) };
	uint8_t plain[FILE_CAPS_V2];
	struct vfs_cap_data got;
	fill(&m);
	ck_assert(owners_plain_caps(&m, &caps, sizeof(caps), plain));
	memcpy(&got, plain, sizeof(plain));
	ck_assert_uint_eq(le32toh(got.magic_etc), VFS_CAP_REVISION_2 | VFS_CAP_FLAGS_EFFECTIVE);
	ck_assert_uint_eq(le32toh(got.data[0].permitted), 0x400);
	caps.rootid = htole32(7); /* somebody else's namespace: not ours to translate */
	ck_assert(!owners_plain_caps(&m, &caps, sizeof(caps), plain));
	ck_assert(!owners_plain_caps(&m, &caps, FILE_CAPS_V2, plain));
}
END_TEST

START_TEST(acls_name_ids_too)
{
	_cleanup_id_maps_ struct id_maps m;
	fill(&m);
	struct {
		struct posix_acl_xattr_header header;
		struct posix_acl_xattr_entry user, group, other;
	} acl = { { htole32(2) }, { htole16(ACL_USER), htole16(6), htole32(200) },
		{ htole16(ACL_GROUP), htole16(4), htole32(300) }, { htole16(ACL_OTHER), 0, htole32(0xffffffff) } },
	  old = acl;
	struct stat st = { .st_uid = 200, .st_gid = 300 };
	owners_to_disk(&m, &st);
	owners_acl_to_disk(&m, "user.posix_acl_access", &acl, sizeof(acl));
	ck_assert_mem_eq(&acl, &old, sizeof(acl));
	owners_acl_to_disk(&m, "system.posix_acl_access", &acl, sizeof(acl));
	ck_assert_uint_ne(st.st_uid, 200);
	ck_assert_uint_eq(le32toh(acl.user.e_id), st.st_uid);
	ck_assert_uint_eq(le32toh(acl.group.e_id), st.st_gid);
	ck_assert_mem_eq(&acl.other, &old.other, sizeof(acl.other));
	owners_acl_from_disk(&m, "system.posix_acl_default", &acl, sizeof(acl) - 3); /* a torn end is left alone */
	ck_assert_mem_eq(&acl, &old, sizeof(acl));
}
END_TEST

START_TEST(layers_of_two_maps_lie_apart)
{
	_cleanup_id_maps_ struct id_maps m, other;
	struct digest d;
	fill(&m);
	fill(&other);
	other.gids.range[0].outside++;
	ck_assert_int_eq(
		digest_parse(
			"sha256:0f30ff97fea1c162c8b5dacc27dfb3754678accfcb918d2d8e0aba6025869b19", &d, &err),
		0);
	_cleanup_free_ char *plain = layer_name(&d, NULL), *mine = layer_name(&d, &m),
			    *theirs = layer_name(&d, &other);
	ck_assert_str_eq(plain, digest_hex(&d));
	ck_assert(str_starts(mine, plain) && mine[64] == '-');
	ck_assert_str_ne(mine, theirs);
}
END_TEST

START_TEST(in_the_record)
{
	_cleanup_id_maps_ struct id_maps m, got;
	_cleanup_json_ struct json *host = json_new_object();
	fill(&m);
	ck_assert_int_eq(user_ids_load(host, &got, &err), 0);
	ck_assert_uint_eq(got.uids.n, 0);
	user_ids_save(&m, host);
	ck_assert_int_eq(user_ids_load(host, &got, &err), 0);
	ck_assert_uint_eq(got.uids.n, 3);
	ck_assert_int_eq(memcmp(got.gids.range, m.gids.range, 3 * sizeof(*m.gids.range)), 0);
	ck_assert_uint_eq(user_ids_root_uid(&got), 1);
	_cleanup_json_ struct json *bad = NULL;
	struct id_maps none;
	static const char text[] = "{\"IDMappings\":{\"UidMap\":[\"0:x:1\"]}}";
	ck_assert_int_eq(json_parse(text, sizeof(text) - 1, "test", &bad, &err), 0);
	ck_assert_int_lt(user_ids_load(bad, &none, &err), 0);
	id_maps_release(&none);
}
END_TEST

START_TEST(modes)
{
	static const struct {
		const char *mode;
		bool rootless;
		int rc;
	} table[] = { { NULL, true, 0 }, { "", false, 0 }, { "host", true, 0 }, { "keep-id", true, 0 },
		{ "keep-id", false, -EINVAL }, { "keep-id:uid=5,gid=6", true, 0 },
		{ "keep-id:uid=5,size=6", true, -EINVAL }, { "keep-id:uid", true, -EINVAL },
		{ "keep-id:uid=4294967295", true, -EINVAL }, { "nomap", true, 0 },
		{ "nomap:uid=1", true, -EINVAL }, { "auto", false, 0 }, { "auto", true, -EINVAL },
		{ "auto:size=0", false, -EINVAL }, { "auto:size=70000", false, 0 },
		{ "private", false, -EINVAL } };
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		err = (struct mc_err){ 0 };
		ck_assert_int_eq(user_ids_check(table[i].mode, table[i].rootless, &err), table[i].rc);
		ck_assert_int_eq(err.code, -table[i].rc);
	}
}
END_TEST

/* kill -9 of a process that is in userns_open(), in the moment after it has made its child. _i: ms until then. */
START_TEST(no_child_outlives_a_killed_userns_open)
{
	int status;
	unsigned long child = 0;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct id_map one = { 0 };
		id_map_add(&one, 0, 100000, 10);
		raise(SIGSTOP);
		_exit(userns_open(&one, &one, &err) < 0);
	}
	waitpid(pid, &status, WUNTRACED);
	ck_assert_int_eq(ptrace(PTRACE_SEIZE, pid, 0, PTRACE_O_TRACEFORK), 0);
	kill(pid, SIGCONT);
	while (!child && waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
		if (status >> 16 == PTRACE_EVENT_FORK)
			ptrace(PTRACE_GETEVENTMSG, pid, 0, &child);
		else
			ptrace(PTRACE_CONT, pid, 0, 0);
	}
	ck_assert_msg(child || geteuid(), "userns_open() makes no child: status %#x", status);
	if (!child)
		return; /* a machine may forbid user namespaces to ordinary users */
	waitpid((pid_t)child, &status, __WALL);
	ptrace(PTRACE_DETACH, (pid_t)child, 0, 0);
	usleep((useconds_t)_i * 1000);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	pid_t got = 0;
	for (int i = 0; i < 200 && !got; i++, usleep(10000))
		got = waitpid((pid_t)child, &status, WNOHANG | __WALL);
	kill((pid_t)child, SIGKILL);
	ck_assert_int_eq(got, (pid_t)child);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ids");
	TCase *t = tcase_create("maps");
	suite_add_tcase(s, t);
	tcase_add_test(t, both_directions);
	tcase_add_test(t, a_range_at_the_end_of_all_ids);
	tcase_add_test(t, owners_there_and_back);
	tcase_add_test(t, acls_name_ids_too);
	tcase_add_test(t, file_capabilities_lose_their_namespace);
	tcase_add_test(t, layers_of_two_maps_lie_apart);
	tcase_add_test(t, in_the_record);
	tcase_add_test(t, modes);
	tcase_add_loop_test(t, no_child_outlives_a_killed_userns_open, 0, 2);
	tcase_add_loop_test(t, no_child_outlives_a_killed_userns_open, 100, 101);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
