/*
 * firewall.c - other programs' rules that drop our packets.
 *
 * Kernel interface: netlink(7), NETLINK_NETFILTER, NFT_MSG_GETCHAIN and NFT_MSG_GETRULE; nft(8).
 * docker, firewalld and ufw let the forward hook drop what they did not allow: docker by the policy of the
 * chain FORWARD. The rule that helps stands in their chain: first in DOCKER-USER where there is one (docker
 * leaves that to the user), else first in the chain with the policy. iptables-nft reads such a rule as one of
 * its own, so it survives there. Chains of iptables-legacy are not seen by nftables: firewall_legacy.c.
 */
#include "network/firewall.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include "base/sys.h"
#include "base/warn.h"
#include "network/message.h"
#include "network/nft.h"

struct firewall_chain {
	uint8_t family;
	char table[64], name[64]; /* whose policy at forward is drop */
	char where[64];           /* the chain that our rule belongs into */
};

struct firewall_rule {
	uint8_t family;
	char table[64], chain[64];
	uint64_t handle;
};

struct firewall_seen {
	const char *own; /* our table */
	struct firewall_chain chains[16];
	size_t n_chains;
	bool docker_user;
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
	if (!table || !name || firewall_is_ours(table))
		return 0;
	bool ip = g->nfgen_family == NFPROTO_IPV4 || g->nfgen_family == NFPROTO_INET;
	if (g->nfgen_family == NFPROTO_IPV4 && str_eq(table, "filter") && str_eq(name, "DOCKER-USER"))
		s->docker_user = true;
	bool forward = number && ntohl(*number) == NF_INET_FORWARD;
	if (!ip || !forward || !policy || ntohl(*policy) != NF_DROP || s->n_chains == ARRAY_LEN(s->chains))
		return 0;
	struct firewall_chain *c = &s->chains[s->n_chains++];
	*c = (struct firewall_chain){ .family = g->nfgen_family };
	snprintf(c->table, sizeof(c->table), "%s", table);
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->where, sizeof(c->where), "%s", name);
	return 0;
}

/* Rules whose comment is our table's name. nft keeps comments in the rule's user data, after two bytes of
 * type and length. */
static int firewall_one_rule(const struct nlmsghdr *h, void *data)
{
	struct firewall_seen *s = data;
	const struct nfgenmsg *g = NLMSG_DATA(h);
	size_t len;
	const char *table = message_find(h, sizeof(*g), NFTA_RULE_TABLE, NULL);
	const char *chain = message_find(h, sizeof(*g), NFTA_RULE_CHAIN, NULL);
	const uint64_t *handle = message_find(h, sizeof(*g), NFTA_RULE_HANDLE, NULL);
	const char *said = message_find(h, sizeof(*g), NFTA_RULE_USERDATA, &len);
	if (!table || !chain || !handle || !said || s->n_rules == ARRAY_LEN(s->rules) ||
		!memmem(said, len, s->own, strlen(s->own)))
		return 0;
	struct firewall_rule *r = &s->rules[s->n_rules++];
	*r = (struct firewall_rule){ .family = g->nfgen_family };
	snprintf(r->table, sizeof(r->table), "%s", table);
	snprintf(r->chain, sizeof(r->chain), "%s", chain);
	memcpy(&r->handle, handle, sizeof(r->handle));
	r->handle = be64toh(r->handle);
	return 0;
}

static void firewall_ask(int type, int (*each)(const struct nlmsghdr *h, void *data), struct firewall_seen *s)
{
	struct mc_err ignored = { 0 };
	struct message m;
	struct nfgenmsg g = { .nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0 };
	_cleanup_close_ int nl = sys_netlink(NETLINK_NETFILTER, &ignored);
	if (nl < 0)
		return;
	message_begin(&m, NFNL_SUBSYS_NFTABLES << 8 | type, 0, &g, sizeof(g));
	message_dump(nl, &m, each, s);
}

/* --- acting --- */

static const char *firewall_family(uint8_t family) { return family == NFPROTO_INET ? "inet" : "ip"; }

static bool firewall_has_rule(const struct firewall_seen *s, const struct firewall_chain *c)
{
	for (size_t i = 0; i < s->n_rules; i++)
		if (s->rules[i].family == c->family && str_eq(s->rules[i].table, c->table) &&
			str_eq(s->rules[i].chain, c->where))
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

void firewall_check(const char *table, const char *bridge, bool cooperate)
{
	_cleanup_free_ char *own = xasprintf("%s %s", table, bridge);
	struct firewall_seen s = { .own = own };
	struct text t = { 0 };
	struct mc_err err = { 0 };
	firewall_ask(NFT_MSG_GETCHAIN, firewall_one_chain, &s);
	if (!s.n_chains)
		return;
	firewall_ask(NFT_MSG_GETRULE, firewall_one_rule, &s);
	for (size_t i = 0; i < s.n_chains; i++) {
		struct firewall_chain *c = &s.chains[i];
		if (s.docker_user && c->family == NFPROTO_IPV4 && str_eq(c->table, "filter"))
			snprintf(c->where, sizeof(c->where), "DOCKER-USER");
		if (!firewall_has_rule(&s, c))
			firewall_text(c, bridge, own, &t);
	}
	if (t.buf.len && cooperate && nft_run(&t, &err) < 0)
		warn_user("another program's firewall drops packets of containers, and a rule of ours was "
			  "refused there: %s",
			err.what);
	else if (t.buf.len && !cooperate) {
		for (char *p = t.buf.data; *p; p++)
			if (*p == '\n' && p[1])
				*p = ';';
		t.buf.data[strcspn(t.buf.data, "\n")] = '\0';
		warn_user("another program's firewall (chain %s of table %s) drops what containers send "
			  "beyond this host. "
			  "Let it pass: nft '%s'; or write \"firewall\": \"cooperate\" into config.json",
			s.chains[0].name, s.chains[0].table, t.buf.data);
	}
	buf_release(&t.buf);
}

void firewall_withdraw(const char *name)
{
	struct firewall_seen s = { .own = name };
	struct text t = { 0 };
	struct mc_err ignored = { 0 };
	firewall_ask(NFT_MSG_GETRULE, firewall_one_rule, &s);
	for (size_t i = 0; i < s.n_rules; i++)
		if (!firewall_is_ours(s.rules[i].table))
			text_line(&t, "delete rule %s %s %s handle %llu", firewall_family(s.rules[i].family),
				s.rules[i].table, s.rules[i].chain, (unsigned long long)s.rules[i].handle);
	nft_run(&t, &ignored);
	buf_release(&t.buf);
}
