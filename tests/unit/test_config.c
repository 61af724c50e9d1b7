/*
 * test_config.c - config.json to structs: right values, wrong types named by their place, nothing crashes.
 */
#include <check.h>
#include <sys/mount.h>

#include "base/json.h"
#include "runtime/config.h"
#include "runtime/namespace.h"

static struct mc_err err;
static struct config c;

static void setup(void)
{
	err = (struct mc_err){ 0 };
	c = (struct config){ 0 };
}

static void teardown(void) { config_release(&c); }

/* Single quotes stand for double ones, to keep the texts readable. */
static int parse(const char *text)
{
	struct json *doc = NULL;
	_cleanup_free_ char *copy = xstrdup(text);
	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	int rc = json_parse(copy, strlen(copy), "config.json", &doc, &err);
	ck_assert_msg(rc == 0, "%s", err.what);
	return config_parse(doc, "/bundle", &c, &err);
}

#define HEAD "'ociVersion':'1.0.2','root':{'path':'rootfs'},'process':{'args':['sh','-c','x'],'cwd':'/'"
#define NS "'namespaces':[{'type':'mount'},{'type':'pid'},{'type':'uts'},{'type':'network','path':'/run/n'}]"

START_TEST(values_arrive)
{
	ck_assert_msg(parse("{" HEAD ",'user':{'uid':7,'gid':8,'umask':63,'additionalGids':[1,2]},"
			    "'noNewPrivileges':true,'capabilities':{'bounding':['CAP_KILL','CAP_CHOWN']}},"
			    "'root':{'path':'r','readonly':true},'hostname':'h','linux':{" NS ",'resources':{"
			    "'memory':{'limit':67108864,'swap':-1},'cpu':{'quota':50000,'period':100000},'"
			    "pids':{'limit':10}},"
			    "'maskedPaths':['/proc/kcore']}}") == 0,
		"%s", err.what);
	ck_assert_uint_eq(c.process.user.uid, 7);
	ck_assert_uint_eq(c.process.user.gid, 8);
	ck_assert_uint_eq(c.process.user.n_groups, 2);
	ck_assert_uint_eq(c.process.umask, 63);
	ck_assert(c.process.has_umask && c.process.no_new_privs && c.root_readonly);
	ck_assert_uint_eq(c.process.caps.bounding, 1 << 5 | 1 << 0);
	ck_assert_uint_eq(c.process.caps.effective, 0);
	ck_assert_str_eq(c.root_path, "/bundle/r");
	ck_assert_int_eq(c.limits.memory, 64 << 20);
	ck_assert_int_eq(c.limits.memory_swap, -1);
	ck_assert_int_eq(c.limits.pids, 10);
	ck_assert_str_eq(c.masked_paths[0], "/proc/kcore");
}
END_TEST

START_TEST(namespaces_are_choices)
{
	ck_assert_msg(parse("{" HEAD "},'linux':{" NS "}}") == 0, "%s", err.what);
	ck_assert(config_has_new(&c, NS_PID) && !config_has_new(&c, NS_NET) && !config_has_new(&c, NS_IPC));
	ck_assert_str_eq(c.namespaces.ns[NS_NET].path, "/run/n");
	ck_assert_uint_eq(namespace_flags(&c.namespaces), CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS);
}
END_TEST

START_TEST(mount_words)
{
	ck_assert_msg(parse("{" HEAD "},'linux':{" NS "},'mounts':["
			    "{'destination':'/"
			    "tmp','type':'tmpfs','source':'tmpfs','options':['nosuid','size=64m','mode=755','"
			    "rslave']},"
			    "{'destination':'/x','source':'data','options':['rbind','ro','rw']},"
			    "{'destination':'/y','type':'bind','source':'/"
			    "d','options':['rro','idmap','noexec']},"
			    "{'destination':'/z','type':'tmpfs','options':['rro','rnoexec']}]}") == 0,
		"%s", err.what);
	ck_assert_uint_eq(c.n_mounts, 4);
	ck_assert_uint_eq(c.mounts[0].flags, MS_NOSUID);
	ck_assert_str_eq(c.mounts[0].data, "size=64m,mode=755");
	ck_assert_uint_eq(c.mounts[0].propagation, MS_SLAVE | MS_REC);
	ck_assert_uint_eq(c.mounts[1].flags, MS_BIND | MS_REC);
	ck_assert_uint_eq(c.mounts[1].clear, MS_RDONLY);
	ck_assert_str_eq(c.mounts[1].source, "/bundle/data");
	ck_assert_uint_eq(c.mounts[2].flags, MS_BIND | MS_NOEXEC);
	ck_assert_uint_eq(c.mounts[3].flags, MS_RDONLY | MS_NOEXEC); /* nothing is below a new file system */
	ck_assert_str_eq(c.mounts[2].data, ""); /* the tail's words never reach the file system */
}
END_TEST

static const struct {
	const char *text, *message;
} wrong[] = {
	{ "{" HEAD "},'linux':{" NS ",'resources':{'memory':{'limit':'64m'}}}}",
		"linux.resources.memory.limit" },
	{ "{" HEAD ",'user':{'uid':-1}},'linux':{" NS "}}", "process.user.uid" },
	{ "{" HEAD ",'env':'A=b'},'linux':{" NS "}}", "process.env" },
	{ "{'ociVersion':'2.0.0'}", "ociVersion" },
	{ "{" HEAD "},'root':{},'linux':{" NS "}}", "root.path: missing" },
	{ "{'ociVersion':'1.0.0','process':{'args':[],'cwd':'/'},'linux':{" NS "}}", "process.args" },
	{ "{'ociVersion':'1.0.0','process':{'args':['x'],'cwd':'rel'},'linux':{" NS "}}", "process.cwd" },
	{ "{" HEAD "},'linux':{'namespaces':[{'type':'mnt'}]}}", "mnt" },
	{ "{" HEAD "},'linux':{'namespaces':[{'type':'pid'},{'type':'pid'}]}}", "twice" },
	{ "{" HEAD "},'linux':{'namespaces':[{'type':'pid'}]}}", "mount" },
	{ "{" HEAD "},'linux':{'namespaces':[{'type':'mount'},{'type':'user'}]}}", "uidMappings" },
	{ "{" HEAD "},'hostname':'h','linux':{'namespaces':[{'type':'mount'}]}}", "hostname" },
	{ "{" HEAD "},'linux':{" NS "},'mounts':[{'type':'tmpfs'}]}", "mounts[0].destination" },
	{ "{" HEAD "},'linux':{" NS "},'mounts':[{'destination':'/x','options':['bind']}]}",
		"mounts[0].source" },
};

START_TEST(wrong_is_named)
{
	ck_assert(parse(wrong[_i].text) < 0);
	ck_assert_msg(
		strstr(err.what, wrong[_i].message) != NULL, "wanted %s in: %s", wrong[_i].message, err.what);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("config");
	TCase *t = tcase_create("config");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, values_arrive);
	tcase_add_test(t, namespaces_are_choices);
	tcase_add_test(t, mount_words);
	tcase_add_loop_test(t, wrong_is_named, 0, ARRAY_LEN(wrong));
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
