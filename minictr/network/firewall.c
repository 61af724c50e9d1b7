/*
 * firewall.c - other programs' rules that drop our packets.
 *
 * Kernel interface: netlink(7), NETLINK_NETFILTER, NFT_MSG_GETCHAIN and NFT_MSG_GETRULE; nft(8).
 * docker, firewalld and ufw let the forward hook drop what they did not allow: docker by the policy of the
 * chain FORWARD, firewalld by its last rule. The rule that helps stands in their chain: first in DOCKER-
 * USER where there is one (docker leaves that to the user), else first in the chain with the policy.
 * iptables-nft reads such a rule as one of its own, so it survives there. Chains of iptables-legacy are
 * not seen by nftables: firewall_legacy.c.
 */
#include "network/firewall.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include "base/sys.h"
#include "base/warn.h"
#include "network/message.h"
#include "network/nft.h"

struct firewall_chain {
	uint8_t family;
	char table[64], name[64]; /* a chain at forward */
	bool drops;               /* what no rule of it accepted; by its policy, or by its last rule */
	char where[64];           /* the chain that our rule belongs into */
};

struct firewall_rule {
	uint8_t family;
	char table[64], chain[64];
	uint64_t handle;
};

struct firewall_seen {
	const char *word; /* rules that name this are collected */
	bool ipv6;        /* chains for IPv6 alone matter, too */
	struct firewall_chain chains[16];
	size_t n_chains;
	bool docker_user4, docker_user6;
	struct firewall_rule rules[16];
	size_t n_rules;
};

/* --- looking --- */

static bool firewall_is_ours(const char *table) { return !strncmp(table, "minictr_", strlen("minictr_")); }

static int firewall_one_chain(const struct nlmsghdr *h, void *data)
{
	struct firewall_seen *s = data;
	const struct nfgenmsg *g = NLMSG_DATA(h);
	size_t len;
	const char *table = message_find(h, sizeof(*g), NFTA_CHAIN_TABLE, NULL);
	const char *name = message_find(h, sizeof(*g), NFTA_CHAIN_NAME, NULL);
	const uint8_t *hook = message_find(h, sizeof(*g), NFTA_CHAIN_HOOK, &len);
	const uint32_t *policy = message_find(h, sizeof(*g), NFTA_CHAIN_POLICY, NULL);
	const uint32_t *number = hook ? message_inside(hook, len, NFTA_HOOK_HOOKNUM, NULL) : NULL;
	bool four = g->nfgen_family == NFPROTO_IPV4, six = g->nfgen_family == NFPROTO_IPV6 && s->ipv6;
	if (!table || !name || firewall_is_ours(table))
		return 0;
	if (str_eq(table, "filter") && str_eq(name, "DOCKER-USER")) {
		s->docker_user4 |= four;
		s->docker_user6 |= six;
	}
	bool forward = number && ntohl(*number) == NF_INET_FORWARD;
	if (!(four || six || g->nfgen_family == NFPROTO_INET) || !forward || !policy ||
		s->n_chains == ARRAY_LEN(s->chains))
		return 0;
	struct firewall_chain *c = &s->chains[s->n_chains++];
	*c = (struct firewall_chain){ .family = g->nfgen_family, .drops = ntohl(*policy) == NF_DROP };
	snprintf(c->table, sizeof(c->table), "%s", table);
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->where, sizeof(c->where), "%s", name);
	return 0;
}

/* "immediate" with the verdict drop. */
static bool firewall_verdict_drops(const char *expr, size_t len)
{
	size_t n, m;
	const char *value = message_inside(expr, len, NFTA_IMMEDIATE_DATA, &n);
	const char *verdict = value ? message_inside(value, n, NFTA_DATA_VERDICT, &m) : NULL;
	const uint32_t *code = verdict ? message_inside(verdict, m, NFTA_VERDICT_CODE, NULL) : NULL;
	return code && ntohl(*code) == NF_DROP;
}

/*
 * Does the rule drop or reject every packet? data: bool, at the end that of the chain's last rule. A
 * rule is a list of expressions: counters and log lines decide nothing, "immediate" carries the verdict,
 * "target" is one of iptables.
 */
static int firewall_last_rule(const struct nlmsghdr *h, void *data)
{
	static const char *const harmless[] = { "counter", "log", "reject", "immediate", "target" };
	size_t len = 0;
	const char *list = message_find(h, sizeof(struct nfgenmsg), NFTA_RULE_EXPRESSIONS, &len);
	bool ends = false, condition = !list;
	for (const char *at = list; at && at + sizeof(struct nlattr) <= list + len;) {
		const struct nlattr *one = (const void *)at;
		size_t body = one->nla_len < sizeof(*one) ? 0 : one->nla_len - sizeof(*one), n = 0;
		if (!one->nla_len || at + one->nla_len > list + len)
			break;
		const char *name = message_inside(at + sizeof(*one), body, NFTA_EXPR_NAME, NULL);
		const char *expr = message_inside(at + sizeof(*one), body, NFTA_EXPR_DATA, &n);
		const char *target = expr ? message_inside(expr, n, NFTA_TARGET_NAME, NULL) : NULL;
		bool known = false;
		for (size_t i = 0; name && i < ARRAY_LEN(harmless); i++)
			known |= str_eq(name, harmless[i]);
		condition |= !known;
		ends |= str_eq(name, "reject") || (str_eq(name, "target") && str_eq(target, "REJECT")) ||
			(str_eq(name, "immediate") && expr && firewall_verdict_drops(expr, n));
		at += NLA_ALIGN(one->nla_len);
	}
	*(bool *)data = ends && !condition;
	return 0;
}

/*
 * Rules that name what is looked for, in a condition or in their comment (nft keeps it in the rule's user
 * data).
 */
static int firewall_one_rule(const struct nlmsghdr *h, void *data)
{
	struct firewall_seen *s = data;
	const struct nfgenmsg *g = NLMSG_DATA(h);
	const char *table = message_find(h, sizeof(*g), NFTA_RULE_TABLE, NULL);
	const char *chain = message_find(h, sizeof(*g), NFTA_RULE_CHAIN, NULL);
	const uint64_t *handle = message_find(h, sizeof(*g), NFTA_RULE_HANDLE, NULL);
	if (!table || !chain || !handle || firewall_is_ours(table) || s->n_rules == ARRAY_LEN(s->rules) ||
		!memmem(h, h->nlmsg_len, s->word, strlen(s->word)))
		return 0;
	struct firewall_rule *r = &s->rules[s->n_rules++];
	*r = (struct firewall_rule){ .family = g->nfgen_family };
	snprintf(r->table, sizeof(r->table), "%s", table);
	snprintf(r->chain, sizeof(r->chain), "%s", chain);
	memcpy(&r->handle, handle, sizeof(r->handle));
	r->handle = be64toh(r->handle);
	return 0;
}

/* of: the rules of this chain only. */
static void firewall_ask(int type, const struct firewall_chain *of,
	int (*each)(const struct nlmsghdr *h, void *data), void *data)
{
	struct mc_err ignored = { 0 };
	struct message m;
	struct nfgenmsg g = { .nfgen_family = of ? of->family : NFPROTO_UNSPEC, .version = NFNETLINK_V0 };
	_cleanup_close_ int nl = sys_netlink(NETLINK_NETFILTER, &ignored);
	if (nl < 0)
		return;
	message_begin(&m, NFNL_SUBSYS_NFTABLES << 8 | type, 0, &g, sizeof(g));
	if (of) {
		message_string(&m, NFTA_RULE_TABLE, of->table);
		message_string(&m, NFTA_RULE_CHAIN, of->name);
	}
	message_dump(nl, &m, each, data);
}

/*
 * The chains that drop. firewalld, and the rules that many distributions begin with, accept by policy and
 * reject by the last rule.
 */
static void firewall_find_drops(struct firewall_seen *s)
{
	size_t kept = 0;
	firewall_ask(NFT_MSG_GETCHAIN, NULL, firewall_one_chain, s);
	for (size_t i = 0; i < s->n_chains; i++) {
		struct firewall_chain *c = &s->chains[i];
		if (!c->drops)
			firewall_ask(NFT_MSG_GETRULE, c, firewall_last_rule, &c->drops);
		if (c->drops)
			s->chains[kept++] = *c;
	}
	s->n_chains = kept;
}

/* --- acting --- */

static const char *firewall_family(uint8_t family)
{
	return family == NFPROTO_INET ? "inet" : family == NFPROTO_IPV6 ? "ip6" : "ip";
}

/* Does a rule of this program name the bridge? Then the user, or we, have added what it needs. */
static bool firewall_has_rule(const struct firewall_seen *s, const struct firewall_chain *c)
{
	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rules[i].family == c->family && str_eq(s->rules[i].table, c->table))
			return true;
	return false;
}

/* One rule for each direction and bridge. Comments carry our table's name: by it they are found again. */
static void firewall_text(const struct firewall_chain *c, const char *bridge, const char *own, struct text *t)
{
	static const char *const directions[] = { "iifname", "oifname" };
	for (size_t i = 0; i < ARRAY_LEN(directions); i++)
		text_line(t, "insert rule %s %s %s %s \"%s\" counter accept comment \"%s\"",
			firewall_family(c->family), c->table, c->where, directions[i], bridge, own);
}

/*
 * The command that helps. firewalld forgets rules that other programs put into its table; it keeps those of
 * its own command.
 */
static char *firewall_command(const char *bridge, bool firewalld, char *rules)
{
	_cleanup_free_ char *zone =
		xasprintf("firewall-cmd --permanent --zone=trusted --add-interface=%s; firewall-cmd "
			  "--zone=trusted --add-interface=%s",
			bridge, bridge);
	for (char *p = rules; p && *p; p++)
		if (*p == '\n')
			*p = p[1] ? ';' : '\0';
	if (!rules)
		return take_ptr(&zone);
	return xasprintf("%s%snft '%s'", firewalld ? zone : "", firewalld ? "; " : "", rules);
}

/*
 * Returns the first chain that drops, or NULL; t gets the rules that help. ours: a chain of firewalld is
 * treated like any other.
 */
static const struct firewall_chain *firewall_look(
	const struct network *n, bool ours, struct firewall_seen *s, struct text *t, bool *ret_firewalld)
{
	_cleanup_free_ char *own = xasprintf("%s %s", n->table, n->bridge);
	const struct firewall_chain *first = NULL;
	*s = (struct firewall_seen){ .word = n->bridge, .ipv6 = n->subnet6.address.family };
	firewall_find_drops(s);
	if (s->n_chains)
		firewall_ask(NFT_MSG_GETRULE, NULL, firewall_one_rule, s);
	for (size_t i = 0; i < s->n_chains; i++) {
		struct firewall_chain *c = &s->chains[i];
		bool docker = (c->family == NFPROTO_IPV4 && s->docker_user4) ||
			      (c->family == NFPROTO_IPV6 && s->docker_user6);
		if (firewall_has_rule(s, c))
			continue;
		first = first ? first : c;
		if (docker && str_eq(c->table, "filter"))
			snprintf(c->where, sizeof(c->where), "DOCKER-USER");
		if (!ours && str_eq(c->table, "firewalld"))
			*ret_firewalld = true;
		else
			firewall_text(c, n->bridge, own, t);
	}
	return first;
}

bool firewall_drops(const struct network *n, char **ret_chain, char **ret_command)
{
	struct firewall_seen s;
	struct text t = { 0 };
	bool firewalld = false;
	const struct firewall_chain *first = firewall_look(n, false, &s, &t, &firewalld);
	if (first) {
		*ret_chain = xasprintf("chain %s of table %s", first->name, first->table);
		*ret_command = firewall_command(n->bridge, firewalld, t.buf.data);
	}
	buf_release(&t.buf);
	return first;
}

void firewall_check(const struct network *n, bool cooperate)
{
	_cleanup_free_ char *chain = NULL, *command = NULL;
	struct firewall_seen s;
	struct text t = { 0 };
	struct mc_err err = { 0 };
	bool firewalld;
	if (!cooperate && firewall_drops(n, &chain, &command))
		warn_user("another program's firewall (%s) drops what containers send beyond this host. "
			  "Let it pass: %s; or write \"firewall\": \"cooperate\" into config.json",
			chain, command);
	if (cooperate && firewall_look(n, true, &s, &t, &firewalld) && nft_run(&t, &err) < 0)
		warn_user("another program's firewall drops packets of containers, and a rule of ours was "
			  "refused there: %s",
			err.what);
	buf_release(&t.buf);
}

void firewall_withdraw(const char *name)
{
	struct firewall_seen s;
	do { /* as many as one list holds */
		struct text t = { 0 };
		struct mc_err ignored = { 0 };
		s = (struct firewall_seen){ .word = name };
		firewall_ask(NFT_MSG_GETRULE, NULL, firewall_one_rule, &s);
		for (size_t i = 0; i < s.n_rules; i++)
			text_line(&t, "delete rule %s %s %s handle %llu", firewall_family(s.rules[i].family),
				s.rules[i].table, s.rules[i].chain, (unsigned long long)s.rules[i].handle);
		int rc = nft_run(&t, &ignored);
		buf_release(&t.buf);
		if (rc < 0)
			return;
	} while (s.n_rules == ARRAY_LEN(s.rules));
}
