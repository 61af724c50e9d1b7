/*
 * drive.c - calls one function of lab 07. "The host" is the network namespace of the box, "the container" one
 * of its own; the call is made from a third, strange namespace: only the socket nl says where a request goes.
 *
 * drive up WORD LINK                       link_up(); a LINK that is not lo is made before: a bridge,
 *                                          down and with IFF_NOARP
 * drive up-none LINK                       a link that is not there
 * drive veth WORD HOST INSIDE PLACE        veth_create() into the container PLACE; on the host is a
 *                                          bridge named INSIDE
 * drive veth-taken WORD HOST INSIDE PLACE  the same, with a link HOST that is there already
 * drive veth-nowhere WORD HOST INSIDE PLACE  the same, with a namespace descriptor that is none
 * drive bridge WORD BRIDGE ONE TWO HERE THERE PORT   bridge_attach() of the cables ONE and TWO. The
 *                                          containers behind them have the addresses HERE and THERE; then
 *                                          HERE connects to THERE:PORT
 * drive bridge-none WORD BRIDGE PORT       a bridge that is not there
 * drive address WORD PLACE LINK A4 G4 A6 G6  address_and_route() of LINK in the container PLACE; "-": none
 * drive address-none LINK                  a link that is not there
 * drive nat OUT TABLE BRIDGE NET4 NET6 MODE  nat_rules() into the file OUT. MODE: out internal keep
 * drive publish OUT TABLE PROTOCOL HOST PORT CONTAINER PORT   publish_rules() into the file OUT
 *
 * For the judge, with the reference alone:
 * drive table OUT TABLE                    the table of rules.c
 * drive world WORD PLACE BRIDGE HOST OUTSIDE A4 G4 PORT TARGET TPORT   a host that routes, a container on a
 *                                          bridge and a machine outside; both listen on PORT. The container
 *                                          calls OUTSIDE:PORT, the machine TARGET:TPORT.
 * drive world ... LPORT                    and the host 127.0.0.1:LPORT; the container listens on PORT + 1, too
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"
#include "base/sys.h"
#include "base/util.h"
#include "learn/drive.h"
#include "network/bridge.h"
#include "network/link.h"
#include "network/link_more.h"
#include "network/message.h"

static struct mc_err err;

static void must(long rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(errno));
}

/* Where the engine's functions answer -errno. */
static void must_rc(int rc, const char *what)
{
	if (rc < 0)
		drive_trouble("%s: %s", what, strerror(-rc));
}

static int hold(const char *word)
{
	execl("/lab/probe", "probe", "hold", word, NULL);
	return DRIVE_NO_PROBE;
}

static int result(int rc)
{
	if (rc < 0)
		fprintf(stderr, "%s\n", strerror(-rc));
	return drive_result(rc, &err);
}

/* --- the stage --- */

static int netlink_socket(void)
{
	int nl = sys_netlink(NETLINK_ROUTE, &err);
	must(nl, "socket(AF_NETLINK)");
	return nl;
}

static void enter(int ns) { must(setns(ns, CLONE_NEWNET), "setns"); }

static int own_namespace(void)
{
	int ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	must(ns, "/proc/self/ns/net");
	return ns;
}

/* From here on the caller stands in a namespace that concerns no task. */
static void stand_elsewhere(void) { must(unshare(CLONE_NEWNET), "unshare"); }

/* The container's process: shows its links below /work/sys of a mount namespace of its own, ends with us. */
static void __attribute__((noreturn)) be_container(const char *word, int ready)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	must(unshare(CLONE_NEWNET | CLONE_NEWNS), "unshare");
	must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "private");
	must(mkdir("/work/sys", 0755) < 0 && errno != EEXIST ? -1 : 0, "mkdir");
	must(mount("sysfs", "/work/sys", "sysfs", 0, NULL), "sysfs");
	must(write(ready, "r", 1), "pipe");
	_exit(hold(word));
}

/* A container named `word`: returns a descriptor of its network namespace. */
static int container(const char *word)
{
	int ready[2];
	char byte;
	must(pipe2(ready, O_CLOEXEC), "pipe");
	pid_t pid = fork();
	must(pid, "fork");
	if (pid == 0)
		be_container(word, ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		drive_trouble("the container did not come up");
	close(ready[0]);
	_cleanup_free_ char *path = xasprintf("/proc/%d/ns/net", (int)pid);
	int ns = open(path, O_RDONLY | O_CLOEXEC);
	must(ns, path);
	return ns;
}

static void plant_bridge(int nl, const char *name)
{
	static const uint8_t mac[6] = { 2, 0, 0, 7, 7, 7 };
	link_delete(nl, name); /* of an earlier run */
	must_rc(bridge_create(nl, name, mac, "lab"), name);
}

/* A cable with one end in the container: made here, then carried over. */
static void plant_cable(int nl, const char *host, int ns, const char *inside)
{
	struct message m;
	struct link_info l;
	struct ifinfomsg link = { 0 };
	link_delete(nl, host); /* of an earlier run */
	message_begin(&m, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &link, sizeof(link));
	message_string(&m, IFLA_IFNAME, host);
	size_t info = message_nest(&m, IFLA_LINKINFO);
	message_string(&m, IFLA_INFO_KIND, "veth");
	message_nest_end(&m, info);
	must_rc(message_send(nl, &m, "cable %s", host), "veth");
	must_rc(link_get(nl, host, &l), host);
	link.ifi_index = l.peer;
	message_begin(&m, RTM_NEWLINK, 0, &link, sizeof(link));
	message_u32(&m, IFLA_NET_NS_FD, (uint32_t)ns);
	message_string(&m, IFLA_IFNAME, inside);
	must_rc(message_send(nl, &m, "carry %s", inside), inside);
}

static struct sockaddr_in place(const char *ip, int port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET, ip, &in.sin_addr) != 1)
		drive_trouble("%s is no address", ip);
	return in;
}

/* ADDRESS/24 for a link of the namespace we are in, which is switched on. */
static void plant_address(const char *name, const char *ip)
{
	struct ifreq r = { 0 };
	struct sockaddr_in in = place(ip, 0);
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	memcpy(&r.ifr_addr, &in, sizeof(in));
	must(ioctl(sock, SIOCSIFADDR, &r), name);
	in = place("255.255.255.0", 0);
	memcpy(&r.ifr_addr, &in, sizeof(in));
	must(ioctl(sock, SIOCSIFNETMASK, &r), name);
	close(sock);
	must(sys_link_up(name, &err), name);
}

/* IFF_NOARP: a flag that no task is about. */
static void plant_noarp(const char *name)
{
	struct ifreq r = { .ifr_flags = IFF_NOARP | IFF_BROADCAST | IFF_MULTICAST };
	int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	must(ioctl(sock, SIOCSIFFLAGS, &r), name);
	close(sock);
}

/* Stays open in the program that holds; the kernel itself accepts. */
static void listen_on(int port)
{
	int sock = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in in = place("0.0.0.0", port);
	must(bind(sock, (struct sockaddr *)&in, sizeof(in)), "bind");
	must(listen(sock, 8), "listen");
}

/* Connects, or does not, within three seconds. What became of it stands in /proc/net/tcp. */
static void call(const char *ip, int port)
{
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_in in = place(ip, port);
	struct pollfd p = { .fd = sock, .events = POLLOUT };
	if (connect(sock, (struct sockaddr *)&in, sizeof(in)) < 0 && errno == EINPROGRESS)
		poll(&p, 1, 3000);
}

/* --- 07.1, 07.2 --- */

static int drive_up(char **argv)
{
	int nl = netlink_socket();
	if (!str_eq(argv[1], "lo")) {
		plant_bridge(nl, argv[1]);
		plant_noarp(argv[1]);
	}
	stand_elsewhere();
	int rc = OWNED(link_up(nl, argv[1]));
	return rc ? result(rc) : hold(argv[0]);
}

static int drive_up_none(const char *name)
{
	int nl = netlink_socket();
	return result(OWNED(link_up(nl, name)));
}

static int drive_veth(const char *verb, char **argv)
{
	int nl = netlink_socket(), ns = container(argv[3]);
	plant_bridge(nl, argv[2]);
	link_delete(nl, argv[1]);
	if (str_eq(verb, "veth-taken"))
		plant_bridge(nl, argv[1]);
	stand_elsewhere();
	int rc = OWNED(veth_create(nl, argv[1], argv[2], str_eq(verb, "veth-nowhere") ? -1 : ns));
	return rc || !str_eq(verb, "veth") ? result(rc) : hold(argv[0]);
}

/* --- 07.3 --- */

static int plant_neighbour(int nl, const char *word, const char *port, const char *ip)
{
	int host = own_namespace(), ns = container(word);
	plant_cable(nl, port, ns, "eth0");
	enter(ns);
	plant_address("eth0", ip);
	enter(host);
	close(host);
	return ns;
}

static int drive_bridge(char **argv)
{
	int nl = netlink_socket();
	plant_bridge(nl, argv[1]);
	int here = plant_neighbour(nl, "here", argv[2], argv[4]),
	    there = plant_neighbour(nl, "there", argv[3], argv[5]);
	enter(there);
	listen_on(atoi(argv[6]));
	stand_elsewhere();
	int rc = OWNED(bridge_attach(nl, argv[1], argv[2]));
	if (rc == 0)
		rc = OWNED(bridge_attach(nl, argv[1], argv[3]));
	if (rc)
		return result(rc);
	enter(here);
	call(argv[5], atoi(argv[6]));
	return hold(argv[0]);
}

static int drive_bridge_none(char **argv)
{
	int nl = netlink_socket();
	plant_bridge(nl, argv[2]);
	return result(OWNED(bridge_attach(nl, argv[1], argv[2])));
}

/* --- 07.4 --- */

static struct subnet subnet_of(const char *text)
{
	struct subnet s = { 0 };
	if (!str_eq(text, "-"))
		must_rc(subnet_parse(text, 0, &s), text);
	return s;
}

static struct address address_of(const char *text)
{
	struct address a = { 0 };
	if (!str_eq(text, "-"))
		must_rc(address_parse(text, 0, &a), text);
	return a;
}

static struct lease lease_of(char **argv)
{
	struct lease l = { .address4 = subnet_of(argv[1]),
		.gateway4 = address_of(argv[2]),
		.address6 = subnet_of(argv[3]),
		.gateway6 = address_of(argv[4]) };
	snprintf(l.ifname, sizeof(l.ifname), "%s", argv[0]);
	return l;
}

static int drive_address(char **argv)
{
	int nl = netlink_socket(), ns = container(argv[1]);
	struct lease l = lease_of(argv + 2);
	plant_cable(nl, "cable", ns, argv[2]);
	must(sys_link_up("cable", &err), "cable");
	close(nl);
	enter(ns);
	nl = netlink_socket();
	stand_elsewhere();
	int rc = OWNED(address_and_route(nl, &l));
	return rc ? result(rc) : hold(argv[0]);
}

static int drive_address_none(const char *name)
{
	int nl = netlink_socket();
	struct lease l = { 0 };
	snprintf(l.ifname, sizeof(l.ifname), "%s", name);
	l.address4 = subnet_of("10.1.2.3/24");
	return result(OWNED(address_and_route(nl, &l)));
}

/* --- 07.5, 07.6: text --- */

static int write_text(const char *path, const struct text *t)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	return fd < 0 ? 93 : file_write_all(fd, t->buf.len ? t->buf.data : "", t->buf.len, &err) < 0 ? 93 : 0;
}

static int drive_nat(char **argv)
{
	struct text t = { 0 };
	struct network n = { .subnet4 = subnet_of(argv[3]), .subnet6 = subnet_of(argv[4]) };
	snprintf(n.table, sizeof(n.table), "%s", argv[1]);
	snprintf(n.bridge, sizeof(n.bridge), "%s", argv[2]);
	n.internal = str_eq(argv[5], "internal");
	n.no_masquerade = str_eq(argv[5], "keep");
	int rc = OWNED(nat_rules(&n, &t));
	return rc ? result(rc) : write_text(argv[0], &t);
}

static int drive_publish(char **argv)
{
	struct text t = { 0 };
	struct port p = { .host = address_of(argv[3]),
		.host_port = (uint16_t)atoi(argv[4]),
		.container = address_of(argv[5]),
		.container_port = (uint16_t)atoi(argv[6]) };
	snprintf(p.table, sizeof(p.table), "%s", argv[1]);
	snprintf(p.protocol, sizeof(p.protocol), "%s", argv[2]);
	int rc = OWNED(publish_rules(&p, &t));
	return rc ? result(rc) : write_text(argv[0], &t);
}

/* --- the judge's world --- */

static int drive_table(char **argv)
{
	struct text t = { 0 };
	rules_table(&t, argv[1]);
	return write_text(argv[0], &t);
}

static void route_through(int ns, const char *name, const char *address, const char *gateway)
{
	char *words[] = { (char *)name, (char *)address, (char *)gateway, "-", "-" };
	struct lease l = lease_of(words);
	enter(ns);
	int nl = netlink_socket();
	must_rc(address_and_route(nl, &l), address);
	close(nl);
}

/* 127.0.0.1 may leave by this bridge: as attach.c does it for each bridge of the engine. */
static void plant_loopback(const char *bridge)
{
	_cleanup_free_ char *path = xasprintf("/proc/sys/net/ipv4/conf/%s/route_localnet", bridge);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd, path);
	must(write(fd, "1", 1), path);
	close(fd);
	must(sys_link_up("lo", &err), "lo");
}

static int drive_world(char **argv)
{
	const char *bridge = argv[2], *host = argv[3], *outside = argv[4], *gateway = argv[6];
	int nl = netlink_socket(), home = own_namespace(), port = atoi(argv[7]);
	int a = container(argv[1]), o = container("outside");
	_cleanup_free_ char *wide = xasprintf("%s/24", outside);
	int fd = open("/proc/sys/net/ipv4/ip_forward", O_WRONLY | O_CLOEXEC);
	must(fd, "/proc/sys/net/ipv4/ip_forward");
	must(write(fd, "1", 1), "ip_forward");
	close(fd);
	plant_bridge(nl, bridge);
	if (argv[10])
		plant_loopback(bridge);
	plant_cable(nl, "port", a, "eth0");
	plant_cable(nl, "uplink", o, "eth0");
	must_rc(bridge_attach(nl, bridge, "port"), bridge);
	plant_address(bridge, gateway);
	plant_address("uplink", host);
	route_through(a, "eth0", argv[5], gateway);
	listen_on(port);
	listen_on(port + 1);
	route_through(o, "eth0", wide, host);
	listen_on(port);
	call(argv[8], atoi(argv[9]));
	enter(a);
	call(outside, port);
	enter(home);
	if (argv[10])
		call("127.0.0.1", atoi(argv[10]));
	return hold(argv[0]);
}

static const struct {
	const char *verb;
	int args;
	int (*drive)(char **argv);
} verbs[] = {
	{ "up", 2, drive_up },
	{ "bridge", 7, drive_bridge },
	{ "bridge-none", 3, drive_bridge_none },
	{ "address", 7, drive_address },
	{ "nat", 6, drive_nat },
	{ "publish", 7, drive_publish },
	{ "table", 2, drive_table },
	{ "world", 10, drive_world },
};

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++)
		if (str_eq(verb, verbs[i].verb) && argc >= 2 + verbs[i].args)
			return verbs[i].drive(argv + 2);
	if (str_eq(verb, "up-none") && argc > 2)
		return drive_up_none(argv[2]);
	if (str_eq(verb, "address-none") && argc > 2)
		return drive_address_none(argv[2]);
	if (str_starts(verb, "veth") && argc > 5)
		return drive_veth(verb, argv + 2);
	fprintf(stderr, "drive: what is \"%s\"?\n", verb);
	return 2;
}
