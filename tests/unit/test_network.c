/*
 * test_network.c - addresses, pools, -p, leases, the text of rules, DNS messages: what needs no root and no link.
 */
#include <check.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "engine/monitor/dns_message.h"
#include "engine/monitor/net_file.h"
#include "engine/spec/network_words.h"
#include "network/lease.h"
#include "network/message.h"
#include "network/pool.h"
#include "network/port_spec.h"
#include "qemu.h"

static struct subnet net_of(const char *text)
{
	struct subnet s;
	ck_assert_int_eq(subnet_parse(text, 0, &s), 0);
	return s;
}

START_TEST(addresses)
{
	static const char *const wrong[] = { "", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "fd00::/129", "a/8", "::1/x" };
	struct address a;
	char out[ADDRESS_TEXT];
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		ck_assert_msg(subnet_parse(wrong[i], 0, &(struct subnet){ 0 }) < 0, "%s", wrong[i]);
	struct subnet s = net_of("10.1.2.77/20"), six = net_of("fd00:1::5/64");
	a = subnet_first(&s);
	ck_assert_str_eq(address_text(&a, out), "10.1.0.0");
	a = subnet_last(&s);
	ck_assert_str_eq(address_text(&a, out), "10.1.15.255");
	a = address_add(&a, 1);
	ck_assert_str_eq(address_text(&a, out), "10.1.16.0");
	ck_assert(!subnet_has(&s, &a));
	a = subnet_last(&six);
	ck_assert_str_eq(address_text(&a, out), "fd00:1::ffff:ffff:ffff:ffff");
	ck_assert(address_parse("10.0.0.1", AF_INET6, &a) < 0);
	ck_assert(!subnet_has(&s, &six.address));
	struct subnet all = net_of("0.0.0.0/0");
	ck_assert(subnet_overlaps(&all, &s) && subnet_overlaps(&s, &all) && !subnet_overlaps(&six, &all));
}
END_TEST

START_TEST(pools)
{
	_cleanup_subnet_list_ struct subnet_list used = { 0 };
	struct pool p[] = { { net_of("10.5.0.0/29"), 30 }, { net_of("10.6.0.0/24"), 24 } };
	struct subnet got, vpn = net_of("10.5.0.0/30");
	struct mc_err err = { 0 };
	char out[ADDRESS_TEXT];
	subnet_list_add(&used, &vpn);
	static const char *const want[] = { "10.5.0.4/30", "10.6.0.0/24" };
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		ck_assert_int_eq(pool_pick(p, 2, 0, &used, &got, &err), 0);
		ck_assert_str_eq(subnet_text(&got, out), want[i]);
		subnet_list_add(&used, &got);
	}
	ck_assert_int_eq(pool_pick(p, 2, 0, &used, &got, &err), -ENOSPC);
}
END_TEST

START_TEST(published_ports)
{
	static const struct {
		const char *text, *key, *ip, *port;
	} good[] = { { "80", "80/tcp", "", "" }, { "8080:80", "80/tcp", "", "8080" }, { "127.0.0.1::80/udp", "80/udp", "127.0.0.1", "" },
		{ "[::1]:8080:80", "80/tcp", "::1", "8080" }, { "8000-8002:80", "80/tcp", "", "8000-8002" },
		{ "8000-8001:80-81", "81/tcp", "", "8001" }, { "0:80", "80/tcp", "", "" }, { "53/UDP", "53/udp", "", "" } };
	static const char *const bad[] = { "", ":", "0", "70000", "80:", "1-2:3-5", "::1:80:80", "1.2.3:80:80", "80/icmp", "a:80",
		"80-70", "8080:0", "1.2.3.4:80" };
	struct mc_err err = { 0 };
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		_cleanup_json_ struct json *b = json_new_object();
		ck_assert_msg(port_spec_add(good[i].text, b, &err) == 0, "%s: %s", good[i].text, err.what);
		const struct json *one = json_item(json_member(b, good[i].key), 0);
		ck_assert_str_eq(json_text_of(json_member(one, "HostIp")), good[i].ip);
		ck_assert_str_eq(json_text_of(json_member(one, "HostPort")), good[i].port);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		_cleanup_json_ struct json *b = json_new_object();
		ck_assert_msg(port_spec_add(bad[i], b, &err) < 0, "%s", bad[i]);
	}
}
END_TEST

START_TEST(leases)
{
	if (qemu_lacks("start time of a process that all processes agree on"))
		return;
	char dir[] = "/tmp/minictr-lease.XXXXXX";
	ck_assert(mkdtemp(dir) != NULL);
	struct network n = { .name = (char *)"n", .subnet4 = net_of("10.7.0.1/29") };
	struct mc_err err = { 0 };
	struct lease l;
	char out[ADDRESS_TEXT], id[65];
	static const char *const want[] = { "10.7.0.2", "10.7.0.3", "10.7.0.4", "10.7.0.5", "10.7.0.6" };
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		snprintf(id, sizeof(id), "c%zu", i);
		struct lease_request r = { .id = id, .ifname = "eth0" };
		ck_assert_int_eq(lease_take(dir, &n, &r, &l, &err), 0);
		ck_assert_str_eq(address_text(&l.address4.address, out), want[i]);
	}
	struct lease_request more = { .id = "more", .ifname = "eth0" };
	ck_assert_int_eq(lease_take(dir, &n, &more, &l, &err), -ENOSPC);
	/* a process that has ended: taken by a child that is gone */
	lease_drop(dir, "c1", false);
	pid_t pid = fork();
	if (pid == 0)
		_exit(lease_take(dir, &n, &more, &l, &err) < 0);
	int status;
	while (waitpid(pid, &status, 0) < 0)
		;
	ck_assert_int_eq(status, 0);
	struct lease_request next = { .id = "next", .ifname = "eth0" };
	ck_assert_int_eq(lease_take(dir, &n, &next, &l, &err), 0);
	ck_assert_str_eq(address_text(&l.address4.address, out), "10.7.0.3");
	/* held: nobody else's; another boot: all void but held ones */
	lease_drop(dir, "next", true);
	ck_assert_int_eq(lease_take(dir, &n, &more, &l, &err), -ENOSPC);
	struct process_id self = { .pid = getpid() };
	process_id_fill(&self);
	char *names[] = { (char *)"web", NULL };
	ck_assert_int_eq(lease_raise(dir, "c0", &self, names, &err), 0);
	_cleanup_lease_file_ struct lease_file f = { 0 };
	lease_read(dir, &f);
	ck_assert_uint_eq(f.count, 5);
	_cleanup_free_ char *path = xasprintf("%s/leases", dir);
	static const char other[] = "leases 1 other\nup 10.7.0.2 - 02:42:00:00:00:01 eth0 c0 1 1 x\nheld 10.7.0.3 - - - next 0 0\nup nonsense\n\n";
	ck_assert_int_eq(file_write_atomic(AT_FDCWD, path, other, strlen(other), 0600, 0, &err), 0);
	lease_file_release(&f);
	lease_read(dir, &f);
	ck_assert_uint_eq(f.count, 1);
	ck_assert_int_eq(f.lines[0].state, LEASE_HELD);
	dir_remove(AT_FDCWD, dir, &err);
}
END_TEST

START_TEST(rules)
{
	struct network n = { .subnet4 = net_of("10.7.0.1/24"), .subnet6 = net_of("fd00::1/64") };
	struct text t = { 0 };
	snprintf(n.bridge, sizeof(n.bridge), "br0");
	snprintf(n.table, sizeof(n.table), "t");
	nat_rules(&n, &t);
	ck_assert(strstr(t.buf.data, "ip saddr 10.7.0.0/24 oifname != \"br0\" masquerade"));
	ck_assert(strstr(t.buf.data, "ip6 saddr fd00::/64 oifname != \"br0\" masquerade"));
	buf_clear(&t.buf);
	n.internal = true;
	nat_rules(&n, &t);
	ck_assert(!strstr(t.buf.data, "masquerade"));
	buf_clear(&t.buf);
	struct port p = { .table = "t", .protocol = "udp", .host_port = 53, .container_port = 5353 };
	address_parse("0.0.0.0", 0, &p.host);
	address_parse("10.7.0.2", 0, &p.container);
	publish_rules(&p, &t);
	ck_assert_str_eq(t.buf.data, "add element inet t port4_any { udp . 53 : 10.7.0.2 . 5353 }\n");
	buf_clear(&t.buf);
	address_parse("192.0.2.1", 0, &p.host);
	publish_rules(&p, &t);
	ck_assert_str_eq(t.buf.data, "add element inet t port4_at { 192.0.2.1 . udp . 53 : 10.7.0.2 . 5353 }\n");
	buf_release(&t.buf);
}
END_TEST

START_TEST(network_flags)
{
	struct mc_err err = { 0 };
	struct json *w;
	ck_assert_int_eq(network_words_wish("name=a,alias=b,alias=c,ip=10.0.0.5,gw-priority=-3", &w, &err), 0);
	ck_assert_uint_eq(json_len(json_member(w, "Aliases")), 2);
	ck_assert_int_eq(json_int_of(json_member(w, "GwPriority")), -3);
	json_free(w);
	static const char *const bad[] = { "alias=b", "name=a,x", "name=a,ip=b", "name=a,mac-address=1", "name=a,gw-priority=x",
		"name=a,alias=a b", "name=a,color=red" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(network_words_wish(bad[i], &w, &err) < 0, "%s", bad[i]);
	uint8_t mac[6];
	static const char *const macs[] = { "02:42:ac:11:00", "02:42:ac:11:00:0", "2:42:ac:11:00:02", "02-42-ac-11-00-02", "02:42:ac:11:00:02:", "+2:42:ac:11:00:02" };
	for (size_t i = 0; i < ARRAY_LEN(macs); i++)
		ck_assert_msg(mac_parse(macs[i], mac) < 0, "%s", macs[i]);
}
END_TEST

static size_t query(uint8_t *m, const char *name, unsigned type)
{
	static const uint8_t head[12] = { 1, 2, 1, 0, 0, 1 };
	size_t at = sizeof(head);
	memcpy(m, head, sizeof(head));
	for (const char *p = name; *p; p += *p == '.') {
		size_t n = strcspn(p, ".");
		m[at++] = (uint8_t)n;
		memcpy(m + at, p, n);
		at += n;
		p += n;
	}
	m[at++] = 0;
	m[at++] = 0;
	m[at++] = (uint8_t)type;
	m[at++] = 0;
	m[at++] = 1;
	return at;
}

START_TEST(dns)
{
	uint8_t m[512], out[DNS_MAX];
	struct dns_question q;
	struct address a[2];
	size_t n = query(m, "Web.net", DNS_A);
	ck_assert_int_eq(dns_parse(m, n, &q), 0);
	ck_assert_str_eq(q.name, "Web.net");
	for (size_t cut = 0; cut < n; cut++)
		ck_assert_int_ne(dns_parse(m, cut, &q), 0);
	dns_parse(m, n, &q);
	address_parse("10.0.0.2", 0, &a[0]);
	address_parse("10.0.0.3", 0, &a[1]);
	size_t len = dns_answer(m, &q, DNS_OK, true, a, 2, NULL, DNS_PLAIN, out);
	ck_assert_uint_eq(len, n + 2 * 16);
	ck_assert(dns_matches(m, &q, out, len));
	ck_assert_int_eq(out[7], 2);
	len = dns_answer(m, &q, DNS_OK, true, a, 2, NULL, n + 20, out);
	ck_assert(out[2] & 2);
	ck_assert_int_eq(out[7], 1);
	out[1] ^= 1;
	ck_assert(!dns_matches(m, &q, out, len));
	m[2] |= 0x80;
	ck_assert_int_eq(dns_parse(m, n, &q), -1);
	m[2] = 0x28;
	ck_assert_int_eq(dns_parse(m, n, &q), DNS_NOTIMP);
	static const uint8_t loop[] = { 0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1 };
	ck_assert_int_eq(dns_parse(loop, sizeof(loop), &q), DNS_FORMERR);
	ck_assert(dns_reverse("2.0.0.10.in-addr.arpa", &a[0]) && a[0].bytes[0] == 10 && a[0].bytes[3] == 2);
	ck_assert(!dns_reverse("2.0.0.300.in-addr.arpa", &a[0]) && !dns_reverse("0.0.10.in-addr.arpa", &a[0]));
}
END_TEST

START_TEST(messages)
{
	struct message m;
	struct ifinfomsg link = { 0 };
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_string(&m, 3, "abc");
	size_t at = message_nest(&m, 18);
	message_u32(&m, 1, 7);
	message_nest_end(&m, at);
	const struct nlmsghdr *h = (const struct nlmsghdr *)m.bytes;
	size_t len;
	ck_assert_uint_eq(h->nlmsg_len % 4, 0);
	ck_assert_str_eq(message_find(h, sizeof(link), 3, NULL), "abc");
	ck_assert(message_find(h, sizeof(link), 18, &len) && len == 8);
	ck_assert(!message_find(h, sizeof(link), 99, NULL));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("network");
	TCase *t = tcase_create("network");
	tcase_add_test(t, addresses);
	tcase_add_test(t, pools);
	tcase_add_test(t, published_ports);
	tcase_add_test(t, leases);
	tcase_add_test(t, rules);
	tcase_add_test(t, network_flags);
	tcase_add_test(t, dns);
	tcase_add_test(t, messages);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
