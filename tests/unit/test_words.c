/*
 * test_words.c - every word of a flag of run and create is read wholly or refused: lists by a table of words, --mount as CSV,
 * contradictions, an image's own configuration.
 */
#include <check.h>

#include "engine/spec/mount_option.h"
#include "engine/spec/option_words.h"
#include "engine/spec/options.h"

static struct mc_err err;
static struct run_options o;

static void setup(void)
{
	err = (struct mc_err){ 0 };
	o = (struct run_options)RUN_OPTIONS_DEFAULT;
}

#define LIST(field) offsetof(struct run_options, field)

static const struct {
	size_t list;
	const char *word;
	bool right;
} list_words[] = {
	{ LIST(add_host), "h:1.2.3.4", true },
	{ LIST(add_host), "h=1.2.3.4", true },
	{ LIST(add_host), "h:::1", true },
	{ LIST(add_host), "h=[fd00::1]", true },
	{ LIST(add_host), "h:host-gateway", true },
	{ LIST(add_host), "h", false },
	{ LIST(add_host), "h:", false },
	{ LIST(add_host), ":1.2.3.4", false },
	{ LIST(add_host), "h:999.1.1.1", false },
	{ LIST(add_host), "a b:1.2.3.4", false },
	{ LIST(add_host), "h:1.2.3.4\n6.6.6.6 x", false },
	{ LIST(dns), "1.2.3.4", true },
	{ LIST(dns), "fd00::1", true },
	{ LIST(dns), "1.2.3", false },
	{ LIST(dns), "", false },
	{ LIST(dns), "name", false },
	{ LIST(dns_search), "example.org", true },
	{ LIST(dns_search), ".", true },
	{ LIST(dns_search), "a b", false },
	{ LIST(dns_search), "a..b", false },
	{ LIST(dns_search), "-a", false },
	{ LIST(dns_search), "a\nb", false },
	{ LIST(dns_option), "ndots:2", true },
	{ LIST(dns_option), "use-vc", true },
	{ LIST(dns_option), "ndots:x", false },
	{ LIST(dns_option), "x\ny", false },
	{ LIST(expose), "80", true },
	{ LIST(expose), "80-90/udp", true },
	{ LIST(expose), "90-80", false },
	{ LIST(expose), "70000", false },
	{ LIST(expose), "80/foo", false },
	{ LIST(expose), "80:80", false },
	{ LIST(publish), "80", true },
	{ LIST(publish), "8080:80/udp", true },
	{ LIST(publish), "127.0.0.1::80", true },
	{ LIST(publish), "[::1]:80:80", true },
	{ LIST(publish), "8000-8001:80-81", true },
	{ LIST(publish), "8000-8009:80", true },
	{ LIST(publish), "x", false },
	{ LIST(publish), "80:", false },
	{ LIST(publish), "80:70000", false },
	{ LIST(publish), "80:80:80", false },
	{ LIST(publish), "1.2.3:80:80", false },
	{ LIST(publish), "80-81:80-82", false },
	{ LIST(publish), "80:80/foo", false },
	{ LIST(labels), "a=b", true },
	{ LIST(labels), "a", true },
	{ LIST(labels), "=b", false },
	{ LIST(labels), "", false },
	{ LIST(labels), "a b=c", false },
	{ LIST(env), "A", true },
	{ LIST(env), "=x", false },
	{ LIST(env), "", false },
	{ LIST(annotations), "a=b", true },
	{ LIST(annotations), "a", false },
	{ LIST(sysctls), "net.ipv4.ip_forward=1", true },
	{ LIST(sysctls), "kernel.shmmax=1", true },
	{ LIST(sysctls), "kernel.panic=1", false },
	{ LIST(sysctls), "vm.swappiness=1", false },
	{ LIST(sysctls), "net.x", false },
	{ LIST(devices), "/dev/null", true },
	{ LIST(devices), "/dev/null:r", true },
	{ LIST(devices), "/dev/null:/dev/x:rw", true },
	{ LIST(devices), "/dev/null:/dev/x:q", false },
	{ LIST(devices), "/dev/null:/dev/x:rr", false },
	{ LIST(devices), "/dev/null:x", false },
	{ LIST(devices), "dev/null", false },
	{ LIST(devices), "/dev/null:/a:r:r", false },
	{ LIST(device_cgroup_rules), "c 1:3 rwm", true },
	{ LIST(device_cgroup_rules), "b 8:* r", true },
	{ LIST(device_cgroup_rules), "c 1:3 rwmx", false },
	{ LIST(device_cgroup_rules), "c 1:3 rwm ", false },
	{ LIST(device_cgroup_rules), "d 1:3 r", false },
	{ LIST(attach), "STDIN", true },
	{ LIST(attach), "input", false },
	{ LIST(group_add), "wheel", true },
	{ LIST(group_add), "", false },
	{ LIST(volumes_from), "web:ro", true },
	{ LIST(volumes_from), "web:nosuch", false },
	{ LIST(security_opt), "no-new-privileges", true },
	{ LIST(security_opt), "no-new-privileges:false", true },
	{ LIST(security_opt), "no-new-privileges:bad", false },
	{ LIST(security_opt), "no-new-privilege", false },
	{ LIST(security_opt), "systempaths=bad", false },
	{ LIST(security_opt), "seccomp", false },
	{ LIST(security_opt), "label=disable", true },
	{ LIST(security_opt), "mask=/proc", false },
	{ LIST(volumes), "/a:/b", true },
	{ LIST(volumes), "/b", true },
	{ LIST(volumes), "/a:/b:ro,rslave,z", true },
	{ LIST(volumes), "/a:/b:ro,rw", false },
	{ LIST(volumes), "/a:/b:ro,ro", false },
	{ LIST(volumes), "/a:/b:nosuch", false },
	{ LIST(volumes), "/a:/b:", false },
	{ LIST(volumes), "/a:b", false },
	{ LIST(volumes), "/a:/", false },
	{ LIST(volumes), "/a:/..", false },
	{ LIST(volumes), ":/b", false },
	{ LIST(volumes), "", false },
	{ LIST(volumes), "a/b:/c", false },
	{ LIST(volumes), "/a:/b:ro:ro", false },
	{ LIST(tmpfs), "/a:size=64m,mode=1777,ro", true },
	{ LIST(tmpfs), "/a:size=50%", true },
	{ LIST(tmpfs), "/a:exec", true },
	{ LIST(tmpfs), "/a:ro,rw", false },
	{ LIST(tmpfs), "/a:size=lots", false },
	{ LIST(tmpfs), "/a:mode=9", false },
	{ LIST(tmpfs), "/a:nosuch", false },
	{ LIST(tmpfs), "a", false },
	{ LIST(tmpfs), "/", false },
	{ LIST(ulimits), "nofile=10:20", true },
	{ LIST(ulimits), "core=-1", true },
	{ LIST(ulimits), "nofile=20:10", false },
	{ LIST(ulimits), "nofile=1:2:3", false },
	{ LIST(ulimits), "nofile", false },
	{ LIST(ulimits), "nofile=-2", false },
	{ LIST(log_opts), "max-size=10m", true },
	{ LIST(log_opts), "max-file=3", true },
	{ LIST(log_opts), "max_size=10m", false },
	{ LIST(log_opts), "max-size=x", false },
	{ LIST(log_opts), "max-size=0", false },
	{ LIST(log_opts), "max-file=0", false },
	{ LIST(log_opts), "=x", false },
	{ LIST(device_read_bps), "/dev/null:1", false },
	{ LIST(device_write_iops), "x:1", false },
	{ LIST(blkio_weight_device), "/dev/sda:5", false },
	{ LIST(cap_add), "sys_admin", true },
	{ LIST(cap_add), "", false },
};

START_TEST(words_of_lists)
{
	for (size_t i = 0; i < ARRAY_LEN(list_words); i++) {
		char *list[] = { (char *)list_words[i].word, NULL };
		setup();
		*(char ***)((char *)&o + list_words[i].list) = list;
		int rc = options_check(&o, &err);
		ck_assert_msg(
			(rc == 0) == list_words[i].right, "'%s': %d %s", list_words[i].word, rc, err.what);
		if (rc < 0)
			ck_assert_int_eq(err.exit_status, 125);
	}
}
END_TEST

#define TEXT(field) offsetof(struct run_options, field)

static const struct {
	size_t field;
	const char *word;
	bool right;
} texts[] = {
	{ TEXT(pid), "host", true },
	{ TEXT(pid), "hots", false },
	{ TEXT(pid), "private", false },
	{ TEXT(pid), "container:", false },
	{ TEXT(pid), "container:x", true },
	{ TEXT(ipc), "shareable", true },
	{ TEXT(ipc), "nosuch", false },
	{ TEXT(uts), "host", true },
	{ TEXT(uts), "private", false },
	{ TEXT(cgroupns), "private", true },
	{ TEXT(cgroupns), "x", false },
	{ TEXT(userns), "nosuch", false },
	{ TEXT(hostname), "a b", false },
	{ TEXT(hostname), "a\nb", false },
	{ TEXT(hostname), "web-1.example", true },
	{ TEXT(domainname), "a b", false },
	{ TEXT(user), "1000:1000", true },
	{ TEXT(user), "1000:", true },
	{ TEXT(user), "1:2:3", false },
	{ TEXT(user), "99999999999", false },
	{ TEXT(user), "-1", false },
	{ TEXT(workdir), "rel", false },
	{ TEXT(stop_signal), "TERM", true },
	{ TEXT(stop_signal), "nosuch", false },
	{ TEXT(stop_signal), "99", false },
	{ TEXT(mac_address), "02:42:ac:11:00:02", true },
	{ TEXT(mac_address), "02:42:ac:11:00", false },
	{ TEXT(mac_address), "01:00:00:00:00:00", false },
	{ TEXT(mac_address), "02:42:ac:11:00:0g", false },
	{ TEXT(ip), "1.2.3", false },
	{ TEXT(ip6), "1.2.3.4", false },
	{ TEXT(cpuset_cpus), "0", true },
	{ TEXT(cpuset_cpus), "1-0", false },
	{ TEXT(cpuset_cpus), "x", false },
	{ TEXT(cpuset_cpus), "8000", false },
	{ TEXT(cpuset_mems), "99", false },
	{ TEXT(platform), "linux/amd64", true },
	{ TEXT(platform), "arm64", true },
	{ TEXT(platform), "linux/arm/v7", true },
	{ TEXT(platform), "linux/nosuch", false },
	{ TEXT(platform), "linux/arm/v7/x", false },
	{ TEXT(log_driver), "nosuch", false },
	{ TEXT(log_driver), "local", true },
	{ TEXT(restart), "on-failure:3", true },
	{ TEXT(restart), "on-failure:-1", false },
	{ TEXT(restart), "always:3", false },
	{ TEXT(restart), "sometimes", false },
	{ TEXT(detach_keys), "ctrl-x,y", true },
	{ TEXT(detach_keys), "nosuch", false },
	{ TEXT(cgroup_parent), "/a/../../b", false },
	{ TEXT(cgroup_parent), "/a", true },
	{ TEXT(network), "container:", false },
};

START_TEST(words_of_texts)
{
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		setup();
		*(const char **)((char *)&o + texts[i].field) = texts[i].word;
		int rc = options_check(&o, &err);
		ck_assert_msg((rc == 0) == texts[i].right, "'%s': %d %s", texts[i].word, rc, err.what);
	}
}
END_TEST

static const struct {
	const char *text, *says; /* NULL: right */
} mounts[] = {
	{ "type=tmpfs,dst=/b", NULL },
	{ "type=tmpfs,dst=/b,tmpfs-mode=0700,tmpfs-size=1m", NULL },
	{ "type=bind,src=/tmp,dst=/b,readonly", NULL },
	{ "type=bind,\"src=/tmp\",dst=/b,ro=T", NULL },
	{ "TYPE=bind,SOURCE=/tmp,TARGET=/b", NULL },
	{ "type=bind,src=/tmp,dst=/b,reaonly", "key=value" },
	{ "type=bind,src=/tmp,dst=/b,reaonly=1", "unexpected key" },
	{ "type=bind,src=/tmp,dst=/b,readonly=maybe", "invalid value for readonly" },
	{ "type=bind,src=/tmp,dst=/b,bind-propagation=x", "bind-propagation" },
	{ "type=bind,src=/tmp,dst=/b,tmpfs-size=1m", "cannot mix" },
	{ "type=bind,src=/tmp,src=/etc,dst=/b", "given twice" },
	{ "type=bind,src=/tmp,source=/etc,dst=/b", "given twice" },
	{ "type=bind,src=/tmp", "target is required" },
	{ "type=bind,dst=/b", "Source must not be empty" },
	{ "type=bind,src=,dst=/b", "invalid value for src" },
	{ "type=bind,src=tmp,dst=/b", "absolute" },
	{ "type=bind,src=/tmp,dst=b", "absolute" },
	{ "type=bind,src=/tmp,dst=/", "can't be '/'" },
	{ "type=tmpfs,dst=/b,src=/x", "Source must not be specified" },
	{ "type=tmpfs,dst=/b,tmpfs-size=lots", "tmpfs-size" },
	{ "type=tmpfs,dst=/b,tmpfs-mode=9", "tmpfs-mode" },
	{ "type=nosuch,src=/tmp,dst=/b", "invalid value for type" },
	{ "type=bind,,src=/tmp,dst=/b", "key=value" },
	{ "type=bind,\"src=/tmp,dst=/b", "not closed" },
	{ "type=bind,sr\"c=/tmp,dst=/b", "quote" },
	{ "type=bind,\"src=/tmp\"x,dst=/b", "behind a quoted field" },
	{ "", "empty" },
};

START_TEST(mount_is_csv)
{
	for (size_t i = 0; i < ARRAY_LEN(mounts); i++) {
		_cleanup_json_ struct json *m = NULL;
		setup();
		int rc = mount_option_parse(mounts[i].text, &m, &err);
		ck_assert_msg((rc == 0) == !mounts[i].says, "'%s': %d %s", mounts[i].text, rc, err.what);
		if (rc < 0)
			ck_assert_msg(strstr(err.what, mounts[i].says), "'%s': %s", mounts[i].text, err.what);
	}
	_cleanup_json_ struct json *m = NULL;
	ck_assert_int_eq(mount_option_parse("type=bind,\"src=/a,\"\"b\",dst=/c,ro=false", &m, &err), 0);
	ck_assert_str_eq(json_text_of(json_member(m, "Source")), "/a,\"b");
	bool ro = true;
	ck_assert_int_eq(json_get_bool(m, &ro, &err, "ReadOnly"), 1);
	ck_assert(!ro);
}
END_TEST

START_TEST(two_wishes_for_one_place)
{
	char *volumes[] = { "/tmp:/x", "/etc:/x/", NULL }, *same[] = { "/tmp:/x", "/tmp:/x", NULL };
	char *tmpfs[] = { "/a/../x", NULL }, *mount[] = { "type=bind,src=/tmp,dst=//x", NULL };
	setup();
	o.volumes = volumes;
	ck_assert_int_lt(options_check(&o, &err), 0);
	ck_assert_ptr_nonnull(strstr(err.what, "Duplicate mount point"));
	setup();
	o.volumes = same;
	ck_assert_int_eq(options_check(&o, &err), 0);
	o.tmpfs = tmpfs;
	ck_assert_int_lt(options_check(&o, &err), 0);
	setup();
	o.tmpfs = tmpfs;
	o.mounts = mount;
	ck_assert_int_lt(options_check(&o, &err), 0);
}
END_TEST

START_TEST(contradictions)
{
	char *list[] = { "stdin", NULL }, *port[] = { "80", NULL }, *net[] = { "net.x=1", NULL };
	char *size[] = { "max-size=1m", NULL };
	const struct run_options wrong[] = {
		{ .stop_timeout = -1, .memory_swappiness = -1, .uts = "host", .hostname = "x" },
		{ .stop_timeout = -1, .memory_swappiness = -1, .network = "container:x", .publish = port },
		{ .stop_timeout = -1, .memory_swappiness = -1, .network = "container:x", .expose = port },
		{ .stop_timeout = -1, .memory_swappiness = -1, .network = "host", .sysctls = net },
		{ .stop_timeout = -1,
			.memory_swappiness = -1,
			.network = "host",
			.mac_address = "02:00:00:00:00:01" },
		{ .stop_timeout = -1, .memory_swappiness = -1, .attach = list, .detach = true },
		{ .stop_timeout = -1, .memory_swappiness = -1, .log_driver = "none", .log_opts = size },
		{ .stop_timeout = -1, .memory_swappiness = -1, .health = { .disable = true, .retries = 2 } },
		{ .stop_timeout = -1, .memory_swappiness = -1, .health = { .interval = 10 } },
		{ .stop_timeout = -1, .memory_swappiness = -1, .health = { .retries = -1 } },
		{ .stop_timeout = -1, .memory_swappiness = -1, .memory_reservation = 1024 },
		{ .stop_timeout = -1, .memory_swappiness = -1, .pids_limit = -5 },
		{ .stop_timeout = -1, .memory_swappiness = -1, .blkio_weight = 5 },
		{ .stop_timeout = -5, .memory_swappiness = -1 },
		{ .stop_timeout = -1, .memory_swappiness = 101 },
	};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		setup();
		ck_assert_msg(options_check(&wrong[i], &err) < 0, "row %zu is taken", i);
	}
}
END_TEST

static int merge(const char *config, struct json **ret)
{
	_cleanup_json_ struct json *image = NULL;
	setup();
	o.image = "img:1";
	ck_assert_int_eq(json_parse(config, strlen(config), "image", &image, &err), 0);
	*ret = json_new_object();
	return options_merge(&o, image, *ret, &err);
}

START_TEST(image_fields)
{
	static const char *const wrong[] = { "{\"config\":{\"Cmd\":5}}", "{\"config\":{\"Cmd\":[1]}}",
		"{\"config\":{\"Cmd\":[\"sh\"],\"Env\":{}}}", "{\"config\":{\"Cmd\":[\"sh\"],\"User\":7}}",
		"{\"config\":{\"Cmd\":[\"sh\"],\"Labels\":[]}}",
		"{\"config\":{\"Cmd\":[\"sh\"],\"Volumes\":[\"/x\"]}}",
		"{\"config\":{\"Cmd\":[\"sh\"],\"Labels\":{\"a\":1}}}",
		"{\"config\":{\"Cmd\":[\"sh\"],\"OnBuild\":\"RUN x\"}}",
		"{\"config\":{\"Cmd\":[\"sh\"],\"Healthcheck\":{\"Test\":\"x\"}}}",
		"{\"config\":{\"Cmd\":[\"sh\"],\"Healthcheck\":{\"Interval\":\"1s\"}}}" };
	_cleanup_json_ struct json *doc = NULL, *health = NULL, *taken_back = NULL;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		_cleanup_json_ struct json *d = NULL;
		ck_assert_msg(merge(wrong[i], &d) < 0, "%s is taken", wrong[i]);
		ck_assert_msg(strstr(err.what, "config"), "%s: %s", wrong[i], err.what);
		ck_assert_int_eq(err.exit_status, 125);
	}
	ck_assert_int_eq(
		merge("{\"config\":{\"Cmd\":[\"sh\"],\"Env\":null,\"Labels\":null,\"WorkingDir\":\"app\","
		      "\"StopSignal\":\"SIGNOSUCH\",\"Healthcheck\":null}}",
			&doc),
		0);
	ck_assert_str_eq(json_text_of(json_at(doc, "Config.WorkingDir")), "/app");
	ck_assert_ptr_null(json_at(doc, "Config.StopSignal"));
	/* Docker runs these, so we do: no check of an unknown kind, the usual time for one below zero. */
	ck_assert_int_eq(merge("{\"config\":{\"Cmd\":[\"sh\"],\"Healthcheck\":{\"Test\":[\"RUN\",\"x\"],"
			       "\"Interval\":-1,\"Timeout\":2000000}}}",
				 &health),
		0);
	ck_assert_ptr_null(json_at(health, "Config.Healthcheck.Test"));
	ck_assert_ptr_null(json_at(health, "Config.Healthcheck.Interval"));
	ck_assert_int_eq(json_int_of(json_at(health, "Config.Healthcheck.Timeout")), 2000000);
	ck_assert_int_eq(
		merge("{\"config\":{\"Cmd\":[\"sh\",\"-c\"],\"Entrypoint\":[\"\"]}}", &taken_back), 0);
	ck_assert_str_eq(json_text_of(json_at(taken_back, "Path")), "sh");
}
END_TEST

START_TEST(what_becomes_of_them)
{
	char *hosts[] = { "h=[fd00::1]", NULL }, *limits[] = { "nofile=1", "core=0", "nofile=2", NULL };
	char *mount[] = { "type=tmpfs,dst=/b,tmpfs-mode=0700,tmpfs-size=1m", NULL },
	     *command[] = { "x", NULL };
	_cleanup_json_ struct json *doc = json_new_object();
	setup();
	o.image = "img";
	o.command = command;
	o.add_host = hosts;
	o.ulimits = limits;
	o.mounts = mount;
	ck_assert_int_eq(options_merge(&o, NULL, doc, &err), 0);
	ck_assert_str_eq(json_text_of(json_at(doc, "HostConfig.ExtraHosts[0]")), "h:fd00::1");
	ck_assert_uint_eq(json_len(json_at(doc, "HostConfig.Ulimits")), 2);
	ck_assert_int_eq(json_int_of(json_at(doc, "HostConfig.Ulimits[1].Soft")), 2);
	ck_assert_int_eq(json_int_of(json_at(doc, "HostConfig.Mounts[0].TmpfsOptions.Mode")), 0700);
	ck_assert_int_eq(json_int_of(json_at(doc, "HostConfig.Mounts[0].TmpfsOptions.SizeBytes")), 1 << 20);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("words");
	Suite *s = suite_create("words");
	SRunner *r = srunner_create(s);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(t, setup, NULL);
	tcase_add_test(t, words_of_lists);
	tcase_add_test(t, words_of_texts);
	tcase_add_test(t, mount_is_csv);
	tcase_add_test(t, two_wishes_for_one_place);
	tcase_add_test(t, contradictions);
	tcase_add_test(t, image_fields);
	tcase_add_test(t, what_becomes_of_them);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? 1 : 0;
}
