/*
 * rules.c - the table of one engine.
 *
 * Kernel interface: nft(8), netfilter hooks. Four hooks matter, in the order in which a packet meets them:
 *   early    prerouting, before any address is rewritten: a container's address is reached only from its own
 *            bridge. That one idea divides networks, keeps the LAN from containers whose ports are not
 *            published, and keeps a container from the host's 127.0.0.1 (CVE-2020-8558)
 *   inward   prerouting: a published port becomes the container's address. The element is looked up in a
 *            hash: ten or ten thousand ports cost the same
 *   across   forward: what may pass between bridges and the rest
 *   outward  postrouting: answers must find their way back. A network's own masquerade is a chain of its own
 *            (bridge.c, nat_rules())
 * Why maps and sets: a port or a network is added and removed as one element. Other tables are never touched,
 * and a foreign tool that looks at ours finds every name in it explained by this file.
 */
#include "network/rules.h"

#include <stdarg.h>

#include "network/bridge.h"

/* Everything but the name of the table. */
static const char rules_body[] =
	"	set bridges { type ifname; }\n"
	"	set inner   { type ifname; }\n"
	"	set home4   { type ifname . ipv4_addr; flags interval; }\n"
	"	set home6   { type ifname . ipv6_addr; flags interval; }\n"
	"	set net4    { type ipv4_addr; flags interval; }\n"
	"	set net6    { type ipv6_addr; flags interval; }\n"
	"	map port4_at  { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }\n"
	"	map port4_any { type inet_proto . inet_service : ipv4_addr . inet_service; }\n"
	"	map port6_at  { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }\n"
	"	map port6_any { type inet_proto . inet_service : ipv6_addr . inet_service; }\n"
	"	chain early {\n"
	"		type filter hook prerouting priority raw; policy accept;\n"
	"		iif \"lo\" accept\n"
	"		iifname @bridges ip daddr 127.0.0.0/8 drop\n"
	"		iifname @bridges ip saddr 127.0.0.0/8 drop\n"
	"		ip daddr @net4 iifname . ip daddr != @home4 drop\n"
	"		ip6 daddr @net6 iifname . ip6 daddr != @home6 drop\n"
	"	}\n"
	"	chain ports {\n"
	"		fib daddr type != local return\n"
	"		dnat ip to ip daddr . meta l4proto . th dport map @port4_at\n"
	"		dnat ip to meta l4proto . th dport map @port4_any\n"
	"		dnat ip6 to ip6 daddr . meta l4proto . th dport map @port6_at\n"
	"		dnat ip6 to meta l4proto . th dport map @port6_any\n"
	"	}\n"
	"	chain inward {\n"
	"		type nat hook prerouting priority dstnat; policy accept;\n"
	"		iif != \"lo\" ip daddr 127.0.0.0/8 return\n"
	"		jump ports\n"
	"	}\n"
	"	chain here {\n"
	"		type nat hook output priority -100; policy accept;\n"
	"		ip6 daddr ::1 return\n"
	"		jump ports\n"
	"	}\n"
	"	chain outward {\n"
	"		type nat hook postrouting priority srcnat; policy accept;\n"
	"		ip saddr 127.0.0.0/8 oifname @bridges masquerade\n"
	"		ct status dnat ip saddr @net4 ip daddr @net4 masquerade\n"
	"		ct status dnat ip6 saddr @net6 ip6 daddr @net6 masquerade\n"
	"	}\n"
	"	chain across {\n"
	"		type filter hook forward priority filter; policy accept;\n"
	"		iifname != @bridges oifname != @bridges accept\n"
	"		iifname @inner oifname != @inner drop\n"
	"		oifname @inner iifname != @inner drop\n"
	"		tcp flags syn / syn,rst tcp option maxseg size set rt mtu\n"
	"		ct state established,related accept\n"
	"		ct status dnat accept\n"
	"		oifname @bridges iifname != @bridges drop\n"
	"	}\n";

/* Hooks of the chains that have one. A chain must exist before it can be flushed. */
static const char rules_chains[] =
	"	chain early { type filter hook prerouting priority raw; policy accept; }\n"
	"	chain ports { }\n"
	"	chain inward { type nat hook prerouting priority dstnat; policy accept; }\n"
	"	chain here { type nat hook output priority -100; policy accept; }\n"
	"	chain outward { type nat hook postrouting priority srcnat; policy accept; }\n"
	"	chain across { type filter hook forward priority filter; policy accept; }\n";

void rules_table(struct text *t, const char *table)
{
	static const char *const chains[] = { "early", "ports", "inward", "here", "outward", "across" };
	text_line(t, "table inet %s {\n%s}", table, rules_chains);
	/* nft adds rules, it does not compare them: without this a second load would double them */
	for (size_t i = 0; i < ARRAY_LEN(chains); i++)
		text_line(t, "flush chain inet %s %s", table, chains[i]);
	text_line(t, "table inet %s {\n%s}", table, rules_body);
}

/* --- networks --- */

static void rules_element(struct text *t, const char *verb, const char *table, const char *set,
	const char *fmt, ...) PRINTF_LIKE(5, 6);

static void rules_element(
	struct text *t, const char *verb, const char *table, const char *set, const char *fmt, ...)
{
	va_list ap;
	char *element;
	va_start(ap, fmt);
	if (vasprintf(&element, fmt, ap) < 0)
		abort();
	va_end(ap);
	text_line(t, "%s element inet %s %s { %s }", verb, table, set, element);
	free(element);
}

static void rules_subnet(
	struct text *t, const char *verb, const struct network *n, const struct subnet *s, const char *family)
{
	char text[ADDRESS_TEXT];
	_cleanup_free_ char *home = xasprintf("home%s", family), *net = xasprintf("net%s", family);
	if (!s->address.family)
		return;
	struct subnet whole = { subnet_first(s), s->prefix };
	subnet_text(&whole, text);
	rules_element(t, verb, n->table, home, "\"%s\" . %s", n->bridge, text);
	rules_element(t, verb, n->table, net, "%s", text);
}

static void rules_elements(struct text *t, const char *verb, const struct network *n)
{
	rules_element(t, verb, n->table, "bridges", "\"%s\"", n->bridge);
	if (n->internal)
		rules_element(t, verb, n->table, "inner", "\"%s\"", n->bridge);
	rules_subnet(t, verb, n, &n->subnet4, "4");
	rules_subnet(t, verb, n, &n->subnet6, "6");
}

void rules_network(struct text *t, const struct network *n)
{
	rules_elements(t, "add", n);
	nat_rules(n, t);
}

void rules_network_remove(struct text *t, const struct network *n)
{
	/* nft 1.0.6 has no "destroy": deleting what is not there fails, so it is added first */
	rules_elements(t, "add", n);
	rules_elements(t, "delete", n);
	text_line(t, "add chain inet %s nat_%s", n->table, n->bridge);
	text_line(t, "flush chain inet %s nat_%s", n->table, n->bridge);
	text_line(t, "delete chain inet %s nat_%s", n->table, n->bridge);
}

void rules_unpublish(struct text *t, const struct port *p)
{
	struct text add = { 0 };
	publish_rules(p, &add);
	buf_adds(&t->buf, add.buf.data);
	/* the same element: "add element ..." without its first word */
	text_line(t, "delete%.*s", (int)(strcspn(add.buf.data, "\n") - strlen("add")),
		add.buf.data + strlen("add"));
	buf_release(&add.buf);
}
