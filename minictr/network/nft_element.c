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
