/*
 * nft_element.c - the commands of every start with a published port, without the compiler of nft(8).
 *
 * Kernel interface: netlink(7), NETLINK_NETFILTER: NFT_MSG_NEWSETELEM and NFT_MSG_DELSETELEM between
 * NFNL_MSG_BATCH_BEGIN and NFNL_MSG_BATCH_END.
 * Why: libnftables needs a process of its own and some milliseconds, at each start and at each end.
 * The element itself costs the kernel 3 microseconds. So the text of publish_rules() (bridge.c) is read here,
 * word by word, and sent as it is; a text with any other command is left to the helper.
 *
 *     add element inet TABLE port4_at { 127.0.0.1 . tcp . 8080 : 10.213.0.2 . 80 }
 *
 * How the kernel keeps such a value: the fields one behind the other, each padded to four bytes.
 */
#include "network/nft_element.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include "base/sys.h"
#include "network/address.h"
#include "network/message.h"

enum { ELEMENT_BATCH_MAX = 64 << 10 }; /* more than that, or a thousand ports: the helper is no slower */

struct element {
	bool remove;
	char table[64], map[16];
	uint8_t key[32], value[32];
	size_t key_len, value_len;
};

/* --- reading --- */

static void element_field(uint8_t *to, size_t *len, const void *bytes, size_t n)
{
	memcpy(to + *len, bytes, n);
	*len += (n + 3) / 4 * 4;
}

/* The words between one mark and the next: "tcp . 8080". False for a word that is no field of ours. */
static bool element_fields(char *text, int family, uint8_t *to, size_t *len)
{
	char *save = NULL;
	for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		uint8_t protocol = str_eq(word, "tcp") ? IPPROTO_TCP : str_eq(word, "udp") ? IPPROTO_UDP : 0;
		struct address a;
		uint64_t number;
		if (str_eq(word, "."))
			continue;
		if (*len > 20)
			return false;
		if (protocol)
			element_field(to, len, &protocol, 1);
		else if (address_parse(word, family, &a) == 0)
			element_field(to, len, a.bytes, address_bytes(&a));
		else if (parse_u64(word, &number) == 0 && number < 65536)
			element_field(to, len, &(uint16_t){ htons((uint16_t)number) }, 2);
		else
			return false;
	}
	return true;
}

/* One line of the text, which is changed. */
static bool element_read(char *line, struct element *e)
{
	char verb[8], *brace = strchr(line, '{'), *end = strrchr(line, '}');
	*e = (struct element){ 0 };
	if (!brace || !end || end < brace ||
		sscanf(line, "%7s element inet %63s %15s {", verb, e->table, e->map) != 3)
		return false;
	char *value = strstr(brace, " : ");
	if (!value || !str_starts(e->map, "port") || strcspn(e->map, "46") != strlen("port"))
		return false;
	int family = e->map[strlen("port")] == '4' ? AF_INET : AF_INET6;
	*value = *end = '\0';
	e->remove = str_eq(verb, "delete");
	return (e->remove || str_eq(verb, "add")) && element_fields(brace + 1, family, e->key, &e->key_len) &&
	       element_fields(value + strlen(" : "), family, e->value, &e->value_len);
}

/* --- writing --- */

static void element_value(struct message *m, int type, const uint8_t *bytes, size_t len)
{
	size_t at = message_nest(m, type);
	message_attribute(m, NFTA_DATA_VALUE, bytes, len);
	message_nest_end(m, at);
}

static void element_add(struct buf *batch, const struct message *m)
{
	buf_add(batch, m->bytes, ((const struct nlmsghdr *)m->bytes)->nlmsg_len);
}

static void element_mark(struct buf *batch, int type)
{
	struct nfgenmsg g = { .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES) };
	struct message m;
	message_begin(&m, type, 0, &g, sizeof(g));
	element_add(batch, &m);
}

/* Without NLM_F_EXCL: the same element twice is no error, another value for its key is -EEXIST. */
static void element_write(struct buf *batch, const struct element *e)
{
	struct nfgenmsg g = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct message m;
	int type = e->remove ? NFT_MSG_DELSETELEM : NFT_MSG_NEWSETELEM;
	message_begin(&m, NFNL_SUBSYS_NFTABLES << 8 | type, NLM_F_ACK | (e->remove ? 0 : NLM_F_CREATE), &g,
		sizeof(g));
	message_string(&m, NFTA_SET_ELEM_LIST_TABLE, e->table);
	message_string(&m, NFTA_SET_ELEM_LIST_SET, e->map);
	size_t list = message_nest(&m, NFTA_SET_ELEM_LIST_ELEMENTS), one = message_nest(&m, NFTA_LIST_ELEM);
	element_value(&m, NFTA_SET_ELEM_KEY, e->key, e->key_len);
	if (!e->remove)
		element_value(&m, NFTA_SET_ELEM_DATA, e->value, e->value_len);
	message_nest_end(&m, one);
	message_nest_end(&m, list);
	element_add(batch, &m);
}

/* All answers are there when send(2) returns: the kernel runs a batch in the sender's own system call. */
static int element_answer(int nl)
{
	_Alignas(struct nlmsghdr) char answer[8192];
	int rc = -EIO; /* no answer at all */
	for (ssize_t n; (n = recv(nl, answer, sizeof(answer), MSG_DONTWAIT)) > 0;)
		for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, (size_t)n);
			h = NLMSG_NEXT(h, n)) {
			int error = h->nlmsg_type == NLMSG_ERROR
					    ? ((const struct nlmsgerr *)NLMSG_DATA(h))->error
					    : 0;
			if (error < 0)
				return error;
			rc = 0;
		}
	return rc;
}

bool nft_elements_run(const struct text *t, int *ret)
{
	_cleanup_free_ char *copy = xstrdup(t->buf.data);
	_cleanup_buf_ struct buf batch = { 0 };
	struct mc_err ignored = { 0 };
	char *save = NULL;
	element_mark(&batch, NFNL_MSG_BATCH_BEGIN);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		struct element e;
		if (!element_read(line, &e) || batch.len > ELEMENT_BATCH_MAX)
			return false;
		element_write(&batch, &e);
	}
	element_mark(&batch, NFNL_MSG_BATCH_END);
	_cleanup_close_ int nl = sys_netlink(NETLINK_NETFILTER, &ignored);
	if (nl < 0)
		return false;
	*ret = send(nl, batch.data, batch.len, 0) < 0 ? -errno : element_answer(nl);
	return true;
}

/* --- looking --- */

/* Called with each element of a map or set; key and value as the kernel keeps them. */
struct element_walk {
	void (*each)(const struct element *e, void *data);
	void *data;
	const char *table, *map;
};

static void element_part(const void *one, size_t len, int part, uint8_t to[32], size_t *ret_len)
{
	size_t n = 0, m = 0;
	const void *at = message_inside(one, len, part, &n);
	const void *bytes = at ? message_inside(at, n, NFTA_DATA_VALUE, &m) : NULL;
	*ret_len = bytes && m <= 32 ? m : 0;
	memcpy(to, bytes ? bytes : "", *ret_len);
}

/* One answer holds a list of elements. */
static int element_answers(const struct nlmsghdr *h, void *data)
{
	const struct element_walk *w = data;
	size_t len = 0;
	const char *at = message_find(h, sizeof(struct nfgenmsg), NFTA_SET_ELEM_LIST_ELEMENTS, &len);
	for (const char *end = at + len; at && at + NLA_HDRLEN <= end;) {
		const struct nlattr *one = (const void *)at;
		struct element e = { .remove = true };
		if (one->nla_len < NLA_HDRLEN || at + one->nla_len > end)
			break;
		size_t body = one->nla_len - (size_t)NLA_HDRLEN;
		element_part(at + NLA_HDRLEN, body, NFTA_SET_ELEM_KEY, e.key, &e.key_len);
		element_part(at + NLA_HDRLEN, body, NFTA_SET_ELEM_DATA, e.value, &e.value_len);
		snprintf(e.table, sizeof(e.table), "%s", w->table);
		snprintf(e.map, sizeof(e.map), "%s", w->map);
		w->each(&e, w->data);
		at += NLA_ALIGN(one->nla_len);
	}
	return 0;
}

static void element_walk(struct element_walk w)
{
	struct nfgenmsg g = { .nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0 };
	struct mc_err ignored = { 0 };
	struct message m;
	_cleanup_close_ int nl = sys_netlink(NETLINK_NETFILTER, &ignored);
	if (nl < 0)
		return;
	message_begin(&m, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETSETELEM, 0, &g, sizeof(g));
	message_string(&m, NFTA_SET_ELEM_LIST_TABLE, w.table);
	message_string(&m, NFTA_SET_ELEM_LIST_SET, w.map);
	message_dump(nl, &m, element_answers, &w);
}

struct element_want {
	const struct element *e;
	bool found;
};

static void element_compare(const struct element *e, void *data)
{
	struct element_want *w = data;
	w->found |= e->key_len >= w->e->key_len && !memcmp(e->key, w->e->key, w->e->key_len) &&
		    e->value_len == w->e->value_len && !memcmp(e->value, w->e->value, e->value_len);
}

bool nft_element_is_there(const char *line)
{
	_cleanup_free_ char *copy = xstrdup(line);
	struct element e;
	struct element_want w = { .e = &e };
	if (element_read(copy, &e))
		element_walk((struct element_walk){ element_compare, &w, e.table, e.map });
	return w.found;
}

bool nft_set_has_link(const char *table, const char *set, const char *link)
{
	struct element e = { .key_len = strlen(link) + 1 };
	struct element_want w = { .e = &e };
	memcpy(e.key, link, e.key_len);
	element_walk((struct element_walk){ element_compare, &w, table, set });
	return w.found;
}

/* --- what leads to one address --- */

struct element_forget {
	const struct address *address;
	struct buf batch;
	size_t found;
};

/* A value begins with the address. */
static void element_forget(const struct element *e, void *data)
{
	struct element_forget *f = data;
	size_t bytes = address_bytes(f->address);
	if (e->value_len < bytes || memcmp(e->value, f->address->bytes, bytes))
		return;
	element_write(&f->batch, e);
	f->found++;
}

void nft_elements_forget(const char *table, const struct address *a)
{
	static const char *const maps[][2] = { { "port4_any", "port4_at" }, { "port6_any", "port6_at" } };
	struct element_forget f = { .address = a };
	struct mc_err ignored = { 0 };
	_cleanup_close_ int nl = a->family ? sys_netlink(NETLINK_NETFILTER, &ignored) : -1;
	if (nl < 0)
		return;
	element_mark(&f.batch, NFNL_MSG_BATCH_BEGIN);
	for (size_t i = 0; i < 2; i++)
		element_walk(
			(struct element_walk){ element_forget, &f, table, maps[a->family == AF_INET6][i] });
	element_mark(&f.batch, NFNL_MSG_BATCH_END);
	if (f.found && send(nl, f.batch.data, f.batch.len, 0) > 0)
		element_answer(nl);
	buf_release(&f.batch);
}
