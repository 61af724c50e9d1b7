/*
 * checks.c - lab 07: links, addresses, routes and connections as sysfs and /proc/PID/net show them; rules as
 * nft reads them, and as packets meet them.
 *
 * The network namespace of the learner's box is "the host". A judge's box beside it has the same links and a
 * sysfs of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/util.h"
#include "learn/check.h"

static const char *const DRIVE = "/lab/mine/drive", *const REFERENCE = "/lab/ref/drive",
			 *const NFT = "/usr/sbin/nft";

/* The drive program holds after a success: its pid. 0 when it ended, or did neither within eight seconds. */
static pid_t holds(struct check *c, struct run *r)
{
	for (unsigned waited = 0; waited < 8000; waited += 10) {
		char **line = ev_cmdline(c, r->pid);
		if (strv_len(line) > 1 && str_eq(line[0], "probe") && str_eq(line[1], "hold"))
			return r->pid;
		if (box_wait(r, 10))
			break;
	}
	return 0;
}

/* The same where only success is right; else the check ends here. */
static pid_t held(struct check *c, struct run *r, const char *what)
{
	pid_t pid = holds(c, r);
	if (pid)
		return pid;
	check_that(c, r->done, NULL, check_text(c, "%s returns", what), "it did not within 8 seconds");
	check_fail(c, NULL, check_text(c, "%s succeeds", what), "%s", run_failure(r));
}

static void end_of(struct box *b, struct run *r)
{
	box_kill(r, SIGKILL);
	box_wait(r, 1000);
	box_expect_empty(b, NULL);
}

/* --- what the kernel shows of links, addresses, connections --- */

/* Where links are seen: a process and the sysfs in its sight. */
struct view {
	pid_t pid;
	const char *sys;
};

/* The learner's box, and a process beside it that sees the same links. */
struct stage {
	struct box *b, *j;
	struct view host;
};

static struct stage stage_open(struct check *c)
{
	struct stage s = { .b = box_open(c, NULL) };
	s.j = box_beside(s.b);
	static const char *const hold[] = { "/lab/probe", "hold", "the-host", NULL };
	struct run *r = xcalloc(1, sizeof(*r)); /* outlives this function */

	*r = (struct run){ .argv = hold, .ms = 60000 };
	box_start(s.j, r);
	s.host = (struct view){ probe_wait(s.j, r, "the-host", 8000), "/sys" };
	return s;
}

static struct view container(struct box *b, struct run *r, const char *word)
{
	return (struct view){ probe_wait(b, r, word, 8000), "/work/sys" };
}

/* A number in /sys/class/net/LINK; -1: there is no such link. */
static long link_number(struct check *c, struct view v, const char *link, const char *what)
{
	char *path = check_text(c, "%s/class/net/%s/%s", v.sys, link, what), *text = ev_read(c, v.pid, path);
	for (int i = 0; i < 2 && !text;
		i++, usleep(50000)) /* a name may be on its way: once in 200 runs under load */
		text = ev_read(c, v.pid, path);
	check_evidence(
		c, "%s/class/net/%s/%s of %d: %s\n", v.sys, link, what, (int)v.pid, text ? text : "(none)");
	return text ? strtol(text, NULL, 0) : -1;
}

static bool link_exists(struct check *c, struct view v, const char *link)
{
	return link_number(c, v, link, "ifindex") > 0;
}

static bool link_is_up(struct check *c, struct view v, const char *link)
{
	long flags = link_number(c, v, link, "flags");
	return flags > 0 && (flags & IFF_UP);
}

/* Is this an address of the namespace's own? */
static bool has_address(struct check *c, pid_t pid, const char *ip)
{
	char *trie = ev_file(c, pid, "net/fib_trie"),
	     *at = trie ? strstr(trie, check_text(c, "|-- %s\n", ip)) : NULL;
	if (!at)
		return false;
	at = strchr(at, '\n') + 1;
	return strstr(at, "/32 host LOCAL") && strstr(at, "/32 host LOCAL") < at + strcspn(at, "\n");
}

static uint32_t bits(const char *ip)
{
	struct in_addr a = { 0 };
	inet_pton(AF_INET, ip, &a);
	return a.s_addr;
}

struct route {
	bool there;
	char link[32];
	uint32_t gateway, mask;
};

/* The IPv4 route to exactly this destination. */
static struct route route_to(struct check *c, pid_t pid, const char *destination)
{
	struct route r = { 0 };
	uint32_t to;
	char *text = ev_file(c, pid, "net/route");
	for (char *line = text ? strchr(text, '\n') : NULL; line; line = strchr(line + 1, '\n'))
		if (sscanf(line + 1, "%31s %x %x %*x %*d %*d %*d %x", r.link, &to, &r.gateway, &r.mask) ==
				4 &&
			to == bits(destination)) {
			r.there = true;
			return r;
		}
	return (struct route){ 0 };
}

/* The other end of an established connection to ip:port in the namespace of pid: "" when there is none. */
static const char *caller_now(struct check *c, pid_t pid, const char *ip, unsigned port)
{
	unsigned local, local_port, remote, state;
	char *text = ev_file(c, pid, "net/tcp");
	for (char *line = text ? strchr(text, '\n') : NULL; line; line = strchr(line + 1, '\n')) {
		struct in_addr a;
		if (sscanf(line + 1, " %*d: %8X:%4X %8X:%*4X %X", &local, &local_port, &remote, &state) ==
				4 &&
			local == bits(ip) && local_port == port && state == 1) {
			char out[INET_ADDRSTRLEN];
			a.s_addr = remote;
			return check_text(c, "%s", inet_ntop(AF_INET, &a, out, sizeof(out)));
		}
	}
	return "";
}

/*
 * The same, waited for: connect(2) has returned when the answer to its SYN is there, and the ACK that makes the
 * far end established may still be in a queue of a busy machine.
 */
static const char *caller_of(struct check *c, pid_t pid, const char *ip, unsigned port)
{
	const char *caller = caller_now(c, pid, ip, port);
	for (int i = 0; i < 60 && !*caller; i++, usleep(50000))
		caller = caller_now(c, pid, ip, port);
	return caller;
}

/* --- 07.1 --- */

static void check_up(struct check *c)
{
	struct stage s = stage_open(c);
	char *word = check_word(c), *link = check_word(c), *none = check_word(c);

	struct run *r = box_start(s.b, RUN(DRIVE, "up", word, "lo"));
	check_ran(c, "drive up %s lo", word);
	pid_t pid = held(c, r, "link_up");
	check_that(c, !has_address(c, pid, "127.0.0.1"), "M-LINK-NS",
		"the loopback of the caller's own namespace stays as it was", "it is up");
	check_that(
		c, link_is_up(c, s.host, "lo"), "M-LINK-LO", "lo has IFF_UP in nl's namespace", "it has not");
	check_that(c, has_address(c, s.host.pid, "127.0.0.1"), "M-LINK-LO", "127.0.0.1 answers there",
		"the address is not local");
	end_of(s.b, r);

	r = box_start(s.b, RUN(DRIVE, "up", word, link));
	check_ran(c, "drive up %s %s", word, link);
	held(c, r, "link_up");
	check_that(c, link_is_up(c, s.host, link), NULL,
		check_text(c, "%s has IFF_UP in nl's namespace", link), "it has not");
	check_that(c, link_number(c, s.host, link, "flags") & IFF_NOARP, "M-LINK-CHANGE",
		"the other flags stay: IFF_NOARP was set before", "it is gone");
	end_of(s.b, r);

	r = box_run(s.b, RUN(DRIVE, "up-none", none));
	check_ran(c, "drive up-none %s", none);
	check_that(c, r->code != 0, "M-LINK-ACK", "an error for a link that is not there",
		"it said that it had succeeded");
	check_int(c, NULL, "the errno (ENODEV)", ENODEV, r->code);
	CHECK_ERRORS(c, s.b, ((const int[]){ SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg, OR(SYS_write), OR(SYS_read), -1 }), EIO,
		DRIVE, "up", word, link);
}

/* --- 07.2 --- */

static void check_veth(struct check *c)
{
	struct stage s = stage_open(c);
	char *word = check_word(c), *host = check_word(c), *inside = check_word(c), *place = check_word(c);

	struct run *r = box_start(s.b, RUN(DRIVE, "veth", word, host, inside, place));
	check_ran(c, "drive veth %s %s %s %s: %s is also the name of a link of the host", word, host, inside,
		place, inside);
	if (!holds(c, r))
		check_fail(c, r->done && r->code == EEXIST ? "M-VETH-OUTSIDE" : NULL, "veth_create succeeds",
			"%s", r->done ? run_failure(r) : "it did not return within 8 seconds");
	struct view in = container(s.b, r, place);
	check_that(c, !link_exists(c, in, host), "M-VETH-HOST",
		check_text(c, "%s is outside, in nl's namespace", host), "it is in the container");
	check_that(c, link_exists(c, s.host, host), NULL, check_text(c, "%s is in nl's namespace", host),
		"it is not");
	check_that(c, link_exists(c, in, inside), "M-VETH-SAME",
		check_text(c, "%s is in the container", inside), "it is not");
	check_int(c, NULL, check_text(c, "the other end of %s (iflink)", host),
		link_number(c, in, inside, "ifindex"), link_number(c, s.host, host, "iflink"));
	check_int(c, NULL, check_text(c, "the other end of %s (iflink)", inside),
		link_number(c, s.host, host, "ifindex"), link_number(c, in, inside, "iflink"));
	end_of(s.b, r);

	r = box_run(s.b, RUN(DRIVE, "veth-taken", word, host, inside, place));
	check_ran(c, "drive veth-taken %s %s %s %s", word, host, inside, place);
	check_that(c, r->code != 0, "M-LINK-ACK", "an error when the name is taken", "success");
	check_int(c, "M-VETH-EXCL", "the errno (EEXIST)", EEXIST, r->code);
	box_expect_empty(s.b, NULL);
	r = box_run(s.b, RUN(DRIVE, "veth-nowhere", word, host, inside, place));
	check_ran(c, "drive veth-nowhere %s %s %s %s", word, host, inside, place);
	check_that(c, r->code != 0, NULL, "an error for a namespace that is none", "success");
	check_that(c, !link_exists(c, s.host, host), "M-VETH-HALF", "after a failure neither end is there",
		"%s is", host);
	box_expect_empty(s.b, NULL);
	CHECK_ERRORS(c, s.b, ((const int[]){ SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg, OR(SYS_write), OR(SYS_read), -1 }), EIO,
		DRIVE, "veth", word, host, inside, place);
}

/* --- 07.3 --- */

static void check_bridge(struct check *c)
{
	struct stage s = stage_open(c);
	char *word = check_word(c), *bridge = check_word(c), *one = check_word(c), *two = check_word(c),
	     *none = check_word(c);
	unsigned net = (unsigned)check_number(c, 20, 200), port = (unsigned)check_number(c, 2000, 9000);
	char *here = check_text(c, "10.7.%u.2", net), *there = check_text(c, "10.7.%u.3", net),
	     *number = check_text(c, "%u", port);

	struct run *r = box_start(s.b, RUN(DRIVE, "bridge", word, bridge, one, two, here, there, number));
	check_ran(c, "drive bridge %s %s %s %s %s %s %s", word, bridge, one, two, here, there, number);
	held(c, r, "bridge_attach");
	struct view far = container(s.b, r, "there");
	check_int(c, "M-BR-MASTER", check_text(c, "the bridge of %s (brport/bridge/ifindex)", one),
		link_number(c, s.host, bridge, "ifindex"),
		link_number(c, s.host, one, "brport/bridge/ifindex"));
	check_int(c, "M-BR-MASTER", check_text(c, "the bridge of %s (brport/bridge/ifindex)", two),
		link_number(c, s.host, bridge, "ifindex"),
		link_number(c, s.host, two, "brport/bridge/ifindex"));
	check_that(c, link_is_up(c, s.host, bridge), "M-BR-DOWN", check_text(c, "%s has IFF_UP", bridge),
		"it has not");
	check_that(c, link_is_up(c, s.host, one) && link_is_up(c, s.host, two), "M-BR-PORTDOWN",
		"both ports have IFF_UP", "one has not");
	check_str(c, NULL,
		check_text(c, "a connection from %s arrives at %s:%u; the other end there is", here, there,
			port),
		here, caller_of(c, far.pid, there, port));
	end_of(s.b, r);

	r = box_run(s.b, RUN(DRIVE, "bridge-none", word, none, two));
	check_ran(c, "drive bridge-none %s %s %s", word, none, two);
	check_that(c, r->code != 0, "M-LINK-ACK", "an error for a bridge that is not there", "success");
	check_that(c, !link_is_up(c, s.host, two), NULL, "the link is left as it was", "it was switched on");
	CHECK_ERRORS(c, s.b, ((const int[]){ SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg, OR(SYS_write), OR(SYS_read), -1 }), EIO,
		DRIVE, "bridge", word, bridge, one, two, here, there, number);
}

/* --- 07.4 --- */

/* The address fd07::N of the link, with its prefix: -1 when it is not there. */
static int prefix6(struct check *c, pid_t pid, const char *link, unsigned last)
{
	char *text = ev_file(c, pid, "net/if_inet6");
	char *want = check_text(c, "fd07000000000000000000000000%04x", last), address[40], name[32];
	unsigned prefix;
	for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (sscanf(line, "%39s %*x %x %*x %*x %31s", address, &prefix, name) == 3 &&
			str_eq(address, want) && str_eq(name, link))
			return (int)prefix;
	return -1;
}

static bool default6(struct check *c, pid_t pid, const char *link, unsigned last)
{
	char *text = ev_file(c, pid, "net/ipv6_route");
	char *want = check_text(c, "fd07000000000000000000000000%04x", last), to[40], via[40], name[32];
	unsigned prefix;
	for (char *line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
		if (sscanf(line, "%39s %x %*s %*s %39s %*x %*x %*x %*x %31s", to, &prefix, via, name) == 4 &&
			prefix == 0 && str_eq(via, want) && str_eq(name, link))
			return true;
	return false;
}

/* The same lease without a gateway was accepted before: it is the route that was refused. */
static const char *refused_route(int error)
{
	return error == ENETUNREACH || error == ENETDOWN || error == EHOSTUNREACH ? "M-ADDR-ORDER" : NULL;
}

static void check_address(struct check *c)
{
	struct stage s = stage_open(c);
	char *word = check_word(c), *place = check_word(c), *link = check_word(c), *none = check_word(c);
	unsigned prefix = (unsigned)check_number(c, 25, 29), mask = htonl(~0u << (32 - prefix)),
		 net = (unsigned)check_number(c, 20, 200), last = (unsigned)check_number(c, 0x100, 0xfff),
		 wide = (unsigned)check_number(c, 70, 110);
	char *own = check_text(c, "10.9.%u.3", net), *gateway = check_text(c, "10.9.%u.6", net),
	     *first = check_text(c, "10.9.%u.0", net), *lease = check_text(c, "%s/%u", own, prefix),
	     *own6 = check_text(c, "fd07::%x/%u", last, wide),
	     *gateway6 = check_text(c, "fd07::%x", last + 1);

	struct run *r = box_start(s.b, RUN(DRIVE, "address", word, place, link, lease, "-", "-", "-"));
	check_ran(c, "drive address %s %s %s %s - - -: a lease without a gateway", word, place, link, lease);
	held(c, r, "address_and_route");
	struct view in = container(s.b, r, place);
	struct route near = route_to(c, in.pid, first);
	check_that(c, has_address(c, in.pid, own), NULL, check_text(c, "%s is an address there", own),
		"it is not");
	check_that(c, link_is_up(c, in, link), "M-ADDR-DOWN", check_text(c, "%s has IFF_UP", link),
		"it has not");
	check_that(c, near.there && near.mask == mask, "M-ADDR-PREFIX",
		check_text(c, "the neighbours %s/%u are reached through %s", first, prefix, link),
		near.there ? "another mask: %08x" : "there is no such route (%08x)", ntohl(near.mask));
	check_that(c, !route_to(c, in.pid, "0.0.0.0").there, "M-ADDR-GATEWAY",
		"no default route: the lease has none", "there is one");
	end_of(s.b, r);

	r = box_start(s.b, RUN(DRIVE, "address", word, place, link, lease, gateway, "-", "-"));
	check_ran(c, "drive address %s %s %s %s %s - -", word, place, link, lease, gateway);
	if (!holds(c, r))
		check_fail(c, r->done ? refused_route(r->code) : NULL, "address_and_route succeeds", "%s",
			r->done ? run_failure(r) : "it did not return within 8 seconds");
	in = container(s.b, r, place);
	struct route away = route_to(c, in.pid, "0.0.0.0");
	check_that(c, away.there && away.gateway == bits(gateway) && str_eq(away.link, link),
		away.gateway == bits(own) ? "M-ADDR-SELF" : "M-ADDR-GATEWAY",
		check_text(c, "the default route goes through %s on %s", gateway, link),
		away.there ? "it goes through %08x on %s" : "there is none (%08x %s)", ntohl(away.gateway),
		away.link);
	end_of(s.b, r);

	r = box_start(s.b, RUN(DRIVE, "address", word, place, link, lease, gateway, own6, gateway6));
	check_ran(c, "drive address %s %s %s %s %s %s %s", word, place, link, lease, gateway, own6, gateway6);
	held(c, r, "address_and_route");
	in = container(s.b, r, place);
	check_int(c, "M-ADDR-6", check_text(c, "the prefix of fd07::%x (-1: no such address)", last),
		(int)wide, prefix6(c, in.pid, link, last));
	check_that(c, default6(c, in.pid, link, last + 1), "M-ADDR-6",
		check_text(c, "the IPv6 default route goes through %s", gateway6), "it does not");
	end_of(s.b, r);

	r = box_run(s.b, RUN(DRIVE, "address-none", none));
	check_ran(c, "drive address-none %s", none);
	check_that(c, r->code != 0, "M-LINK-ACK", "an error for a link that is not there", "success");
	r = box_run(s.b, RUN(DRIVE, "address", word, place, link, lease, "10.200.1.1", "-", "-"));
	check_ran(c, "drive address %s %s %s %s 10.200.1.1 - -: the gateway is no neighbour", word, place,
		link, lease);
	check_that(c, r->code != 0 && !r->timed_out, "M-LINK-ACK", "an error for a gateway out of reach",
		"success");
	box_clear(s.b);
	CHECK_ERRORS(c, s.b, ((const int[]){ SYS_sendto, SYS_sendmsg, SYS_recvfrom, SYS_recvmsg, OR(SYS_write), OR(SYS_read), -1 }), EIO,
		DRIVE, "address", word, place, link, lease, gateway, own6, gateway6);
}

/* --- 07.5, 07.6: a judge loads the text and lets packets meet it --- */

static char *nft(struct box *j, const char *what, const char *argument, int *ret_code)
{
	struct run *r = box_run(j, RUN(NFT, what, argument));
	*ret_code = r->code;
	return r->out;
}

static char *ruleset(struct check *c, struct box *j)
{
	int code;
	char *text = nft(j, "list", "ruleset", &code);
	if (code)
		check_trouble(c, "nft list ruleset: %s", text);
	check_evidence(c, "%s", text);
	return text;
}

/* Rules of the grader's own: what does not load is the machine's lack. */
static void plant_rules(struct check *c, struct box *j, const char *text)
{
	int code;
	box_write(j, "/work/plant.nft", text, 0644);
	char *said = nft(j, "-f", "/work/plant.nft", &code);
	if (code)
		check_env(c, "nft loads no rules in a network namespace of its own here: %.200s", said);
}

/* What the learner's function wrote to /work/out, loaded by the judge. */
static void load_rules(struct check *c, struct box *b, struct box *j)
{
	int code;
	char *text = box_read(b, "/work/out");
	check_evidence(c, "the text:\n%s\n", text ? text : "(none)");
	check_that(c, text && box_transfer(b, "/work/out", j, "/work/out"), NULL, "there is a text", "none");
	char *said = nft(j, "-f", "/work/out", &code);
	check_that(c, code == 0, NULL, "nft -f accepts the text", "%.300s", said);
}

/* A host that routes, and who calls whom: see drive.c. */
struct world {
	unsigned net;
	char *host, *outside, *own, *gateway, *whole;
	unsigned port;
	pid_t container, machine;
};

static struct world world_plan(struct check *c)
{
	struct world w = { .net = (unsigned)check_number(c, 20, 200),
		.port = (unsigned)check_number(c, 2000, 9000) };
	unsigned far = (unsigned)check_number(c, 20, 200);
	w.host = check_text(c, "192.168.%u.1", far);
	w.outside = check_text(c, "192.168.%u.9", far);
	w.own = check_text(c, "10.5.%u.2", w.net);
	w.gateway = check_text(c, "10.5.%u.1", w.net);
	w.whole = check_text(c, "10.5.%u.0/24", w.net);
	return w;
}

static void world_start(struct check *c, struct box *j, struct world *w, const char *bridge,
	const char *target, unsigned port, unsigned local)
{
	char *word = check_word(c), *place = check_word(c);
	struct run *r = xcalloc(1, sizeof(*r)); /* outlives this function */
	const char **argv = xcalloc(15, sizeof(*argv));
	const char *words[] = { REFERENCE, "world", word, place, bridge, w->host, w->outside,
		check_text(c, "%s/24", w->own), w->gateway, check_text(c, "%u", w->port), target,
		check_text(c, "%u", port), local ? check_text(c, "%u", local) : NULL };

	memcpy(argv, words, sizeof(words));
	*r = (struct run){ .argv = argv, .ms = 60000 };
	box_start(j, r);
	if (!holds(c, r))
		check_trouble(c, "the judge's world: %s", r->done ? r->out : "it does not come up");
	w->container = probe_wait(j, r, place, 2000);
	w->machine = probe_wait(j, r, "outside", 2000);
}

static void write_nat(struct check *c, struct box *b, const char *table, const char *bridge, const char *net,
	const char *net6, const char *mode)
{
	struct run *r = box_run(b, RUN(DRIVE, "nat", "/work/out", table, bridge, net, net6, mode));
	check_ran(c, "drive nat /work/out %s %s %s %s %s; nft -f /work/out", table, bridge, net, net6, mode);
	check_that(c, r->code == 0, NULL, "nat_rules succeeds", "%s", run_failure(r));
	box_expect_empty(b, NULL);
}

/* Is there a masquerade rule that is not the planted one: for this subnet, or for all? */
static bool masquerades(const char *rules, const char *subnet)
{
	_cleanup_free_ char *text = xstrdup(rules);
	char *save = NULL;
	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (strstr(line, "masquerade") && !strstr(line, "198.51.100.7") &&
			(!subnet || strstr(line, subnet) || !strstr(line, "ip ")))
			return true;
	return false;
}

static void check_nat(struct check *c)
{
	struct box *b = box_open(c, NULL), *j = box_open(c, NULL), *quiet = box_open(c, NULL);
	char *table = check_word(c), *bridge = check_word(c), *foreign = check_word(c),
	     *other = check_word(c);
	struct world w = world_plan(c);
	char *net6 = check_text(c, "fd05:%x::/64", (unsigned)check_number(c, 0x100, 0xfff)),
	     *own = check_text(c, "%s/24", w.gateway),
	     *own6 = check_text(c, "%.*s1/64", (int)strlen(net6) - 3, net6);
	char *planted = check_text(c,
		"table inet %s {\n chain %s {\n type nat hook postrouting priority 110;\n"
		" ip saddr 198.51.100.7 masquerade\n }\n}\n"
		"table inet %s {\n chain %s {\n ip daddr 198.51.100.8 drop\n }\n}\n",
		foreign, foreign, table, other);
	int code;

	plant_rules(c, j, planted);
	plant_rules(c, quiet, planted);
	write_nat(c, b, table, bridge, own, own6, "out");
	load_rules(c, b, j);
	char *once = ruleset(c, j);
	check_that(c, strstr(once, "ip saddr 198.51.100.7 masquerade") != NULL, "M-NAT-FLUSH",
		check_text(
			c, "the rule of the table %s, which is another program's, is still there", foreign),
		"it is gone");
	check_that(c, strstr(once, "ip daddr 198.51.100.8 drop") != NULL, "M-NAT-FLUSH",
		check_text(c, "the chain %s of the same table keeps its rule", other), "it is gone");
	nft(j, "-f", "/work/out", &code);
	check_that(c, code == 0 && str_eq(once, ruleset(c, j)), "M-NAT-TWICE",
		"the same commands once more change nothing", "the rules are others now");
	world_start(c, j, &w, bridge, w.own, w.port, 0);
	check_str(c, "M-NAT-NONE",
		check_text(c, "the container %s called %s:%u; the sender that was seen there", w.own,
			w.outside, w.port),
		w.host, caller_of(c, w.machine, w.outside, w.port));
	check_str(c, "M-NAT-ALL",
		check_text(c, "%s called the container %s:%u; the sender that was seen there", w.outside,
			w.own, w.port),
		w.outside, caller_of(c, w.container, w.own, w.port));
	check_that(c, masquerades(once, net6), "M-NAT-6", check_text(c, "a masquerade rule for %s", net6),
		"there is none");

	write_nat(c, b, table, bridge, own, "-", "out");
	load_rules(c, b, quiet);
	check_that(c, !strstr(ruleset(c, quiet), "ip6 "), NULL, "no rule for IPv6: the network has none",
		"there is one");
	write_nat(c, b, table, bridge, own, own6, "keep");
	load_rules(c, b, quiet);
	world_start(c, quiet, &w, bridge, w.own, w.port, 0);
	check_str(c, "M-NAT-KEEP",
		check_text(c, "no_masquerade: the container %s called %s:%u; the sender that was seen there",
			w.own, w.outside, w.port),
		w.own, caller_of(c, w.machine, w.outside, w.port));
	write_nat(c, b, table, bridge, own, own6, "internal");
	load_rules(c, b, quiet);
	check_that(c, !masquerades(ruleset(c, quiet), NULL), "M-NAT-KEEP",
		"an internal network has no masquerade rule", "it has");
	check_note_predicted(c, 'y', "neighbours on one bridge are joined by a switch: no rule is asked");
}

/* --- 07.6 --- */

struct published {
	const char *map, *protocol, *host, *container;
	unsigned from, to;
};

static void publish(
	struct check *c, struct box *b, struct box *j, const char *table, const struct published *p)
{
	char *from = check_text(c, "%u", p->from), *to = check_text(c, "%u", p->to);
	struct run *r = box_run(
		b, RUN(DRIVE, "publish", "/work/out", table, p->protocol, p->host, from, p->container, to));
	check_ran(c, "drive publish /work/out %s %s %s %s %s %s; nft -f /work/out", table, p->protocol,
		p->host, from, p->container, to);
	check_that(c, r->code == 0, NULL, "publish_rules succeeds", "%s", run_failure(r));
	box_expect_empty(b, NULL);
	load_rules(c, b, j);
}

/* Is the element in this map of the table, as `nft list map` shows it? */
static bool in_map(struct check *c, struct box *j, const char *table, const char *map, const char *element)
{
	struct run *r = box_run(j, RUN(NFT, "list", "map", "inet", table, map));
	check_evidence(c, "%s", r->out);
	return r->code == 0 && strstr(r->out, element);
}

static char *element(struct check *c, const struct published *p, bool swapped)
{
	bool any = strstr(p->map, "_any") != NULL;
	return check_text(c, "%s%s%s . %u : %s . %u", any ? "" : p->host, any ? "" : " . ", p->protocol,
		swapped ? p->to : p->from, p->container, swapped ? p->from : p->to);
}

/* Where the element is instead: what that says. */
static const char *misplaced(struct check *c, struct box *j, const char *table, const struct published *p)
{
	if (in_map(c, j, table, p->map, element(c, p, true)))
		return "M-PUB-SWAP";
	struct published any = *p;
	any.map = str_starts(p->map, "port4") ? "port4_any" : "port6_any";
	return in_map(c, j, table, any.map, element(c, &any, false)) ? "M-PUB-ANY" : NULL;
}

static void check_publish(struct check *c)
{
	struct box *b = box_open(c, NULL), *j = box_open(c, NULL);
	char *table = check_word(c), *bridge = check_word(c);
	struct world w = world_plan(c);
	unsigned low = (unsigned)check_number(c, 10000, 19000);
	char *six = check_text(c, "fd05:%x::2", (unsigned)check_number(c, 0x100, 0xfff));
	const struct published all[] = {
		{ "port4_any", "tcp", "0.0.0.0", w.own, low, w.port + 1 },
		{ "port4_any", "udp", "0.0.0.0", w.own, low + 2, low + 3 },
		{ "port6_any", "tcp", "::", six, low + 4, low + 5 },
		{ "port6_at", "udp", "fd05::77", six, low + 6, low + 7 },
		{ "port4_at", "tcp", w.host, w.own, low + 8, w.port },
	};
	const struct published *last = &all[ARRAY_LEN(all) - 1];

	struct run *r = box_run(j, RUN(REFERENCE, "table", "/work/plant.nft", table));
	char *planted = r->code ? NULL : box_read(j, "/work/plant.nft");
	if (!planted)
		check_trouble(c, "the table of rules.c: %s", r->out);
	plant_rules(c, j, planted);
	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		char *want = element(c, &all[i], false);
		publish(c, b, j, table, &all[i]);
		bool there = in_map(c, j, table, all[i].map, want);
		check_that(c, there, there ? NULL : misplaced(c, j, table, &all[i]),
			check_text(c, "the map %s has { %s }", all[i].map, want), "it has not");
	}
	plant_rules(c, j, check_text(c, "add element inet %s bridges { \"%s\" }\n", table, bridge));
	world_start(c, j, &w, bridge, w.host, last->from, low);
	check_str(c, NULL,
		check_text(c, "%s called %s:%u; who arrived at the container's %s:%u", w.outside, w.host,
			last->from, w.own, w.port),
		w.outside, caller_of(c, w.container, w.own, w.port));
	check_str(c, NULL,
		check_text(c,
			"the host called 127.0.0.1:%u; who arrived at the container's %s:%u (its gateway: "
			"the sender "
			"127.0.0.1 is masqueraded)",
			low, w.own, w.port + 1),
		w.gateway, caller_of(c, w.container, w.own, w.port + 1));
}

const struct check_entry lab_07_checks[] = {
	{ "07.1", check_up },
	{ "07.2", check_veth },
	{ "07.3", check_bridge },
	{ "07.4", check_address },
	{ "07.5", check_nat },
	{ "07.6", check_publish },
	{ 0 },
};
